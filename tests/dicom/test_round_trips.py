"""Any data set that pydicom can write comes back the same: from the file, from JSON, from XML, rewritten."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicom.dicom_samples import EXPLICIT, UNCOMPRESSED, oracle, written
from fhantom import dicom
from fhantom.dicom import bulkdata, dicom_json, native_xml, records, rewriting, writing

# Characters that a value may hold, in UTF-8, and that are neither delimiters nor padding.
LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Zs", "Co", "Cn"), exclude_characters="\\^=\ufffe\uffff")
WORDS = st.text(LETTERS, min_size=1, max_size=12)
TEXT = st.text(st.one_of(LETTERS, st.sampled_from(" \r\n\t\\")), min_size=1, max_size=40).filter(
    lambda text: text.rstrip(" \0") == text != ""
)
UIDS = st.lists(st.integers(0, 99), min_size=2, max_size=6).map(lambda parts: ".".join(map(str, parts)))
NAMES = st.lists(WORDS, min_size=1, max_size=3).map("=".join)


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, min_size=1, max_size=3).map(lambda found: found if len(found) > 1 else found[0])


def floats(width: int) -> st.SearchStrategy[float]:
    return st.floats(width=width, allow_nan=False, allow_infinity=False)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "AE": several(st.from_regex(r"[A-Z0-9_]{1,16}", fullmatch=True)),
    "AS": several(st.from_regex(r"[0-9]{3}[DWMY]", fullmatch=True)),
    "AT": several(st.integers(0, 0xFFFFFFFF)),
    "CS": several(st.from_regex(r"[A-Z0-9_]{1,16}", fullmatch=True)),
    "DA": several(st.just("20200229")),
    "DS": several(st.integers(-(10**9), 10**9).map(lambda number: str(number / 1000))),
    "DT": several(st.just("20200229101500.123456+0100")),
    "FD": several(floats(64)),
    "FL": several(floats(32)),
    "IS": several(st.integers(-(2**31), 2**31 - 1)),
    "LO": several(WORDS),
    "LT": TEXT,
    "OB": st.binary(min_size=2, max_size=20).map(lambda value: value + b"\1" * (len(value) % 2)),
    "OD": st.just(bytes(range(16))),
    "OF": st.just(bytes(range(8))),
    "OL": st.just(bytes(range(8))),
    "OV": st.just(bytes(range(8))),
    "OW": st.just(bytes(range(8))),
    "PN": several(NAMES),
    "SH": several(WORDS),
    "SL": several(st.integers(-(2**31), 2**31 - 1)),
    "SS": several(st.integers(-(2**15), 2**15 - 1)),
    "ST": TEXT,
    "SV": several(st.integers(-(2**63), 2**63 - 1)),
    "TM": several(st.just("101500.123456")),
    "UC": several(WORDS),
    "UI": several(UIDS),
    "UL": several(st.integers(0, 2**32 - 1)),
    "UN": st.just(b"\1\2\3\4"),
    "UR": st.just("http://example.invalid/a?b=c"),
    "US": several(st.integers(0, 2**16 - 1)),
    "UT": TEXT,
    "UV": several(st.integers(0, 2**64 - 1)),
}
VRS = sorted(VALUES)


@st.composite
def data_sets(draw: st.DrawFn, depth: int = 2) -> Dataset:
    """Private elements of every VR, and sequences of such data sets."""
    made = Dataset()
    made.add_new(0x00090010, "LO", "ROUND TRIP")
    for number, vr in enumerate(draw(st.lists(st.sampled_from(VRS), max_size=6))):
        made.add_new(0x00091000 + number, vr, draw(VALUES[vr]))
    if depth and draw(st.booleans()):
        made.add_new(0x000910F0, "SQ", Sequence(draw(st.lists(data_sets(depth - 1), max_size=3))))
    return made


def file_of(made: Dataset, syntax: str) -> bytes:
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID, made.SOPInstanceUID = "1.2.3", "1.2.4"
    return written(made, syntax)


def meaning(attributes: dict[str, Any]) -> dict[str, Any]:
    """DICOM JSON with the freedom taken out that PS3.18 annex F leaves."""
    found = {}
    for tag, attribute in attributes.items():
        values = attribute.get("Value", [])
        if attribute["vr"] == "SQ":
            values = [meaning(item) for item in values]
        elif attribute["vr"] in ("DS", "FL", "FD"):
            values = [float(value) for value in values]
        elif attribute["vr"] in ("IS", "SV", "UV"):
            values = [int(value) for value in values]
        found[tag] = (attribute["vr"], values, attribute.get("InlineBinary", ""))
    return found


def json_of(content: bytes) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(dicom_json.encode(dicom.read(content).dataset, inline=1 << 20))
    return meaning(parsed)


quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(made=data_sets())
@quick
def test_our_json_says_what_pydicoms_says(made: Dataset) -> None:
    content = file_of(made, EXPLICIT)
    assert json_of(content) == meaning(oracle(content).to_json_dict(bulk_data_threshold=1 << 20))


@pytest.mark.parametrize("syntax", UNCOMPRESSED.values(), ids=UNCOMPRESSED.keys())
@given(made=data_sets())
@quick
def test_a_data_set_says_the_same_after_a_journey_through_another_syntax(syntax: str, made: Dataset) -> None:
    content = file_of(made, EXPLICIT)
    there = b"".join(rewriting.rewrite(dicom.read(content), dicom.transfer_syntax(syntax)))
    back = b"".join(rewriting.rewrite(dicom.read(there), dicom.transfer_syntax(EXPLICIT)))
    assert oracle(there).file_meta.TransferSyntaxUID == syntax
    if syntax != UNCOMPRESSED["implicit"]:  # which cannot say the VRs of private elements
        assert json_of(back) == json_of(content)


@pytest.mark.parametrize("through", ["JSON", "XML"])
@given(made=data_sets())
@quick
def test_a_file_is_made_again_from_its_metadata_and_bulk_data(through: str, made: Dataset) -> None:
    content = file_of(made, EXPLICIT)
    source = dicom.read(content).dataset
    (record,) = records.parse_json(dicom_json.encode(source))
    if through == "XML":
        (record,) = native_xml.parse(native_xml.encode(record))

    def bulk(uri: str) -> bytes:
        located = bulkdata.locate(source, bulkdata.parse_path(uri.removeprefix("./")))
        return b"".join(bulkdata.pieces(*located))

    again = writing.write_record(record, dicom.transfer_syntax(EXPLICIT), bulk)
    assert json_of(again) == json_of(content)
    assert oracle(again) == oracle(content)


@given(
    made=data_sets(),
    places=st.lists(st.tuples(st.integers(132), st.integers(0, 255)), min_size=1, max_size=8),
)
@quick
def test_a_damaged_file_is_read_or_refused_but_never_breaks_the_reader(
    made: Dataset, places: list[tuple[int, int]]
) -> None:
    content = bytearray(file_of(made, EXPLICIT))
    for place, value in places:
        content[place % len(content)] = value
    try:
        file = dicom.read(bytes(content))
    except dicom.DicomError as refused:
        assert refused.status == 400
        return
    encoded = dicom_json.encode(file.dataset, inline=1 << 20)
    for value in json.loads(encoded, parse_constant=lambda constant: math.nan).values():
        assert "vr" in value
    assert native_xml.encode(records.parse_json(encoded)[0]).startswith(b"<?xml")


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_or_read(content: bytes) -> None:
    try:
        file = dicom.read(content)
    except dicom.DicomError:
        return
    assert dicom_json.encode(file.dataset).startswith(b"{")
