"""The same files in a real Orthanc and here: the same answers, key by key, but for the differences of a table."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom.data
import pytest

from doors import InProcess, Socket
from fhantom.app import create_app
from fhantom.site import Site
from instances import instance
from vna.peer import PROGRAM, orthanc

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(PROGRAM is None, reason="needs Orthanc (Debian package orthanc)"),
]

FILES = (
    "CT_small.dcm",
    "MR_small.dcm",
    "ExplVR_BigEnd.dcm",
    "JPEG2000.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_rgb_rle_2frame.dcm",
    "examples_palette.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
    "nested_priv_SQ.dcm",
    "reportsi.dcm",
    "rtplan.dcm",
    "rtdose_1frame.dcm",
    "rtstruct.dcm",
)

# Where the answers differ on purpose: a key of an answer, and why.
DELIBERATE = {
    "FileUuid": "names the file of Orthanc's storage; here it follows from the content",
    "LastUpdate": "the moment of storing, which differs between the two",
    "IsStable": "depends on that moment",
    "ReceptionDate": "the same",
    "Uuid": "as FileUuid",
    "Version": "tells that this is not Orthanc",
    "HttpPort": "each has its own",
    "RemoteIP": "is not kept here, as nobody needs to know who stored what",
    "HttpUsername": "the same",
}

RETIRED = "RETIRED_"  # how DCMTK's dictionary begins the names of some retired elements
PRIVATE = "[0-9a-f]{3}[13579bdf],[0-9a-f]{4}"


@dataclass(frozen=True)
class Pair:
    """Both servers with the same content."""

    theirs: Socket
    ours: InProcess

    def get(self, path: str) -> tuple[Any, Any]:
        return self._both("GET", path)

    def post(self, path: str, body: Any) -> tuple[Any, Any]:
        return self._both("POST", path, body if isinstance(body, bytes) else json.dumps(body).encode())

    def _both(self, method: str, path: str, body: bytes = b"") -> tuple[Any, Any]:
        theirs, ours = self.theirs.request(method, path, {}, body), self.ours.request(method, f"/vna{path}", {}, body)
        assert theirs.status == ours.status, (path, theirs.text, ours.text)
        return plain(theirs.json()), plain(ours.json())


def without_name(element: Any) -> Any:
    """Orthanc names private elements by the dictionary of DCMTK."""
    return {key: told for key, told in element.items() if key != "Name"} if isinstance(element, dict) else element


def private_names(tags: Any) -> set[str]:
    """What `/tags` calls private elements, and group lengths."""
    if isinstance(tags, list):
        return {name for item in tags for name in private_names(item)}
    if not isinstance(tags, dict):
        return set()
    own = {told["Name"] for tag, told in tags.items() if re.fullmatch(f"{PRIVATE}|.*,0000", tag)}
    return own | {name for told in tags.values() for name in private_names(told["Value"])}


def standard(theirs: Any, ours: Any, private: set[str]) -> Any:
    """Theirs without private elements, which `/simplified-tags` leaves out here."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        kept = {key for key in theirs if key in ours or key not in private}
        return {key: standard(theirs[key], ours.get(key), private) for key in kept}
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        return [standard(*pair, private) for pair in zip(theirs, ours, strict=True)]
    return theirs


