"""Values in the form in which searches compare them."""

from __future__ import annotations

import pytest

from fhantom.archive.values import Kind, bound, comparable, fold, moment, number, words_of


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        ("LO", "CT Head", "ct head"),
        ("PN", {"Alphabetic": "Müller^Jörg"}, "müller^jörg"),
        ("PN", {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}, "yamada^tarou=山田^太郎"),
        ("PN", {"Ideographic": "山田"}, "=山田"),
        ("UI", "1.2.3", "1.2.3"),
        ("DA", "20200115", 20200115),
        ("DA", "1997.04.24", 19970424),
        ("DA", "2020", None),
        ("DA", "not a date", None),
        ("TM", "101500.25", 101500250000),
        ("TM", "10:15", 101500000000),
        ("TM", "10", 100000000000),
        ("DT", "20200115101500", 20200115101500000000),
        ("IS", 7, 7),
        ("DS", "1.50", 1.5),
        ("DS", "x", None),
        ("LO", None, None),
        ("LO", "", None),
    ],
)
def test_a_value_is_compared_in_the_form_of_its_vr(vr: str, value: object, expected: object) -> None:
    assert comparable(vr, value) == expected


@pytest.mark.parametrize("text", ["Straße", "ΣΑΣ", "İstanbul", "ﬀ", "ÀÉ", "山田"])
def test_folding_keeps_one_character_for_each(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_folding_removes_case_in_every_script() -> None:
    assert fold("ÄΣЖ") == fold("äσж")


def test_an_offset_from_utc_is_subtracted() -> None:
    assert moment(Kind.DATETIME, "20200115003000+0100") == moment(Kind.DATETIME, "20200114233000+0000")


def test_an_offset_at_the_edge_of_the_calendar_is_no_error() -> None:
    assert moment(Kind.DATETIME, "00010101000000+1400") == 10101000000000000


@pytest.mark.parametrize(
    ("kind", "text", "lower", "upper"),
    [
        (Kind.DATE, "20200115", 20200115, 20200115),
        (Kind.DATE, "2020", 20200000, 20209999),
        (Kind.TIME, "10", 100000000000, 109999999999),
        (Kind.TIME, "101500", 101500000000, 101500999999),
        (Kind.DATETIME, "202001", 20200100000000000000, 20200199999999999999),
        (Kind.DATE, "x", None, None),
    ],
)
def test_the_ends_of_a_range_include_all_of_what_is_given(
    kind: Kind, text: str, lower: int | None, upper: int | None
) -> None:
    assert (bound(kind, text, upper=False), bound(kind, text, upper=True)) == (lower, upper)


def test_words_of_a_name_have_neither_accents_nor_delimiters() -> None:
    assert words_of("Müller-Lüdenscheid^Jörg=山田") == ("muller", "ludenscheid", "jorg", "山田")


@pytest.mark.parametrize("value", [float("nan"), "inf", "", None, [], "1e999"])
def test_what_is_no_finite_number_is_none(value: object) -> None:
    assert number(value) is None
