"""One spelling for every path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhantom.gateway.paths import canonical, first_segment, resolve_alias
from gateway.conftest import OpenGateway


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/", "/"),
        ("//", "/"),
        ("/fhir", "/fhir"),
        ("/fhir/", "/fhir"),
        ("/fhir/Patient/", "/fhir/Patient"),
        ("/fhir//Patient///", "/fhir/Patient"),
        ("//dicomweb//studies/", "/dicomweb/studies"),
        ("/dicom-web", "/dicomweb"),
        ("/dicom-web/studies/", "/dicomweb/studies"),
        ("//dicom-web//studies", "/dicomweb/studies"),
        ("/dicom-webs/studies", "/dicom-webs/studies"),
        ("/fhir-overview/fhir/ImagingStudy", "/fhir/ImagingStudy"),
        ("/fhir-overview/fhir-r4/Patient", "/fhir-overview/fhir-r4/Patient"),
        ("/fhir-overview", "/fhir-overview"),
        ("/dicomweb/./studies/.", "/dicomweb/studies"),
        ("/dicomweb/studies/1.2/../../series", "/dicomweb/series"),
        ("/fhir/../../..", "/"),
        ("/fhir/..Patient/.b", "/fhir/..Patient/.b"),
    ],
)
def test_rooms_see_canonical_paths(gateway: OpenGateway, asked: str, reached: str) -> None:
    assert gateway().get(asked).json()["path"] == reached


def test_a_slash_before_the_query_is_dropped_and_the_query_kept(gateway: OpenGateway) -> None:
    seen = gateway().get("/dicomweb/studies/?00100010=SIIM*").json()
    assert (seen["path"], seen["query"]) == ("/dicomweb/studies", "00100010=SIIM*")


def test_aliases_can_be_switched_off(gateway: OpenGateway) -> None:
    assert gateway(aliases=False).get("/dicom-web/studies").json()["path"] == "/dicom-web/studies"


@given(st.text(alphabet="/ab_.", max_size=12).map(lambda text: "/" + text))
def test_a_canonical_path_is_its_own_canonical_form(path: str) -> None:
    once = canonical(path)
    assert canonical(once) == once
    assert once.startswith("/") and "//" not in once and (once == "/" or not once.endswith("/"))
    assert resolve_alias(once) == once or once.startswith(("/dicom-web", "/fhir-overview"))
    assert "/" not in first_segment(once)
