"""Faults in process raise in the client what they raise through a socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import requests
from requests.exceptions import ChunkedEncodingError

from fhantom.testing.world import Fhantom

PATH = "/fhir/Patient"

CASES = {
    "reset": ({"kind": "reset"}, requests.ConnectionError, httpx.ReadError),
    "empty": ({"kind": "empty"}, requests.ConnectionError, httpx.RemoteProtocolError),
    "truncate": ({"kind": "truncate", "after_bytes": 20}, ChunkedEncodingError, httpx.RemoteProtocolError),
    "torn multipart": ({"kind": "torn_multipart"}, ChunkedEncodingError, httpx.RemoteProtocolError),
    "wrong content length": (
        {"kind": "wrong_content_length", "add": 7},
        ChunkedEncodingError,
        httpx.RemoteProtocolError,
    ),
    "malformed chunk": ({"kind": "malformed_chunk"}, ChunkedEncodingError, httpx.RemoteProtocolError),
}


@pytest.mark.parametrize("case", CASES)
def test_requests_raises_the_same_in_process_and_through_a_socket(
    case: str, fhantom: Fhantom, fhantom_session: requests.Session
) -> None:
    fields, expected, _ = CASES[case]
    with fhantom.faults.add("/fhir/*", times=2, **fields) as fault, requests.Session() as plain:
        with pytest.raises(expected) as in_process:
            fhantom_session.get(f"{fhantom.fhir_url}/Patient")
        with pytest.raises(expected) as through_socket:
            plain.get(f"{fhantom.fhir_url}/Patient", headers=fhantom.headers)
        assert type(in_process.value) is type(through_socket.value)
        assert fault.hits == 2
    assert fhantom_session.get(f"{fhantom.fhir_url}/Patient").status_code == 200


@pytest.mark.parametrize("case", CASES)
def test_httpx_raises_the_same_in_process_and_through_a_socket(
    case: str, fhantom: Fhantom, fhantom_httpx: httpx.Client
) -> None:
    fields, _, expected = CASES[case]
    fhantom.faults.add("/fhir/*", times=2, **fields)
    with pytest.raises(expected) as in_process:
        fhantom_httpx.get(PATH)
    plain = httpx.Client(base_url=fhantom.url, headers=fhantom.headers, trust_env=False)
    with plain, pytest.raises(expected) as through_socket:
        plain.get(PATH)
    assert type(in_process.value) is type(through_socket.value)
    assert fhantom_httpx.get(PATH).status_code == 200


def slow(fhantom: Fhantom) -> None:
    fhantom.faults.add("/fhir/*", kind="delay", ms=60)


def test_a_slow_answer_is_a_timeout_of_requests(fhantom: Fhantom, fhantom_session: requests.Session) -> None:
    slow(fhantom)
    with pytest.raises(requests.ReadTimeout):
        fhantom_session.get(f"{fhantom.fhir_url}/Patient", timeout=0.01)
    assert fhantom_session.get(f"{fhantom.fhir_url}/Patient", timeout=(1, 60)).status_code == 200


def test_a_slow_answer_is_a_timeout_of_httpx(fhantom: Fhantom, fhantom_httpx: httpx.Client) -> None:
    slow(fhantom)
    with pytest.raises(httpx.ReadTimeout):
        fhantom_httpx.get(PATH, timeout=0.01)
    assert fhantom_httpx.get(PATH, timeout=60).status_code == 200


def test_a_fault_strikes_its_own_world_only(fhantom: Fhantom, fhantom_session: requests.Session) -> None:
    fhantom.faults.add("/fhir/*", status=503, times=1, headers={"Retry-After": "2"})
    other: dict[str, Any] = {"apikey": f"{fhantom.key}-other"}
    assert fhantom_session.get(f"{fhantom.fhir_url}/Patient", headers=other).status_code == 200
    struck = fhantom_session.get(f"{fhantom.fhir_url}/Patient")
    assert (struck.status_code, struck.headers["Retry-After"]) == (503, "2")


def test_hits_stay_readable_after_a_fault_was_lifted(fhantom: Fhantom, fhantom_session: requests.Session) -> None:
    with fhantom.faults.add("/fhir/*", status=429) as fault:
        fhantom_session.get(f"{fhantom.fhir_url}/Patient")
    assert fault.hits == 1
    assert fhantom.faults.missed() == []