def in_any_order(value: Any) -> Any:
    return sorted(value, key=lambda one: json.dumps(one, sort_keys=True)) if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """Without what differs on purpose."""
    if isinstance(value, dict):
        return {
            key.removeprefix(RETIRED): without_name(plain(inner)) if re.fullmatch(PRIVATE, key) else plain(inner)
            for key, inner in value.items()
            if key not in DELIBERATE
        }
    if isinstance(value, str):
        return value.removeprefix(RETIRED)
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def pair(module_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    found = [Path(str(pydicom.data.get_testdata_file(name))).read_bytes() for name in FILES]
    made = [instance(1, series, number) for series in (1, 2) for number in (1, 2, 3)]
    made += [instance(2, 1, 1, PatientName="Éluard^Paul", PatientSex="", OtherPatientIDs="A\\B")]
    made += [instance(3, 1, 1, PatientID="", ImageComments="x" * 300, CardiacNumberOfImages=2, InstanceNumber=2)]
    made += [instance(4, 1, 1, PatientID="P1", PatientName="Doe^Other", InstanceNumber=None)]
    with orthanc(tmp_path_factory.mktemp("orthanc")) as theirs:
        both = Pair(theirs, InProcess(create_app(module_site)))
        for body in found + made:
            if (told := theirs.request("POST", "/instances", {}, body)).status == 200:
                assert plain(told.json()) == plain(both.ours.request("POST", "/vna/instances", {}, body).json())
        yield both


def every(pair: Pair, kind: str) -> list[str]:
    found: list[str] = pair.theirs.get(f"/{kind}").json()
    return found


@pytest.mark.parametrize("kind", ["patients", "studies", "series", "instances"])
def test_every_identifier_is_orthancs_and_says_the_same(pair: Pair, kind: str) -> None:
    theirs, ours = pair.get(f"/{kind}?expand")
    assert theirs == ours
    assert {one["ID"] for one in theirs} == set(every(pair, kind))
    assert len(theirs) > 8


@pytest.mark.parametrize(
    "path",
    [
        *("/statistics", "/system", "/studies?since=1&limit=0", "/studies?expand&full&since=1&limit=2"),
        *("/jobs", "/jobs?expand", "/modalities", "/modalities?expand", "/peers", "/peers?expand", "/queries"),
        "/exports",
    ],
)
def test_what_is_said_of_the_whole_is_the_same(pair: Pair, path: str) -> None:
    theirs, ours = pair.get(path)
    assert theirs == ours
    assert type(theirs) is type(ours)


@pytest.mark.parametrize(
    ("kind", "rest"),
    [
        *(("patients", rest) for rest in ("", "/studies", "/series", "/instances", "/statistics")),
        *(("studies", rest) for rest in ("", "/patient", "/series", "/instances", "/statistics")),
        *(("series", rest) for rest in ("", "/patient", "/study", "/instances", "/statistics")),
        *(("instances", rest) for rest in ("", "/patient", "/study", "/series", "/frames", "/statistics")),
        *(("instances", rest) for rest in ("/simplified-tags", "/tags", "/tags?short", "/tags?simplify", "/header")),
        *(("instances", rest) for rest in ("/metadata?expand", "/attachments", "/attachments/dicom/info", "/content")),
        *(("studies", rest) for rest in ("/instances-tags?simplify", "/shared-tags?simplify", "?full", "?short")),
        *(("series", rest) for rest in ("/metadata", "/metadata?expand", "/attachments", "?full", "/study?short")),
        *(("patients", rest) for rest in ("/metadata?expand", "/attachments", "/shared-tags?simplify", "?short")),
    ],
    ids=lambda value: value.strip("/") or "itself",
)
def test_everything_below_an_identifier_is_the_same(pair: Pair, kind: str, rest: str) -> None:
    instances = every(pair, "instances") if "simpl" in rest else []
    private = {name for one in instances for name in private_names(pair.theirs.get(f"/instances/{one}/tags").json())}
    for identifier in every(pair, kind):
        theirs, ours = pair.get(f"/{kind}/{identifier}{rest}")
        if "simpl" in rest:
            theirs = standard(theirs, ours, private)
        if kind == "patients" or rest == "/instances":  # two levels down the order is nobody's promise
            theirs, ours = in_any_order(theirs), in_any_order(ours)
        assert theirs == ours, identifier


def test_files_come_back_as_they_were_stored(pair: Pair) -> None:
    for identifier in every(pair, "instances"):
        path = f"/instances/{identifier}/file"
        theirs, ours = pair.theirs.get(path), pair.ours.get(f"/vna{path}")
        assert theirs.body == ours.body
        assert theirs.headers["Content-Type"] == ours.headers["Content-Type"]


def test_previews_show_the_same_picture(pair: Pair) -> None:
    from PIL import Image, ImageChops, ImageStat

    compared = 0
    for identifier in every(pair, "instances"):
        path = f"/instances/{identifier}/preview"
        theirs, ours = pair.theirs.get(path), pair.ours.get(f"/vna{path}")
        if theirs.status != 200:
            continue
        assert (ours.status, ours.headers["Content-Type"]) == (200, theirs.headers["Content-Type"]), identifier
        one, other = (Image.open(io.BytesIO(answer.body)).convert("RGB") for answer in (theirs, ours))
        assert one.size == other.size
        assert max(ImageStat.Stat(ImageChops.difference(one, other)).mean) < 3, identifier
        compared += 1
    assert compared > 10


@pytest.mark.parametrize(
    "body",
    [
        {"Level": "Study", "Query": {"PatientName": "doe*"}},
        {"Level": "Study", "Query": {"PatientName": "Doe*"}, "CaseSensitive": True},
        {"Level": "Study", "Query": {"PatientName": "doe*"}, "CaseSensitive": True},
        {"Level": "Patient", "Query": {"PatientID": "P*"}},
        {"Level": "Patient", "Query": {}},
        {"Level": "Series", "Query": {"Modality": "CT"}},
        {"Level": "Series", "Query": {"Modality": "CT\\MR"}, "Expand": True},
        {"Level": "Instance", "Query": {"InstanceNumber": "1"}},
        {"Level": "Study", "Query": {"StudyDate": "20200101-20200201"}},
        {"Level": "Study", "Query": {"StudyDate": "19000101-20040201"}},
        {"Level": "Study", "Query": {"ModalitiesInStudy": "MR"}},
        {"Level": "Study", "Query": {"0010,0010": "*"}},
        {"Level": "Study", "Query": {"00100020": "P1"}},
        {"Level": "Study", "Query": {"PatientName": "D?e^John^1"}},
        {"Level": "Study", "Query": {"StudyInstanceUID": "1.2.3"}},
        {"Level": "Study", "Query": {"PatientID": "P1"}, "Expand": True, "Full": True},
        {"Level": "Series", "Query": {"PatientID": "P1"}, "Expand": True, "Short": True},
    ],
    ids=lambda body: f"{body['Level']} {json.dumps(body['Query'])}{' case' if 'CaseSensitive' in body else ''}",
)
def test_a_find_gives_the_same(pair: Pair, body: dict[str, Any]) -> None:
    theirs, ours = pair.post("/tools/find", body)
    assert in_any_order(theirs) == in_any_order(ours)


@pytest.mark.parametrize("text", ["P1", "1.2.826.0.1.3680043.8.498.4711.1", "nothing", ""])
def test_a_lookup_gives_the_same(pair: Pair, text: str) -> None:
    theirs, ours = pair.post("/tools/lookup", text.encode())
    assert theirs == ours


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/studies/nothing", b""),
        ("GET", "/studies/nothing/series", b""),
        ("GET", "/studies/nothing/archive", b""),
        ("GET", "/studies/nothing/metadata", b""),
        ("GET", "/studies/nothing/attachments", b""),
        ("GET", "/studies/nothing/shared-tags", b""),
        ("GET", "/instances/nothing/frames/0/raw", b""),
        ("GET", "/instances/nothing/attachments/dicom/size", b""),
        ("GET", "/jobs/nothing", b""),
        ("GET", "/modalities/nothing", b""),
        ("POST", "/tools/create-archive", b"{}"),
        ("POST", "/tools/create-archive", b'["nothing"]'),
        ("GET", "/nothing", b""),
        ("DELETE", "/studies/nothing", b""),
        ("GET", "/tools/lookup", b""),
        ("GET", "/studies?limit=1", b""),
        ("GET", "/studies?since=1", b""),
        ("GET", "/studies?since=x&limit=1", b""),
        ("POST", "/tools/find", b"{"),
        ("POST", "/tools/find", b'{"Level":"Study"}'),
        ("POST", "/tools/find", b'{"Level":"Nothing","Query":{}}'),
        ("POST", "/instances", b"x"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_refusals_are_the_same(pair: Pair, method: str, path: str, body: bytes) -> None:
    theirs, ours = pair.theirs.request(method, path, {}, body), pair.ours.request(method, f"/vna{path}", {}, body)
    assert (theirs.status, bool(theirs.body)) == (ours.status, bool(ours.body))
    if theirs.body:
        told, own = theirs.json(), ours.json()
        assert {**told, "Uri": ""} == {**own, "Uri": "", **({"Details": told["Details"]} if "Details" in told else {})}


def test_deleting_leaves_the_same_behind(pair: Pair) -> None:
    """Last, since nothing is as before then."""
    for kind in ("instances", "series", "studies", "patients"):
        identifier = every(pair, kind)[0]
        theirs = pair.theirs.request("DELETE", f"/{kind}/{identifier}").json()
        ours = pair.ours.request("DELETE", f"/vna/{kind}/{identifier}").json()
        assert theirs == ours
        for other in ("patients", "studies", "series", "instances"):
            theirs, ours = pair.get(f"/{other}")
            assert in_any_order(theirs) == in_any_order(ours)
    theirs, ours = pair.get("/statistics")
    assert theirs == ours
