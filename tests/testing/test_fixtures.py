"""The fixtures of the pytest plugin, used as a test suite would use them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pydicom
import pytest
import requests

from fhantom.testing.servers import ControlFailed, LocalServer
from fhantom.testing.world import Fhantom
from instances import dataset, encoded

PATIENT = {"resourceType": "Patient", "name": [{"family": "Fresh"}]}


def patients(fhantom: Fhantom, session: requests.Session) -> int:
    found: int = session.get(f"{fhantom.fhir_url}/Patient?_summary=count").json()["total"]
    return found


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_fresh_world(fhantom: Fhantom, fhantom_session: requests.Session, turn: int) -> None:
    before = patients(fhantom, fhantom_session)
    assert before == 10
    assert fhantom_session.post(f"{fhantom.fhir_url}/Patient", json=PATIENT).status_code == 201
    assert patients(fhantom, fhantom_session) == before + 1


@pytest.mark.fhantom(seed="empty")
def test_a_world_can_begin_empty(fhantom: Fhantom, fhantom_session: requests.Session) -> None:
    assert patients(fhantom, fhantom_session) == 0


def test_every_address_answers(fhantom: Fhantom, fhantom_session: requests.Session) -> None:
    urls = (f"{fhantom.fhir_url}/metadata", f"{fhantom.fhir_r4_url}/metadata", f"{fhantom.dicomweb_url}/studies")
    assert [fhantom_session.get(url).status_code for url in urls] == [200, 200, 200]
    assert fhantom_session.get(f"{fhantom.wado_url}?requestType=WADO").status_code == 404
    assert fhantom_session.get(f"{fhantom.sole_url}/nothing").status_code == 404


def test_the_same_world_is_seen_in_process_and_through_a_socket(
    fhantom: Fhantom, fhantom_session: requests.Session
) -> None:
    fhantom_session.post(f"{fhantom.fhir_url}/Patient", json=PATIENT)
    with requests.Session() as session:
        answer = session.get(f"{fhantom.fhir_url}/Patient?family=Fresh", headers=fhantom.headers)
    assert answer.json()["total"] == 1
    assert len(fhantom.journal) == 2


def test_a_key_without_the_test_prefix_is_refused_as_on_the_real_server(
    fhantom: Fhantom, fhantom_session: requests.Session
) -> None:
    answer = fhantom_session.get(f"{fhantom.fhir_url}/Patient", headers={"apikey": "mistyped"})
    assert answer.status_code == 403


def test_the_world_goes_back_to_the_seed_and_to_snapshots(fhantom: Fhantom, fhantom_session: requests.Session) -> None:
    fhantom.snapshot("before")
    fhantom_session.post(f"{fhantom.fhir_url}/Patient", json=PATIENT)
    fhantom.snapshot("after")
    fhantom.restore("before")
    assert patients(fhantom, fhantom_session) == 10
    fhantom.restore("after")
    assert patients(fhantom, fhantom_session) == 11
    assert fhantom.reset() == {"versions": 1}
    assert patients(fhantom, fhantom_session) == 10


def test_a_world_leaves_no_file_behind(fhantom: Fhantom, fhantom_local_server: LocalServer) -> None:
    folder = fhantom_local_server.site.worlds.folder.path
    before = {path for name in ("worlds", "snapshots") for path in (folder / name).rglob("*")}
    other = Fhantom(fhantom_local_server, f"{fhantom.key}-other")
    with requests.Session() as session:
        answer = session.post(f"{other.fhir_url}/Patient", json=PATIENT, headers=other.headers)
    assert answer.status_code == 201
    other.snapshot("kept")
    other.drop()
    left = {path for name in ("worlds", "snapshots") for path in (folder / name).rglob("*") if path.is_file()}
    assert left - before == set()


def test_the_clock_is_set_frozen_and_advanced(fhantom: Fhantom, fhantom_session: requests.Session) -> None:
    fhantom.clock.set("2026-12-01T09:00:00Z")
    fhantom.clock.advance(timedelta(minutes=1))
    stored = fhantom_session.post(f"{fhantom.fhir_url}/Patient", json=PATIENT).json()
    assert stored["meta"]["lastUpdated"].startswith("2026-12-01T09:01:00")
    assert fhantom.clock.now().isoformat().startswith("2026-12-01T09:01:00")
    fhantom.clock.release()
    assert fhantom.clock.now().year != 2026 or fhantom.clock.now().month != 12 or fhantom.clock.now().second != 0


def test_what_the_server_refuses_is_told_with_its_words(fhantom: Fhantom) -> None:
    with pytest.raises(ControlFailed, match="there is no snapshot never-saved"):
        fhantom.restore("never-saved")


def test_info_tells_what_the_world_holds(fhantom: Fhantom) -> None:
    assert fhantom.info()["bases"]["dicomweb"].endswith("/dicomweb")


def multipart(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield b"\r\n--line\r\nContent-Type: application/dicom\r\n\r\n" + encoded(dataset(number=number + 1))
    yield b"\r\n--line--\r\n"


TYPE = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=line'}


@pytest.mark.fhantom(seed="empty")
def test_a_chunked_upload_is_stored_through_requests(fhantom: Fhantom, fhantom_session: requests.Session) -> None:
    answer = fhantom_session.post(f"{fhantom.dicomweb_url}/studies", data=multipart(3), headers=TYPE)
    assert answer.status_code == 200
    assert len(fhantom_session.get(f"{fhantom.dicomweb_url}/instances").json()) == 3


@pytest.mark.fhantom(seed="empty")
def test_a_chunked_upload_is_stored_through_httpx(fhantom: Fhantom, fhantom_httpx: httpx.Client) -> None:
    answer = fhantom_httpx.post("/dicomweb/studies", content=multipart(3), headers=TYPE)
    assert answer.status_code == 200
    assert len(fhantom_httpx.get("/dicomweb/instances").json()) == 3


def test_a_file_of_known_length_is_sent_whole(fhantom: Fhantom, fhantom_session: requests.Session) -> None:
    body = io.BytesIO(b"".join(multipart(2)))
    assert fhantom_session.post(f"{fhantom.dicomweb_url}/studies", data=body, headers=TYPE).status_code == 200
    assert "transfer-encoding" not in fhantom.journal[0].headers


@pytest.mark.fhantom(seed="empty")
def test_dicomweb_client_stores_chunked_and_searches(fhantom: Fhantom, fhantom_dicomweb: Any) -> None:
    large = dataset(Rows=1500, Columns=1000, PixelData=bytes(1_500_000))
    fhantom_dicomweb.store_instances([pydicom.dcmread(io.BytesIO(encoded(large)))])
    fhantom.assert_requested("POST", "/dicomweb/studies", times=1, headers={"transfer-encoding": "chunked"})
    [found] = fhantom_dicomweb.search_for_instances()
    assert found["00080018"]["Value"] == [large.SOPInstanceUID]


def test_fhirclient_reads_r4_in_process(fhantom: Fhantom, fhantom_fhirclient: Any) -> None:
    from fhirclient.models.patient import Patient

    found = Patient.where({"family": "SIIM"}).perform_resources_iter(fhantom_fhirclient.server)
    assert len(list(found)) == 10
    fhantom.assert_requested("GET", "/fhir-r4/Patient", query={"family": "SIIM"}, times=1)


def test_fhirpy_reads_through_a_socket(fhantom: Fhantom, fhantom_fhirpy: Any) -> None:
    assert len(fhantom_fhirpy.resources("Patient").limit(3).fetch()) == 3
    fhantom.assert_requested("GET", "/fhir/Patient", times=1)


def test_a_search_that_found_nothing_is_told_with_what_it_nearly_found(
    fhantom: Fhantom, fhantom_httpx: httpx.Client
) -> None:
    fhantom_httpx.get("/fhir/Patient?family=SIIM&gender=Female")
    with pytest.raises(AssertionError) as told:
        fhantom.assert_found("GET", "/fhir/Patient")
    assert str(told.value).splitlines() == [
        "GET /fhir/Patient?family=SIIM&gender=Female -> 200",
        "    found nothing; 3 Patient resources would match with gender=female",
    ]
    fhantom_httpx.get("/fhir/Patient?family=SIIM&gender=female")
    fhantom.assert_found("GET", "/fhir/Patient", query={"gender": "female"})
    with pytest.raises(AssertionError, match="expected at least 1, found 0 of: GET /dicomweb/studies"):
        fhantom.assert_found("GET", "/dicomweb/studies")


def test_a_chunked_upload_is_stored_through_an_asynchronous_client(
    fhantom: Fhantom, fhantom_async_httpx: httpx.AsyncClient
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in multipart(2):
            yield piece

    async def stored() -> httpx.Response:
        async with fhantom_async_httpx as client:
            return await client.post("/dicomweb/studies", content=pieces(), headers=TYPE)

    assert asyncio.run(stored()).status_code == 200
    fhantom.assert_requested("POST", "/dicomweb/studies", times=1, headers={"transfer-encoding": "chunked"})
