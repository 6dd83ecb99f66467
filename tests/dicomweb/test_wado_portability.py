"""What the real server would not retrieve so is told, or refused where that is asked for."""

from __future__ import annotations

import pytest

from dicomweb.wado_samples import CT, SR, STUDY, ct, report, store
from doors import Door
from fhantom.dicomweb.wado_portability import DEPARTURES
from fhantom.site import Site
from fhantom.wadouri.portability import DEPARTURES as WADOURI
from instances import ROOT

OBJECT = f"/wadouri?requestType=WADO&objectUID={ROOT}.1.1.1"
REPORT = f"/wadouri?requestType=WADO&objectUID={SR.rpartition('/')[2]}"
RLE = "1.2.840.10008.1.2.5"
IMPLICIT = "1.2.840.10008.1.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
OCTETS = "multipart/related; type=application/octet-stream"

CASES = [
    ("wado-accept-parameter", f"{CT}/rendered?accept=image/png", None, None),
    ("wado-single-part", CT, "application/dicom", 400),
    ("wado-zip", STUDY, "application/zip", 400),
    ("wado-accept-list", CT, "text/html, multipart/related; type=application/dicom", 400),
    ("wado-encoders", CT, f"multipart/related; type=application/dicom; transfer-syntax={RLE}", 500),
    ("metadata-includefield", f"{CT}/metadata?includefield=00100010", None, None),
    ("wado-deflated", CT, f"multipart/related; type=application/dicom; transfer-syntax={DEFLATED}", None),
    ("metadata-xml", f"{CT}/metadata", 'multipart/related; type="application/dicom+xml"', None),
    ("frames-single-part", f"{CT}/frames/1", "application/octet-stream", 400),
    ("frames-encoders", f"{CT}/frames/1", 'multipart/related; type="image/jp2"', 500),
    ("bulk-single-part", f"{CT}/bulk/7fe00010", "application/octet-stream", 400),
    ("bulk-resources", f"{CT}/pixeldata", None, 404),
    ("rendered-accept", f"{CT}/rendered", "image/jpeg, image/png", 400),
    ("rendered-types", f"{SR}/rendered", "*/*", 400),
    ("frames-accept-list", f"{CT}/frames/1", f"{OCTETS}, {OCTETS}; transfer-syntax={IMPLICIT}", None),
    ("rendered-window-exact", f"{CT}/rendered?window=40,400,linear-exact", None, None),
    ("rendered-annotation", f"{CT}/rendered?annotation=patient", None, None),
    ("thumbnail", f"{CT}/thumbnail", None, 404),
    ("wadouri-root", f"/dicomweb?requestType=WADO&objectUID={ROOT}.1.1.1", None, 404),
    ("wadouri-gif", f"{OBJECT}&contentType=image/gif", None, 400),
    ("wadouri-label", OBJECT, None, None),
    ("wadouri-accept", OBJECT, "image/png", None),
    ("wadouri-shape", f"{OBJECT}&contentType=image/png&rows=5", None, None),
    ("wadouri-object", f"{OBJECT}&contentType=application/dicom&transferSyntax={RLE}", None, None),
    ("wadouri-text", f"{REPORT}&contentType=text/html", None, 400),
]


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    store(module_site.worlds.open(), ct(1), report())


@pytest.mark.parametrize(("name", "path", "accept", "status"), CASES, ids=[case[0] for case in CASES])
def test_a_departure_is_told_with_its_evidence(
    door: Door, strict: Door, name: str, path: str, accept: str | None, status: int | None
) -> None:
    row = next(row for row in (*DEPARTURES, *WADOURI) if row.name == name)
    answer = door.get(path, {"Accept": accept})
    assert answer.status == 200, answer.body
    expected = f'299 fhantom "real server: {row.message} ({row.evidence})"'
    assert expected in (answer.headers.get_all("Warning") or [])
    refused = strict.get(path, {"Accept": accept})
    assert row.status == status
    assert refused.status == (status or 200)
    if status is not None and status not in (404, 500):
        assert "Details" in refused.json()
    if status == 500:
        assert refused.json()["OrthancStatus"] == row.failure.number


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        (CT, None),
        (STUDY, "multipart/related; type=application/dicom; transfer-syntax=*"),
        (f"{CT}/metadata", "application/dicom+json"),
        (f"{CT}/frames/1", "multipart/related; type=application/octet-stream; transfer-syntax=*"),
        (f"{CT}/bulk/7fe00010", "*/*"),
        (f"{CT}/rendered", "image/png"),
        (f"{OBJECT}&contentType=image/png", None),
    ],
)
def test_what_the_real_server_does_too_has_no_warning(door: Door, strict: Door, path: str, accept: str | None) -> None:
    for server in (door, strict):
        answer = server.get(path, {"Accept": accept})
        assert (answer.status, answer.headers.get_all("Warning")) == (200, None)


def test_a_range_is_told_too(door: Door) -> None:
    answer = door.get(f"{CT}/rendered", {"Range": "bytes=0-9"})
    assert answer.status == 206
    assert "200 with the whole body" in answer.headers["Warning"]


@pytest.mark.parametrize("table", [DEPARTURES, WADOURI], ids=["WADO-RS", "WADO-URI"])
def test_names_are_unique_and_words_fit_into_a_header(table: tuple[type, ...]) -> None:
    names = [row.name for row in table]
    assert len(names) == len(set(names))
    assert all((row.message + row.evidence).isascii() and '"' not in row.message + row.evidence for row in table)
