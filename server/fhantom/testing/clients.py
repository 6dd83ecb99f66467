"""Fixtures that give clients of a test's world, each only where its library is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIApplication

import pytest

if TYPE_CHECKING:
    import httpx
    import requests

    from fhantom.testing.real import RealServer
    from fhantom.testing.world import Fhantom


@pytest.fixture
def fhantom_app(fhantom: Fhantom) -> WSGIApplication:
    """The server as a WSGI application, for clients that take one."""
    app = fhantom.server.app
    if app is None:
        pytest.skip("the server of this run is not inside the test's process")
    return app


@pytest.fixture
def fhantom_session(request: pytest.FixtureRequest, fhantom: Fhantom) -> Iterator[requests.Session]:
    """A session of requests that reaches the test's world without a socket and sends its key."""
    found = pytest.importorskip("requests")
    with found.Session() as session:
        if _in_process(request):
            from fhantom.testing.requests_adapter import AppAdapter

            session.trust_env = False
            session.mount(f"{fhantom.url}/", AppAdapter(request.getfixturevalue("fhantom_app")))
        elif fhantom.is_real:
            session.hooks["response"].append(lambda answer, **_: _note(fhantom, answer.request, answer.status_code))
        session.headers.update(fhantom.headers)
        yield session


@pytest.fixture
def fhantom_httpx(request: pytest.FixtureRequest, fhantom: Fhantom) -> Iterator[httpx.Client]:
    """A client of httpx that reaches the test's world without a socket and sends its key."""
    found = pytest.importorskip("httpx")
    options: dict[str, Any] = {"base_url": fhantom.url, "headers": fhantom.headers}
    if _in_process(request):
        from fhantom.testing.httpx_transport import AppTransport

        options |= {"transport": AppTransport(request.getfixturevalue("fhantom_app")), "trust_env": False}
    elif fhantom.is_real:
        options["event_hooks"] = {"response": [lambda answer: _note(fhantom, answer.request, answer.status_code)]}
    with found.Client(**options) as client:
        yield client


@pytest.fixture
def fhantom_async_httpx(request: pytest.FixtureRequest, fhantom: Fhantom) -> httpx.AsyncClient:
    """An asynchronous client of httpx, likewise; through a socket the test closes it (`async with`)."""
    found = pytest.importorskip("httpx")
    options: dict[str, Any] = {"base_url": fhantom.url, "headers": fhantom.headers}
    if _in_process(request):
        from fhantom.testing.httpx_transport import AsyncAppTransport

        options |= {"transport": AsyncAppTransport(request.getfixturevalue("fhantom_app")), "trust_env": False}
    elif fhantom.is_real:

        async def note(answer: httpx.Response) -> None:
            _note(fhantom, answer.request, answer.status_code)

        options["event_hooks"] = {"response": [note]}
    client: httpx.AsyncClient = found.AsyncClient(**options)
    return client


@pytest.fixture
def fhantom_dicomweb(fhantom: Fhantom, fhantom_session: requests.Session) -> Any:
    """A `dicomweb_client.DICOMwebClient` on the test's world, without a socket."""
    found = pytest.importorskip("dicomweb_client")
    return found.DICOMwebClient(url=fhantom.dicomweb_url, session=fhantom_session)


@pytest.fixture
def fhantom_fhirclient(fhantom: Fhantom, fhantom_session: requests.Session) -> Any:
    """A `fhirclient.client.FHIRClient` (FHIR R4) on the test's world, without a socket."""
    found = pytest.importorskip("fhirclient.client")
    client = found.FHIRClient(settings={"app_id": "fhantom", "api_base": f"{fhantom.fhir_r4_url}/"})
    client.server.session = fhantom_session
    return client


@pytest.fixture
def fhantom_fhirpy(fhantom: Fhantom) -> Any:
    """A `fhirpy.SyncFHIRClient` (FHIR R5) on the test's world; it makes its own connections."""
    found = pytest.importorskip("fhirpy")
    return found.SyncFHIRClient(url=fhantom.fhir_url, extra_headers=fhantom.headers)


def _in_process(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("fhantom_target") == "inprocess")


def _note(fhantom: Fhantom, sent: Any, status: int) -> None:
    """Let the journal of a server that has none know of a request."""
    server: RealServer = fhantom.server  # type: ignore[assignment]  # asked for real worlds only
    server.note(sent.method, str(sent.url), dict(sent.headers), status)
