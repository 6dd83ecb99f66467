import pytest
from pydicom.sr._concepts_dict import concepts

from fhantom.bridge.body_sites import BODY_PARTS, LATERALITIES

KNOWN = {code for codes in concepts["SCT"].values() for code in codes}


@pytest.mark.parametrize("term", [*BODY_PARTS, *LATERALITIES])
def test_every_code_is_one_that_dicom_uses(term: str) -> None:
    code, _ = {**BODY_PARTS, **LATERALITIES}[term]
    assert code in KNOWN
