"""Profiles as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhantom.profile import BadProfile, Profile, Recorded, dump, load

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
TEXTS = st.dictionaries(TEXT.filter(bool), TEXT, max_size=3)
PROFILES = st.builds(
    Profile,
    source=TEXT,
    asked=TEXT,
    settings=st.dictionaries(TEXT.filter(bool), TEXT | st.integers(0, 2**31) | st.booleans(), max_size=3),
    answers=st.dictionaries(TEXT.filter(bool), st.builds(Recorded, st.integers(100, 599), TEXT, TEXTS), max_size=3),
    headers=st.dictionaries(TEXT.filter(bool), TEXTS.filter(bool), max_size=3),
    rows=st.dictionaries(TEXT.filter(bool), st.integers(100, 599), max_size=3),
    notes=st.lists(TEXT, max_size=3).map(tuple),
)


@given(profile=PROFILES)
def test_a_profile_is_read_back_as_it_was_written(profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "profile.toml"
    path.write_text(dump(profile), encoding="utf-8", newline="")
    assert load(path) == profile


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has profile format None"),
        ("format = 2", "has profile format 2; this fhantom obeys 1"),
        ("format = 1\nsource = 'x'\nasked = 'y'\nanswers = 3", "is no profile"),
        ("format = 1\nsource = 'x'\nasked = 'y'\n[answers.a]\nbody = 'x'", "is no profile: 'status'"),
        ("\x00", "is no profile"),
    ],
)
def test_what_is_no_profile_is_refused_with_its_fault(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(text)
    with pytest.raises(BadProfile, match=problem):
        load(path)


def test_a_missing_file_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match="cannot read"):
        load(tmp_path / "nothing.toml")
