"""Signing in by the form, and what the browser is told to remember."""

from __future__ import annotations

import pytest

from doors import Answer, Door
from fhantom.settings import BUILT_IN_KEY

FORM = {"apikey": None, "Content-Type": "application/x-www-form-urlencoded"}


def sign_in(door: Door, body: str, **headers: str) -> Answer:
    return door.request("POST", "/sign-in", {**FORM, **headers}, body.encode())


def test_a_good_key_is_kept_in_a_cookie_that_scripts_cannot_read(door: Door) -> None:
    answer = sign_in(door, f"key={BUILT_IN_KEY}&next=/studies")
    assert (answer.status, answer.headers["Location"]) == (303, "/studies")
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert set(attributes) == {"HttpOnly", "Path=/", "SameSite=Strict"}
    assert BUILT_IN_KEY not in name
    page = door.get("/", {"apikey": None, "Cookie": name, "Accept": "text/html"})
    assert page.status == 200


@pytest.mark.parametrize("key", ["", "wrong", BUILT_IN_KEY + ",x", "%0d%0aX: y"])
def test_another_key_is_refused_with_the_form_again(door: Door, key: str) -> None:
    answer = sign_in(door, f"key={key}&next=/studies")
    assert (answer.status, answer.headers.get("Set-Cookie")) == (403, None)
    assert 'role="alert"' in answer.text
    assert 'name="next" value="/studies"' in answer.text


@pytest.mark.parametrize("elsewhere", ["https://x.example", "//x.example", "/\\x.example", "x", "/%0d%0aA: b"])
def test_the_form_leads_back_to_this_server_only(door: Door, elsewhere: str) -> None:
    assert sign_in(door, f"key={BUILT_IN_KEY}&next={elsewhere}").headers["Location"] == "/"


def test_the_viewers_script_signs_in_without_being_sent_elsewhere(door: Door) -> None:
    answer = sign_in(door, f"key={BUILT_IN_KEY}", **{"X-Fhantom-Page": "1"})
    assert (answer.status, answer.body) == (204, b"")
    assert "fhantom-key=" in answer.headers["Set-Cookie"]


def test_signing_out_forgets_the_key(door: Door) -> None:
    answer = door.request("POST", "/sign-out", FORM)
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert "fhantom-key=;" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("origin", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_a_form_of_another_site_is_not_taken(door: Door, path: str, origin: str) -> None:
    answer = door.request("POST", path, {**FORM, "Sec-Fetch-Site": origin}, f"key={BUILT_IN_KEY}".encode())
    assert (answer.status, answer.headers.get("Set-Cookie")) == (403, None)


def test_a_form_larger_than_any_key_is_refused(door: Door) -> None:
    assert sign_in(door, "key=" + "x" * 10_000).status == 413
