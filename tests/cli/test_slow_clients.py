"""Clients that take their time keep nobody from being answered."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from fhantom.settings import BUILT_IN_KEY
from instances import MULTIPART, dataset, encoded, multipart
from running import Server, serving

PATIENT = json.dumps({"resourceType": "Patient", "name": [{"family": "Slow"}]}).encode()
HEADERS = {"apikey": BUILT_IN_KEY, "Content-Type": "application/fhir+json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process with two threads."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, "--ephemeral", "--seed", "none", "--workers", "1", "--threads", "2") as server:
        yield server


def begun(server: Server, chunked: bool) -> http.client.HTTPConnection:
    """An upload of which everything but the last bytes is sent."""
    connection = http.client.HTTPConnection(server.door.host, server.door.port, timeout=60)
    connection.putrequest("POST", "/fhir/Patient")
    for name, value in HEADERS.items():
        connection.putheader(name, value)
    connection.putheader(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(PATIENT)))))
    connection.endheaders()
    connection.send(b"%x\r\n%s" % (len(PATIENT), PATIENT[:-5]) if chunked else PATIENT[:-5])
    return connection


def end(connection: http.client.HTTPConnection, chunked: bool) -> int:
    """Send the rest; the status of the answer."""
    connection.send(PATIENT[-5:] + (b"\r\n0\r\n\r\n" if chunked else b""))
    answer = connection.getresponse()
    answer.read()
    return answer.status


@pytest.mark.parametrize("chunked", [False, True], ids=["length told", "chunked"])
def test_more_slow_uploads_than_threads_keep_nobody_waiting(server: Server, chunked: bool) -> None:
    with ExitStack() as stack:
        uploads = [stack.enter_context(closing(begun(server, chunked))) for _ in range(7)]
        for _ in range(5):
            assert server.door.get("/fhir/Patient?_summary=count").status == 200
        assert [end(upload, chunked) for upload in uploads] == [201] * 7


def test_more_slow_but_steady_uploads_than_threads_keep_nobody_waiting(server: Server) -> None:
    ended = threading.Event()

    def upload(_: int) -> int:
        with closing(http.client.HTTPConnection(server.door.host, server.door.port, timeout=60)) as connection:
            connection.putrequest("POST", "/fhir/Binary")
            for name, value in {**HEADERS, "Transfer-Encoding": "chunked", "Content-Type": "x/y"}.items():
                connection.putheader(name, value)
            connection.endheaders()
            while not ended.wait(0.005):
                connection.send(b"%x\r\n%s\r\n" % (700, bytes(700)))
            connection.send(b"0\r\n\r\n")
            return connection.getresponse().status

    with ThreadPoolExecutor() as pool:
        uploads = [pool.submit(upload, number) for number in range(5)]
        try:
            for _ in range(5):
                assert server.door.get("/fhir/Patient?_summary=count").status == 200
            assert not any(one.done() for one in uploads)
        finally:
            ended.set()
        assert [one.result() for one in uploads] == [201] * 5


def test_more_slow_downloads_than_threads_keep_nobody_waiting(server: Server) -> None:
    large = encoded(dataset(Rows=4000, Columns=4000, PixelData=bytes(16_000_000)))
    stored = server.door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(large))
    assert stored.status == 200
    url = stored.json()["00081199"]["Value"][0]["00081190"]["Value"][0].removeprefix(server.door.origin)
    headers = {"apikey": BUILT_IN_KEY, "Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
    with ExitStack() as stack:
        downloads = []
        for _ in range(7):
            download = http.client.HTTPConnection(server.door.host, server.door.port, timeout=60)
            stack.enter_context(closing(download)).request("GET", url, headers=headers)
            downloads.append(download)
        for _ in range(5):
            assert server.door.get("/fhir/Patient?_summary=count").status == 200
        assert all(large in download.getresponse().read() for download in downloads)


def test_an_upload_that_is_given_up_gives_its_thread_back(server: Server) -> None:
    for _ in range(70):
        begun(server, chunked=False).close()
    with ExitStack() as stack:
        uploads = [stack.enter_context(closing(begun(server, chunked=False))) for _ in range(5)]
        assert server.door.get("/fhir/Patient?_summary=count").status == 200
        assert [end(upload, chunked=False) for upload in uploads] == [201] * 5


def test_slow_uploads_are_answered_before_the_server_ends(tmp_path: Path) -> None:
    with serving(tmp_path, "--ephemeral", "--seed", "none", "--workers", "1", "--threads", "1") as server:
        uploads = [begun(server, chunked=False) for _ in range(3)]
        assert server.door.get("/fhir/metadata").status == 200
        statuses = [end(upload, chunked=False) for upload in uploads]
        for upload in uploads:
            upload.close()
        assert (statuses, server.stop()) == ([201] * 3, 0)
