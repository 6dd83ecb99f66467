"""Two hundred requests of parts that do not belong together: each is answered, none with a failure of the server."""

from __future__ import annotations

import random

import pytest

from dicomweb.wado_samples import ct, multi_frame, report, store
from doors import Door, InProcess
from fhantom.app import create_app
from fhantom.site import Site
from instances import MULTIPART, ROOT, instance, multipart

METHODS = ("GET", "GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND")
STEPS = (
    "studies", "series", "instances", "metadata", "rendered", "thumbnail", "frames", "bulk", "bulkdata", "pixeldata",
    f"{ROOT}.1", f"{ROOT}.1.1", f"{ROOT}.1.1.1", "1", "0", "-1", "1,99999999999999999999", "1.5", "7fe00010",
    "7fe0,0010", "00081032", "..", ".", "%2e%2e", "%00", "%ff", "%", "", "x" * 300, "*", "%5C", "%0d%0a", "%F0%9F",
)  # fmt: skip
NAMES = (
    "limit", "offset", "includefield", "fuzzymatching", "PatientName", "StudyDate", "00280010", "00400275.00400009", "",
    "accept", "viewport", "window", "quality", "annotation", "iccprofile", "requestType", "objectUID", "contentType",
    "rows", "region", "frameNumber", "transferSyntax", "anonymize", "charset", "presentationUID", "windowWidth",
)  # fmt: skip
VALUES = (
    "", "0", "-1", "1e999", "99999999999999999999", "NaN", "*", "**?*", "%00", "%ff", "[", "\\", "%5C%5C", "1,2,3,4",
    ",", "all", "image/png", "WADO", "-", "--", "2020-2019", "19000101-", "1" * 400, "=", ";", "true", f"{ROOT}.1.1.1",
    "application/dicom", "0,0,0,0", "1,1,1,1", "nan,nan,linear", "yes", "utf-8",
)  # fmt: skip
ACCEPTS = (
    None, "", "*/*", "image/png", "image/gif;q=x", "multipart/related", 'multipart/related; type="', ",,,", "a/b;" * 99,
    "application/zip", "text/csv", 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.3',
)  # fmt: skip
BODIES = (b"", b"--boundary--", multipart(instance(5))[:300], b"\0" * 500, b"{", multipart(b"junk"))
TYPES = ("", MULTIPART, "application/dicom", "application/dicom+json", "multipart/related; boundary=", "text/plain; x")


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    store(module_site.worlds.open(), ct(1), multi_frame(), report())


@pytest.fixture(scope="module")
def inside(module_site: Site) -> Door:
    return InProcess(create_app(module_site))


@pytest.mark.parametrize("seed", range(10))
def test_no_request_makes_the_server_fail(inside: Door, seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(20):
        root = chosen.choice(("/dicomweb", "/dicomweb", "/dicom-web", "/wadouri"))
        path = "/".join((root, *(chosen.choice(STEPS) for _ in range(chosen.randrange(9)))))
        if chosen.random() < 0.6:
            path = chosen.choice((f"/dicomweb/studies/{ROOT}.1/series/{ROOT}.1.1/instances/{ROOT}.1.1.1", path))
            path += "/" + chosen.choice(STEPS)
        query = "&".join(f"{chosen.choice(NAMES)}={chosen.choice(VALUES)}" for _ in range(chosen.randrange(5)))
        method, headers = chosen.choice(METHODS), {"Accept": chosen.choice(ACCEPTS)}
        body = b""
        if method in ("POST", "PUT", "PATCH"):
            headers["Content-Type"], body = chosen.choice(TYPES), chosen.choice(BODIES)
        answer = inside.request(method, f"{path}?{query}", headers, body)
        assert 200 <= answer.status < 500, (method, path, query, headers)
