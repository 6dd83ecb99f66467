"""Accept headers as Orthanc reads them: told where it reads another meaning, and with `strict` read likewise."""

from __future__ import annotations

import pytest

from dicomweb.wado_samples import CT, SR, ct, report, store
from doors import Answer, Door
from fhantom.dicomweb import wado_portability
from fhantom.site import Site
from fhantom.wadouri.portability import DEPARTURES as WADOURI
from instances import ROOT, instance

ROWS = {row.name: row for row in wado_portability.DEPARTURES}
RELATED = "multipart/related"
DICOM = f'{RELATED}; type="application/dicom"'
BULK = f"{CT}/bulk/7fe00010"
FRAME = f"{CT}/frames/1"
NOWHERE = "/dicomweb/studies/1.2.3"


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    store(module_site.worlds.open(), ct(1), report(), instance(5))


ROWS |= {row.name: row for row in WADOURI}
OBJECT = f"/wadouri?requestType=WADO&objectUID={ROOT}"


def told(answer: Answer) -> set[str]:
    warnings = answer.headers.get_all("Warning") or []
    return {name for name, row in ROWS.items() if any(row.message in text for text in warnings)}


# Path, Accept, the status here, the row, the status there: all seen of Orthanc 1.10.1.
CASES = [
    (CT, f"{RELATED}; type =image/jpeg", 400, "wado-accept-read", 200),
    (CT, f'{RELATED}; type="image/jpeg", x', 400, "wado-accept-read", 200),
    (CT, f"{DICOM}; transfer-syntax = 1.2.3", 400, "wado-accept-read", 200),
    (CT, f"{DICOM}; transfer-syntax=*; transfer-syntax=1.2.3", 200, "wado-accept-list", 400),
    (CT, f"text/html; q=1, {DICOM}", 200, "wado-accept-list", 400),
    (CT, "*/*; q=0", 400, "wado-accept-read", 200),
    (CT, f"{RELATED}; type={'application/dicom'}", 200, None, 200),
    (CT, f'{RELATED}; boundary=x; type= "application/dicom" ', 200, None, 200),
    (BULK, f"{RELATED}; type =image/jpeg", 400, "wado-accept-read", 200),
    (BULK, "*/*; type=image/jpeg", 200, "wado-accept-list", 400),
    (BULK, f"{RELATED}; transfer-syntax=1.2.3", 200, None, 200),
    (FRAME, f"{RELATED}; type", 200, "wado-accept-list", 400),
    (FRAME, f"{RELATED} ; type=application/octet-stream", 200, None, 200),
    (NOWHERE, "application/zip", 404, "wado-accept-first", 400),
    (NOWHERE, DICOM, 404, None, 404),
    (f"{CT}/bulk/00420011", "application/octet-stream", 404, "wado-accept-first", 400),
    (f"{CT}/bulk/00420011", None, 404, None, 404),
    (f"{CT}/thumbnail", "application/zip", 400, "thumbnail", 404),
    (f"{NOWHERE}/thumbnail", "image/png", 404, None, 404),
]


@pytest.mark.parametrize(
    ("path", "accept", "here", "row", "there"), CASES, ids=[f"{path[-20:]} {accept}" for path, accept, *_ in CASES]
)
def test_a_header_that_the_real_server_reads_otherwise_is_told(
    door: Door, strict: Door, path: str, accept: str | None, here: int, row: str | None, there: int
) -> None:
    answer, recorded = (one.get(path, {"Accept": accept}) for one in (door, strict))
    assert (answer.status, recorded.status) == (here, there)
    assert told(answer) == ({row} if row else set())


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        (f"{CT}?accept=multipart/related", DICOM, 200),
        (f"{CT}?accept=image/png", "video/mp4", 400),
        (f"{CT}/metadata?accept=application/dicom", "text/html", 400),
        (f"{CT}/rendered?accept=image/png&viewport=2,2", "image/png", 200),
        (f"{CT}/rendered?iccprofile=no", "image/png", 200),
        ("/dicomweb/studies/1.2.3/rendered?quality=0", "image/png", 404),
        (f"/dicomweb/studies/{ROOT}.5", f"{DICOM}; transfer-syntax=1.2.840.10008.1.2.4.70", 200),
        (f"{OBJECT}.1.1.1&contentType=image/png&frameNumber=1&imageQuality=5&windowCenter=40", None, 200),
        (f"{OBJECT}.9.9.9&contentType=text/rtf", None, 404),
    ],
)
def test_an_answer_that_is_the_real_servers_is_not_told(
    door: Door, strict: Door, path: str, accept: str | None, status: int
) -> None:
    answer, recorded = (one.get(path, {"Accept": accept}) for one in (door, strict))
    assert (answer.status, recorded.status) == (status, status)
    assert told(answer) == set()


def test_a_form_that_no_object_has_is_refused_as_there_for_reports_too(door: Door) -> None:
    uid = SR.rpartition("/")[2]
    answer = door.get(f"/wadouri?requestType=WADO&objectUID={uid}&contentType=image/gif")
    assert (answer.status, told(answer)) == (400, set())


@pytest.mark.parametrize("form", ["accept=application/dicom%2Bxml", 'accept=multipart/related; type="image/jpeg"'])
def test_a_form_that_the_query_chooses_is_told(door: Door, form: str) -> None:
    assert "wado-accept-parameter" in told(door.get(f"{CT}?{form}".replace(" ", "%20"), {"Accept": DICOM}))


def test_options_of_wado_uri_are_told(door: Door, strict: Door) -> None:
    answer, recorded = (one.request("OPTIONS", f"{OBJECT}.1.1.1", {"Accept": "image/png"}) for one in (door, strict))
    assert (answer.status, answer.headers["Allow"], recorded.status) == (200, "GET, HEAD, OPTIONS", 404)
    assert told(answer) == {"options"}


@pytest.mark.parametrize(("syntax", "row"), [("*", None), ("*&anonymize=yes", "wadouri-object")])
def test_an_anonymous_object_is_told_in_any_syntax(door: Door, syntax: str, row: str | None) -> None:
    answer = door.get(f"{OBJECT}.1.1.1&contentType=application/dicom&transferSyntax={syntax}")
    assert (answer.status, told(answer)) == (200, {row} if row else set())
