"""Which rows a search finds: every kind of matching, at every level, through both doors."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from doors import Door
from fhantom.archive.ingest import Accepted, Incoming, accept, keep
from fhantom.site import Site
from instances import ROOT, dataset, encoded

STUDIES = {
    1: {"PatientName": "Doe^John", "StudyDate": "20200115", "StudyTime": "101500", "AccessionNumber": "A-1"},
    2: {"PatientName": "Doe^Jane", "StudyDate": "20200220", "StudyTime": "235959.5", "Modality": "MR"},
    3: {"PatientName": "Müller^Jörg", "StudyDate": "20211231", "StudyDescription": "Chest, PA", "Modality": "DX"},
    4: {"PatientName": "Yamada^Tarou=山田^太郎", "StudyDate": "", "StudyTime": "", "AccessionNumber": ""},
    5: {"PatientName": None, "StudyDate": "2020.03.01", "PatientID": "x[1]%_", "Modality": "OT"},
}


def _anatomic(code: str) -> Sequence:
    region = Dataset()
    region.CodeValue = code
    return Sequence([region])


def _objects() -> Iterator[Dataset]:
    for study, attributes in STUDIES.items():
        yield dataset(study, **attributes)
    yield dataset(1, 1, 2, Rows=8, WindowCenter=["40", "300"], ImageType=["ORIGINAL", "PRIMARY", "AXIAL"])
    yield dataset(1, 2, 1, Modality="SR", AnatomicRegionSequence=_anatomic("T-D1100"), Rows=None)
    private = dataset(2, 1, 2, Modality="MR", AcquisitionDateTime="20200115101500.5+0100")
    block = private.private_block(0x0009, "FHANTOM TEST", create=True)
    for offset, (vr, value) in enumerate((("LO", "private text"), ("DS", "1.5"), ("DA", "20200105"), ("US", 9)), 1):
        block.add_new(offset, vr, value)
    yield private


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    incoming = []
    for made in _objects():
        body = encoded(made)
        accepted = accept(body)
        assert isinstance(accepted, Accepted)
        incoming.append(Incoming(accepted, body))
    keep(module_site.worlds.open(), incoming)


def studies_of(door: Door, query: str) -> set[int]:
    answer = door.get(f"/dicomweb/studies?{query}")
    assert answer.status == 200, answer.body
    return {int(row["0020000D"]["Value"][0].removeprefix(f"{ROOT}.")) for row in answer.json()}


EVERY = set(STUDIES)
MATCHING = {
    # PS3.4 C.2.2.2.1 single value, without regard to case
    "PatientID=P1": {1},
    "PatientID=p1": {1},
    "00100020=P1": {1},
    "0010,0020=P1": {1},
    "PatientName=doe^john": {1},
    "PatientName=DOE": set(),
    "PatientName=DOE^JOHN^": set(),
    f"PatientName={quote('MÜLLER^JÖRG')}": {3},
    "PatientName=Muller*": set(),
    "StudyDescription=Chest%2C%20PA": {3},
    "StudyDescription=CT+Head": {1, 2, 4, 5},
    # C.2.2.2.4 wildcards; what other languages take for one is literal
    "PatientName=doe*": {1, 2},
    "PatientName=*JOHN": {1},
    "PatientName=D?E^J???": {1, 2},
    f"PatientName={quote('M?ller^J?rg')}": {3},
    f"PatientName={quote('*山田*')}": {4},
    "PatientName=Yamada^Tarou": set(),
    "PatientName=D.E*": set(),
    "PatientName=%5BD%5Doe*": set(),
    "PatientName=D_e^John": set(),
    "PatientID=x%5B1%5D*": {5},
    "PatientID=x%5B1%5D%25_": {5},
    "PatientName=*": {1, 2, 3, 4},
    "PatientName=": EVERY,
    # lists
    "PatientID=P1,P2": {1, 2},
    "PatientID=P1%5CP2": {1, 2},
    "PatientID=P1,x*": {1, 5},
    f"StudyInstanceUID={ROOT}.1,{ROOT}.3": {1, 3},
    f"StudyInstanceUID={ROOT}.1%5C%5C{ROOT}.3": {1, 3},
    "StudyInstanceUID=1.2.3.4": set(),
    "AccessionNumber=": EVERY,
    # C.2.2.2.5 ranges
    "StudyDate=20200115": {1},
    "StudyDate=20200101-20200301": {1, 2, 5},
    "StudyDate=20200220-": {2, 3, 5},
    "StudyDate=-20200220": {1, 2},
    "StudyDate=20200301-20200101": set(),
    "StudyDate=-": EVERY,
    "StudyDate=20200115,20211231": {1, 3},
    "StudyDate=20200115,20200201-20200229": {1, 2},
    "StudyDate=2020-01-15": set(),
    "StudyDate=abc": set(),
    "StudyDate=20200199": set(),
    "StudyTime=101500": {1, 3, 5},
    "StudyTime=10": set(),
    "StudyTime=10-11": {1, 3, 5},
    "StudyTime=235959.5": {2},
    "StudyTime=120000-": {2},
    "StudyDate=20200101-20200228&StudyTime=100000-110000": {1},
    "AcquisitionDateTime=20200115091500.5": {2},
    "AcquisitionDateTime=20200115-20200116": {2},
    "AcquisitionDateTime=20200115101500.5%2B0100": {2},
    "AcquisitionDateTime=-20200115": {2},
    "AcquisitionDateTime=20200116-": set(),
    # ModalitiesInStudy and other keys of lower levels: any object of the study
    "ModalitiesInStudy=SR": {1},
    "ModalitiesInStudy=sr": {1},
    "00080061=CT,MR": {1, 2, 4},
    "ModalitiesInStudy=C*": {1, 4},
    "ModalitiesInStudy=": EVERY,
    "Modality=SR": {1},
    "Modality=CT,DX": {1, 3, 4},
    f"SOPInstanceUID={ROOT}.1.1.2": {1},
    f"SeriesInstanceUID={ROOT}.2.1": {2},
    "Modality=CT&SeriesNumber=2": set(),
    "Modality=SR&SeriesNumber=2": {1},
    "InstanceNumber=2": {1, 2},
    "InstanceNumber=02": {1, 2},
    # attributes without a column
    "Rows=8": {1},
    "Rows=4,8": EVERY,
    "Manufacturer=nobody": set(),
    "WindowCenter=300": {1},
    "ImageType=axial": {1},
    "ImageType=AX*": {1},
    "Rows=8&PatientName=Doe*": {1},
    "Rows=8&Modality=SR": set(),
    "Rows=8&ModalitiesInStudy=SR": {1},
    "Rows=4&ModalitiesInStudy=MR,DX": {2, 3},
    "00091001=private%20text": {2},
    "00091002=1.50": {2},
    "00091002=1.6": set(),
    "00091003=20200101-20200131": {2},
    "00091003=20200106": set(),
    "00091004=8,9": {2},
    # C.2.2.2.6 sequences
    "AnatomicRegionSequence.CodeValue=T-D1100": {1},
    "00082218.00080100=t-d*": {1},
    "AnatomicRegionSequence.CodeValue=other": set(),
    # computed
    "NumberOfStudyRelatedInstances=3": {1},
    "NumberOfStudyRelatedSeries=2": {1},
    # of the same key the last one counts
    "PatientID=P1&PatientID=P2": {2},
    "PatientID=P1&00100020=P2": {2},
    # what is no key changes nothing
    "patientname=Doe": EVERY,
    "foo=bar": EVERY,
    "0010001g=x": EVERY,
    "&": EVERY,
    "%50atientID=P1": {1},
    "PatientID=P1;StudyDate=20200115": set(),
    "PatientID=%20P1%20": set(),
    "PatientName=M%FCller*": set(),
    "AnatomicRegionSequence=x": set(),
    "PixelData=x": EVERY,
}


@pytest.mark.parametrize(("query", "expected"), MATCHING.items(), ids=MATCHING)
def test_a_key_finds_the_studies_that_it_fits(door: Door, query: str, expected: set[int]) -> None:
    assert studies_of(door, query) == expected


FUZZY = {
    "PatientName=JOHN": {1},
    "PatientName=jon": set(),
    "PatientName=jhon": {1},
    "PatientName=muller": {3},
    "PatientName=Muler^Jorg": {3},
    "PatientName=*ull*": {3},
    "PatientName=DOE^JOHN": {1},
    "PatientName=doe": {1, 2},
    f"PatientName={quote('山田')}": {4},
    "PatientName=*": {1, 2, 3, 4},
    "PatientName=": EVERY,
    "PatientName=%27": set(),
    "PatientID=P1": {1},
}


@pytest.mark.parametrize(("query", "expected"), FUZZY.items(), ids=FUZZY)
def test_a_fuzzy_search_finds_names_that_read_alike(door: Door, query: str, expected: set[int]) -> None:
    assert studies_of(door, f"{query}&fuzzymatching=true") == expected


EMPTY = {
    "AccessionNumber=%22%22": {4},
    "StudyDate=%22%22": {4},
    "PatientName=%22%22": {5},
    "Rows=%22%22": {1},
    "Manufacturer=%22%22": EVERY,
    "AnatomicRegionSequence.CodeValue=%22%22": EVERY,
}


@pytest.mark.parametrize(("query", "expected"), EMPTY.items(), ids=EMPTY)
def test_two_quotation_marks_find_what_has_no_value(door: Door, query: str, expected: set[int]) -> None:
    assert studies_of(door, f"{query}&emptyvaluematching=true") == expected
    assert studies_of(door, query) == set()


MULTIPLE = {
    "ModalitiesInStudy=CT,SR": {1},
    "ModalitiesInStudy=CT%5CMR": set(),
    "ImageType=AXIAL%5CORIGINAL": {1},
    "ImageType=AXIAL%5COBLIQUE": set(),
    "PatientID=P1,P2": {1, 2},
}


@pytest.mark.parametrize(("query", "expected"), MULTIPLE.items(), ids=MULTIPLE)
def test_multiple_value_matching_asks_for_all_of_them(door: Door, query: str, expected: set[int]) -> None:
    assert studies_of(door, f"{query}&multiplevaluematching=true") == expected


REFUSED = {
    "limit=-1": 15,
    "limit=abc": 15,
    "limit=": 15,
    "limit=99999999999": 15,
    "offset=-1": 15,
    "offset=1.5": 15,
    "fuzzymatching=TRUE": 8,
    "fuzzymatching=": 8,
    "emptyvaluematching=1": 8,
    "multiplevaluematching=yes": 8,
    "StudyInstanceUID=1.2.*": 3,
    "SOPInstanceUID=*": 3,
    "StudyDate=*": 3,
    "StudyTime=10*": 3,
}


@pytest.mark.parametrize(("query", "orthanc_status"), REFUSED.items(), ids=REFUSED)
def test_a_parameter_without_meaning_is_refused_in_orthancs_form(door: Door, query: str, orthanc_status: int) -> None:
    answer = door.get(f"/dicomweb/studies?{query}")
    error = answer.json()
    assert (answer.status, error["HttpStatus"], error["OrthancStatus"]) == (400, 400, orthanc_status)
    assert {"HttpError", "Message", "Method", "OrthancError", "Uri"} <= error.keys()


@pytest.mark.parametrize(
    ("path", "count"),
    [
        (f"/studies/{ROOT}.1/series", 2),
        (f"/studies/{ROOT}.1/series?Modality=SR", 1),
        ("/series?Modality=CT,MR", 3),
        ("/series?PatientName=Doe*", 3),
        (f"/series?SOPInstanceUID={ROOT}.1.1.2", 1),
        (f"/series?StudyInstanceUID={ROOT}.1", 2),
        ("/series?ModalitiesInStudy=SR", 2),
        (f"/studies/{ROOT}.1/instances", 3),
        (f"/studies/{ROOT}.1/series/{ROOT}.1.1/instances", 2),
        (f"/studies/{ROOT}.1/series/{ROOT}.1.1/instances?Rows=8", 1),
        ("/instances?Modality=CT,DX", 4),
        ("/instances?Modality=CT&Rows=4", 2),
        ("/instances?PatientName=Doe*&limit=2", 2),
        ("/instances?NumberOfSeriesRelatedInstances=2", 4),
        ("/instances?ModalitiesInStudy=SR", 3),
        ("/studies/1.2.3.4/series", 0),
        ("/studies/not-a-uid/series", 0),
        (f"/studies/urn:oid:{ROOT}.1/series", 0),
        (f"/studies/{ROOT}.1/series/1.2.3/instances", 0),
    ],
)
def test_the_lower_levels_are_searched_alone_and_below_a_path(door: Door, path: str, count: int) -> None:
    answer = door.get(f"/dicomweb{path}")
    assert answer.status == 200, answer.body
    assert len(answer.json()) == count


@pytest.mark.parametrize("path", ["/studies/*/series", "/studies/1.2.?/instances"])
def test_a_wildcard_in_the_path_is_refused(door: Door, path: str) -> None:
    assert door.get(f"/dicomweb{path}".replace("?", "%3F")).status == 400
