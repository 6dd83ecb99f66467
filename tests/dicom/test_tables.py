"""The dictionary, the UIDs and the transfer syntaxes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.datadict import DicomDictionary, dictionary_keyword
from pydicom.uid import UID, UID_dictionary

from fhantom.dicom import dictionary, uids
from fhantom.dicom.syntaxes import transfer_syntax, transfer_syntaxes

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "make_dicom_tables.py"


def test_the_tables_are_those_that_the_script_makes() -> None:
    assert subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False).returncode == 0


# Retired elements of which only the tag is left have an empty keyword.
NAMED = sorted(tag for tag, row in DicomDictionary.items() if row[0] != "NONE" and row[4])


@given(st.sampled_from(NAMED))
def test_a_keyword_leads_to_its_tag_and_back(tag: int) -> None:
    assert dictionary.keyword_of(tag) == dictionary_keyword(tag)
    assert dictionary.tag_of(dictionary_keyword(tag)) == tag


@pytest.mark.parametrize(
    ("tag", "vrs", "keyword"),
    [
        (0x60023000, ("OB", "OW"), "OverlayData"),
        (0x00203102, ("CS",), "SourceImageIDs"),
        (0x7FE00010, ("OB", "OW"), "PixelData"),
        (0x00280106, ("US", "SS"), "SmallestImagePixelValue"),
        (0x00080000, ("UL",), ""),
        (0x00090010, ("LO",), ""),
        (0x00091001, ("UN",), ""),
        (0x00089999, ("UN",), ""),
    ],
    ids=str,
)
def test_a_tag_has_its_vrs_and_its_keyword(tag: int, vrs: tuple[str, ...], keyword: str) -> None:
    assert dictionary.vrs_of(tag) == vrs
    assert dictionary.keyword_of(tag) == keyword


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("00100020", 0x00100020),
        ("7fe00010", 0x7FE00010),
        ("PatientID", 0x00100020),
        ("patientid", None),
        ("0010002", None),
        ("0010002x", None),
        ("", None),
    ],
)
def test_a_tag_is_parsed_from_hex_or_its_keyword(text: str, tag: int | None) -> None:
    assert dictionary.parse_tag(text) == tag


@pytest.mark.parametrize("uid", sorted(transfer_syntaxes().keys() & UID_dictionary.keys()), ids=str)
def test_a_transfer_syntax_is_what_pydicom_says(uid: str) -> None:
    ours, theirs = transfer_syntax(uid), UID(uid)
    assert ours.name == theirs.name
    assert ours.explicit != theirs.is_implicit_VR
    assert ours.little_endian == theirs.is_little_endian


@pytest.mark.parametrize(
    ("uid", "encapsulated", "lossy", "media_type"),
    [
        ("1.2.840.10008.1.2.1", False, False, "application/octet-stream"),
        ("1.2.840.10008.1.2.4.50", True, True, "image/jpeg"),
        ("1.2.840.10008.1.2.4.70", True, False, "image/jpeg"),
        ("1.2.840.10008.1.2.4.81", True, True, "image/jls"),
        ("1.2.840.10008.1.2.4.90", True, False, "image/jp2"),
        ("1.2.840.10008.1.2.4.201", True, False, "image/jphc"),
        ("1.2.840.10008.1.2.4.102", True, True, "video/mp4"),
        ("1.2.840.10008.1.2.5", True, False, "image/dicom-rle"),
    ],
    ids=str,
)
def test_a_transfer_syntax_has_the_media_type_of_its_frames(
    uid: str, encapsulated: bool, lossy: bool, media_type: str
) -> None:
    row = transfer_syntax(uid)
    assert (row.encapsulated, row.lossy, row.media_type, row.known) == (encapsulated, lossy, media_type, True)


def test_an_unknown_transfer_syntax_is_read_as_explicit_little_endian() -> None:
    row = transfer_syntax("1.2.3")
    assert (row.known, row.explicit, row.little_endian, row.deflated) == (False, True, True, False)


@pytest.mark.parametrize("text", ["1.2.840.10008.1.2", "0", "1.02.3", "1" * 64], ids=["usual", "short", "zero", "long"])
def test_a_uid_is_known_by_its_form(text: str) -> None:
    assert uids.is_uid(text)


@pytest.mark.parametrize("text", ["", "1..2", ".1", "1.", "1.2/3", "../1", "1.2 ", "1.2\n", "1" * 65, "\u0661.2"])
def test_what_is_no_uid_is_told(text: str) -> None:
    assert not uids.is_uid(text)


def test_uids_are_new_or_always_the_same() -> None:
    assert uids.new_uid() != uids.new_uid()
    assert uids.derived_uid("a", "b") == uids.derived_uid("a", "b") != uids.derived_uid("a|b2")
    assert uids.is_uid(uids.new_uid()) and uids.is_uid(uids.IMPLEMENTATION_CLASS_UID)


def test_a_uid_has_the_name_of_the_standard_or_itself() -> None:
    assert uids.uid_name("1.2.840.10008.5.1.4.1.1.2") == "CT Image Storage"
    assert uids.uid_name("1.2.3") == "1.2.3"
    assert uids.sop_classes()["1.2.840.10008.5.1.4.1.1.7"] == "Secondary Capture Image Storage"
