"""What control routes let callers from another machine see and do."""

from __future__ import annotations

import json
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

from doors import Answer, InProcess
from fhantom.app import create_app
from fhantom.settings import Settings
from fhantom.site import Site

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, worlds="per-key", keys=("alpha", "beta"), control_token="token")


@pytest.fixture(scope="module")
def app(module_site: Site) -> WSGIApplication:
    return create_app(module_site)


@pytest.fixture
def away(app: WSGIApplication) -> InProcess:
    """The server as a machine with the address 192.0.2.7 reaches it."""

    def from_elsewhere(environ: WSGIEnvironment, start: StartResponse) -> Any:
        return app({**environ, "REMOTE_ADDR": "192.0.2.7"}, start)

    door = InProcess(from_elsewhere)
    for key in ("alpha", "beta"):
        door.get(f"/fhir/Patient?name={key}", {"apikey": key})
    return door


def ask(away: InProcess, method: str, path: str, key: str | None = None, body: Any = None, **more: str) -> Answer:
    headers = {**JSON, "apikey": key, **{name.replace("_", "-"): value for name, value in more.items()}}
    return away.request(method, path, headers, b"" if body is None else json.dumps(body).encode())


def worlds(answer: Answer) -> set[str]:
    assert answer.status == 200
    return {entry["request"]["url"].partition("name=")[2] for entry in answer.json()["requests"]}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/_fhantom/requests", None),
        ("GET", "/_fhantom/requests?explain=true&key=alpha", None),
        ("POST", "/_fhantom/requests/find", {"room": "fhir"}),
    ],
)
def test_a_key_reads_the_requests_of_its_own_world(away: InProcess, method: str, path: str, body: Any) -> None:
    assert worlds(ask(away, method, path, "alpha", body)) == {"alpha"}


@pytest.mark.parametrize("path", ["/_fhantom/", "/_fhantom/rows"])
def test_a_page_shows_a_key_its_own_world_only(away: InProcess, path: str) -> None:
    text = ask(away, "GET", path, "alpha").text
    assert "name=alpha" in text and "name=beta" not in text


def test_near_misses_are_those_of_each_requests_own_world(away: InProcess) -> None:
    patient = {"resourceType": "Patient", "gender": "male"}
    assert ask(away, "PUT", "/fhir/Patient/a", "alpha", {**patient, "id": "a"}).status in (200, 201)
    for key in ("alpha", "beta"):
        away.get("/fhir/Patient?gender=Male", {"apikey": key})
    listed = ask(away, "GET", "/_fhantom/requests?explain=true", X_Fhantom_Token="token").json()["requests"][-2:]
    assert [entry["nearMisses"] for entry in listed] == [
        ["1 Patient resource would match with gender=male"],
        ["there are no Patient resources at all"],
    ]


def test_another_worlds_request_is_not_found(away: InProcess) -> None:
    theirs = ask(away, "GET", "/_fhantom/requests", "beta").json()["requests"][-1]["id"]
    assert ask(away, "GET", f"/_fhantom/requests/{theirs}", "beta").status == 200
    assert ask(away, "GET", f"/_fhantom/requests/{theirs}", "alpha").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_fhantom/requests?key=beta"),
        ("GET", "/_fhantom/?key=beta"),
        ("GET", "/_fhantom/portability?key=beta"),
        ("POST", "/_fhantom/reset?key=beta"),
        ("DELETE", "/_fhantom/requests"),
        ("GET", "/_fhantom/clock"),
        ("POST", "/_fhantom/faults"),
    ],
)
def test_a_key_gets_nowhere_else(away: InProcess, method: str, path: str) -> None:
    assert ask(away, method, path, "alpha").status == 403
    assert ask(away, method, path).status == 403


def test_the_control_token_sees_every_world(away: InProcess) -> None:
    assert worlds(ask(away, "GET", "/_fhantom/requests", X_Fhantom_Token="token")) >= {"alpha", "beta"}
    assert ask(away, "GET", "/_fhantom/clock", X_Fhantom_Token="token").status == 200


@pytest.mark.parametrize("path", ["/_fhantom/health", "/_fhantom/ready", "/_fhantom/openapi.json"])
def test_everybody_may_ask_whether_the_server_lives(away: InProcess, path: str) -> None:
    assert ask(away, "GET", path).status == 200


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}], ids=str)
@pytest.mark.parametrize("path", ["/_fhantom/", "/_fhantom/rows", "/_fhantom/portability", "/_fhantom/requests.har"])
def test_a_page_of_another_site_sees_no_journal(app: WSGIApplication, path: str, headers: dict[str, str]) -> None:
    answer = InProcess(app).get(path, {"Host": "localhost", **headers})
    assert answer.status == 403
    assert b"alpha" not in answer.body
