"""Whatever clients ask, the journal can say what it nearly found."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhantom.dicomweb import near_misses as dicomweb
from fhantom.fhir import near_misses as fhir
from fhantom.wire.near_misses import Asked
from fhantom.world import World

pytestmark = pytest.mark.long

FHIR_PATHS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["/fhir/", "/fhir-r4/"]),
    st.sampled_from(["Patient", "Observation", "Location", "ValueSet", "Nope", "$x", ""]) | st.text(max_size=5),
    st.sampled_from(["", "/_search", "/x", "/x/_history/1", "/$everything"]),
)
FHIR_NAMES = st.sampled_from(
    (
        *("name", "birthdate", "gender", "_id", "_has:Observation:patient:code", "patient", "subject.name", "_filter"),
        *("near", "value-quantity", "identifier:of-type", "_sort", "_contained", "code-value-quantity", "_list", "%"),
    )
)
QIDO_PATHS = st.sampled_from(
    ["/studies", "/series", "/instances", "/studies/1.2/series", "/studies/1*/instances", "/studies//series", "", "/"]
)
QIDO_NAMES = st.sampled_from(
    (
        *("PatientName", "StudyDate", "ModalitiesInStudy", "00100010", "offset", "limit", "fuzzymatching", "%%"),
        *("StudyInstanceUID", "00400275.00400007", "SeriesTime", "NumberOfStudyRelatedSeries", "emptyvaluematching"),
    )
)
VALUES = (
    st.sampled_from(
        (
            *("siim", "ge1950", "le1950-13", "ge0000", "x|y", "|", ",", "a$b"),
            *("1|2|3", "*", "1-2", "-", "a^b^c"),
        )
    )
    | st.text(max_size=12)
    | st.integers().map(str)
)
FEW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def queries(names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.tuples(names | st.text(max_size=5), VALUES), max_size=5).map(urlencode)


@FEW
@given(path=FHIR_PATHS, query=queries(FHIR_NAMES), form=queries(FHIR_NAMES), is_empty=st.booleans())
def test_every_fhir_question_is_explained(world: World, path: str, query: str, form: str, is_empty: bool) -> None:
    assert isinstance(fhir.near_misses(world, Asked(path, query, form, "http://testserver", is_empty)), list)


@FEW
@given(path=QIDO_PATHS, query=queries(QIDO_NAMES), is_empty=st.booleans())
def test_every_dicom_question_is_explained(world: World, path: str, query: str, is_empty: bool) -> None:
    assert isinstance(dicomweb.near_misses(world, Asked(f"/dicomweb{path}", query, is_empty=is_empty)), list)
