"""Beside an installed Orthanc: what it answers otherwise is told with a Warning, whatever is asked."""

from __future__ import annotations

import io
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image

from doors import Answer, Socket, listening
from fhantom.app import create_app
from fhantom.site import Site
from instances import MULTIPART, multipart
from vna.peer import DICOMWEB, PROGRAM, orthanc

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(PROGRAM is None or not DICOMWEB.exists(), reason="Orthanc and its DICOMweb plugin are missing"),
]

FILES = Path(pydicom.__file__).parent / "data" / "test_files"
# UIDs as UN and a NumberOfFrames that it cannot read, dates and times with separators, a charset that it misreads.
UNLIKE = ("rtdose", "ExplVR_BigEnd", "J2K_pixelrep_mismatch")
# What only the server knows, and UIDs below a row, of which each server shows another one.
UNCOMPARED = ("00080005", "00081190", "00080018", "0020000E")
LEVELS = ("studies", "series", "instances")
INCLUDED = (
    "StudyDescription,SeriesDate,Manufacturer,StationName,ProtocolName,BodyPartExamined,ImageType,"
    "PatientAge,PatientWeight,PatientComments,SliceThickness,KVP,WindowCenter,BitsStored,PhotometricInterpretation,"
    "ContentDate,AcquisitionTime,OperatorsName,AcquisitionNumber"
)
# A value, another one of the attribute, and how a client may ask for them.
FORMS = ("{0}", "{0},{1}", "{0[0]}*", "*{0}", "{0}-", "-{0}", "{0}-{1}", "*", "", "?{0}", "{2}", "{3}")
OCTETS = 'multipart/related; type="application/octet-stream"'
RESOURCES: tuple[tuple[str, str | None], ...] = (
    ("", None),
    ("", 'multipart/related; type="application/dicom"; transfer-syntax=*'),
    ("/frames/1", None),
    ("/frames/1", f"{OCTETS}; transfer-syntax=*"),
    ("/frames/2", OCTETS),
    ("/frames/0", None),
    ("/rendered", "image/png"),
    ("/rendered?window=100,300,linear&viewport=50,40", "image/png"),
    ("/rendered?quality=101", None),
    ("/bulk/7fe00010", None),
    ("/bulk/00100010", "text/html"),
    ("/metadata", "text/html"),
    ("/nothing", None),
)


@dataclass(frozen=True)
class Pair:
    """The two servers, with the same objects."""

    real: Socket
    ours: Socket

    def ask(self, path: str, accept: str | None = None) -> tuple[Answer, Answer]:
        headers = {"Accept": accept}
        return self.real.get(f"/dicom-web{path}", headers), self.ours.get(f"/dicomweb{path}", headers)


@pytest.fixture(scope="module")
def pair(module_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with orthanc(tmp_path_factory.mktemp("orthanc"), [DICOMWEB]) as real, listening(create_app(module_site)) as ours:
        for file in sorted(FILES.glob("*.dcm")):
            if file.stem.startswith(UNLIKE):
                continue
            body = multipart(file.read_bytes())
            answers = [
                server.request("POST", f"{root}/studies", {"Content-Type": MULTIPART}, body).status
                for server, root in ((real, "/dicom-web"), (ours, "/dicomweb"))
            ]
            assert len(set(answers)) == 1, file.name
        yield Pair(real, ours)


def is_told(answer: Answer) -> bool:
    return any("real server" in text for text in answer.headers.get_all("Warning") or [])


def meaning(rows: list[dict[str, Any]]) -> Counter[str]:
    """Rows as a multiset, without the character set, the servers' own addresses, and values of nothing."""
    texts = (json.dumps({tag: one for tag, one in row.items() if tag != "00080005"}, sort_keys=True) for row in rows)
    return Counter(re.sub(r"https?://[^/]*/dicom-?web|\"Value\": \[\], ", "", text) for text in texts)


def differs(real: Answer, ours: Answer) -> bool:
    if real.status != ours.status:
        return True
    kind = ours.headers.get("Content-Type", "")
    if real.status != 200 or kind.startswith("multipart/"):
        return False
    if kind.startswith("image/"):
        pictures = [np.asarray(Image.open(io.BytesIO(one.body)).convert("RGB")).astype(int) for one in (real, ours)]
        return pictures[0].shape != pictures[1].shape or abs(pictures[0] - pictures[1]).mean() > 1
    return meaning(real.json()) != meaning(ours.json())


def plain(value: Any) -> str:
    text = str(value.get("Alphabetic", "") if isinstance(value, dict) else value)
    return text if re.fullmatch(r"[A-Za-z0-9.^_/-]+", text) else ""  # the old build does not decode queries


def test_searches_differ_only_where_it_is_told(pair: Pair) -> None:
    values: dict[str, set[str]] = {}
    for row in pair.real.get(f"/dicom-web/instances?includefield={INCLUDED}").json():
        for tag, attribute in row.items():
            values.setdefault(tag, set()).update(filter(None, map(plain, attribute.get("Value") or [])))
    chosen = random.Random(4)
    untold = []
    for tag, held in sorted(values.items()):
        if not held or tag in UNCOMPARED:
            continue
        for level in LEVELS:
            first, second = chosen.choice(sorted(held)), chosen.choice(sorted(held))
            for form in FORMS:
                query = f"/{level}?{tag}={form.format(first, second, first.lower(), first.upper())}"
                real, ours = pair.ask(query)
                if differs(real, ours) and not is_told(ours):
                    untold.append(query)
    assert untold == [], untold


def test_retrieval_differs_only_where_it_is_told(pair: Pair) -> None:
    untold = []
    for row in pair.real.get("/dicom-web/instances").json():
        study, series, uid = (row[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018"))
        for resource, accept in RESOURCES:
            path = f"/studies/{study}/series/{series}/instances/{uid}{resource}"
            real, ours = pair.ask(path, accept)
            assert ours.status < 500, path
            if differs(real, ours) and not is_told(ours) and not _is_better(resource, real, ours):
                untold.append((resource, accept, uid, real.status, ours.status))
    assert untold == [], untold


def _is_better(resource: str, real: Answer, ours: Answer) -> bool:
    """A failure of its own where there is a reason, and pictures of samples that it does not show."""
    return real.status >= 500 or (resource.startswith("/rendered") and (real.status, ours.status) == (400, 200))
