"""SpecificCharacterSet, declared rightly, wrongly and not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicom.dicom_samples import PYDICOM_FILES, oracle
from fhantom import dicom
from fhantom.dicom import charsets
from fhantom.dicom.charsets import Charset, charset_of, decode, encode

FILES = sorted((PYDICOM_FILES / "charset_files").glob("*.dcm"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_names_in_pydicoms_charset_files_are_decoded_as_pydicom_does(path: Path) -> None:
    content = path.read_bytes()
    expected = oracle(content).get("PatientName")
    found = dicom.read(content).dataset.text(0x00100010)
    assert found == ("" if expected is None else str(expected).rstrip("="))


# Examples of PS3.5 annexes H to K and PS3.3 C.12.1.1.2, as bytes.
EXAMPLES = {
    "none, ASCII": ("", b"Adams^John", "Adams^John"),
    "none, Latin-1 all the same": ("", b"M\xfcller", "Müller"),
    "Latin-1": ("ISO_IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
    "Greek": ("ISO_IR 126", b"\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2", "Διονυσιος"),
    "Cyrillic": ("ISO_IR 144", b"\xb8\xd2\xd0\xdd\xde\xd2", "Иванов"),
    "UTF-8": ("ISO_IR 192", "山田^太郎".encode(), "山田^太郎"),
    "GB18030 with a backslash byte": ("GB18030", "誠^王".encode("gb18030"), "誠^王"),
    "GBK": ("GBK", "王^小东".encode("gbk"), "王^小东"),
    "Japanese with escapes": (
        "\\ISO 2022 IR 87",
        b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
        "Yamada^Tarou=山田^太郎",
    ),
    "Korean": ("\\ISO 2022 IR 149", b"Hong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "Hong=洪^吉洞"),
    "lower-case and underscored term": ("iso_2022_ir_100", b"\xe9", "é"),
}


@pytest.mark.parametrize(("terms", "value", "text"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_a_value_is_decoded_by_the_declared_terms(terms: str, value: bytes, text: str) -> None:
    assert decode(value, charset_of(terms.encode())) == text


LIES = {
    "UTF-8 that is Latin-1": ("ISO_IR 192", b"M\xfcller"),
    "ASCII that is Shift JIS": ("ISO_IR 6", b"\x8e\x52\x93\x63"),
    "a term that nobody knows": ("ISO_IR 999", b"M\xfcller"),
    "an escape that nobody knows": ("\\ISO 2022 IR 87", b"a\x1b$Zb"),
    "an escape that is cut": ("\\ISO 2022 IR 87", b"a\x1b$"),
    "half a character": ("\\ISO 2022 IR 149", b"\x1b$)C\xfb"),
    "binary terms": ("\x00\xff", b"\xff"),
}


@pytest.mark.parametrize(("terms", "value"), LIES.values(), ids=LIES.keys())
def test_a_character_set_that_lies_gives_some_text(terms: str, value: bytes) -> None:
    assert decode(value, charset_of(terms.encode("latin_1"))) != ""


@given(
    st.binary(max_size=40),
    st.sampled_from([b"", b"ISO_IR 192", b"GB18030", b"\\ISO 2022 IR 87", b"ISO_IR 13"]),
)
def test_no_bytes_make_decoding_fail(value: bytes, terms: bytes) -> None:
    assert decode(value, charset_of(terms)).encode("utf-8") is not None


@given(st.text(alphabet=st.characters(codec="iso8859_5", exclude_categories=("Cc",))))
def test_text_that_a_character_set_can_hold_comes_back(text: str) -> None:
    charset = charset_of(b"ISO_IR 144")
    assert decode(encode(text, charset), charset) == text


@pytest.mark.parametrize("codec", ["latin_1", "shift_jis", "euc_kr", "iso2022_jp"])
def test_text_that_needs_escape_sequences_is_not_written(codec: str) -> None:
    with pytest.raises(charsets.Unencodable):
        encode("山田", Charset(codec))
