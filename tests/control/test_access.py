from dataclasses import replace
from typing import Any

import pytest

from fhantom.control.access import caller_of
from fhantom.errors import Forbidden
from fhantom.settings import Settings
from fhantom.wire.context import ORIGIN

SETTINGS = Settings(control_token="token")
LOCAL = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8080", ORIGIN: "http://localhost:8080"}
AWAY = {"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "lab.example:8080", ORIGIN: "http://lab.example:8080"}


def test_the_machine_itself_may_do_everything() -> None:
    assert caller_of(dict(LOCAL), SETTINGS, key_is_good=False).own is None


def test_a_control_token_may_do_everything_from_anywhere() -> None:
    assert caller_of({**AWAY, "HTTP_X_FHANTOM_TOKEN": "token"}, SETTINGS, key_is_good=False).own is None


def test_an_accepted_key_from_elsewhere_has_its_own_world_only() -> None:
    assert caller_of({**AWAY, "HTTP_APIKEY": "mine"}, SETTINGS, key_is_good=True).own == "mine"


@pytest.mark.parametrize(
    "environ",
    [
        AWAY,
        {**AWAY, "HTTP_X_FHANTOM_TOKEN": "wrong"},
        {**LOCAL, "HTTP_ORIGIN": "http://evil.example"},
        {**LOCAL, "HTTP_HOST": "evil.example:8080"},
        {**LOCAL, "REMOTE_ADDR": "not an address"},
    ],
    ids=["a stranger", "a wrong token", "a foreign origin", "a foreign host", "a broken address"],
)
def test_everybody_else_is_refused(environ: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        caller_of(dict(environ), SETTINGS, key_is_good=False)


def test_without_a_control_token_no_token_is_right() -> None:
    with pytest.raises(Forbidden):
        caller_of({**AWAY, "HTTP_X_FHANTOM_TOKEN": ""}, replace(SETTINGS, control_token=""), key_is_good=False)


def test_a_refusal_names_the_header_that_takes_the_token() -> None:
    with pytest.raises(Forbidden, match="X-Fhantom-Token"):
        caller_of(dict(AWAY), SETTINGS, key_is_good=False)
