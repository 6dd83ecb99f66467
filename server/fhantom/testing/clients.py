"""Fixtures that give clients of a test's world, each only where its library is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.types import WSGIApplication

import pytest

if TYPE_CHECKING:
    import httpx
    import requests

    from fhantom.testing.world import Fhantom


@pytest.fixture
def fhantom_app(fhantom: Fhantom) -> WSGIApplication:
    """The server as a WSGI application, for clients that take one."""
    app = fhantom.server.app
    assert app is not None
    return app


@pytest.fixture
def fhantom_session(fhantom: Fhantom, fhantom_app: WSGIApplication) -> Iterator[requests.Session]:
    """A session of requests that reaches the test's world without a socket and sends its key."""
    found = pytest.importorskip("requests")
    from fhantom.testing.requests_adapter import AppAdapter

    with found.Session() as session:
        session.trust_env = False
        session.mount(f"{fhantom.url}/", AppAdapter(fhantom_app))
        session.headers.update(fhantom.headers)
        yield session


@pytest.fixture
def fhantom_httpx(fhantom: Fhantom, fhantom_app: WSGIApplication) -> Iterator[httpx.Client]:
    """A client of httpx that reaches the test's world without a socket and sends its key."""
    found = pytest.importorskip("httpx")
    from fhantom.testing.httpx_transport import AppTransport

    with found.Client(
        transport=AppTransport(fhantom_app), base_url=fhantom.url, headers=fhantom.headers, trust_env=False
    ) as client:
        yield client


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
