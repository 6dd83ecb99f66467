"""`fhantom serve` from outside: processes, signals, sockets."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fhantom.settings import BUILT_IN_KEY
from running import Server, at_once, serving, start

EMPTY = ("--seed", "none")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that keeps prepared seeds from test to test."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    with serving(home, *EMPTY, "--ephemeral") as running:
        yield running


def test_the_first_line_says_where_and_how_fast(server: Server) -> None:
    assert re.fullmatch(r"ready http://127\.0\.0\.1:\d+ in \d+\.\d+s\n", server.ready)


def test_the_second_line_is_a_curl_call_that_works(server: Server) -> None:
    assert server.example.startswith(f'curl -H "apikey: {BUILT_IN_KEY}" "{server.door.origin}/fhir/')
    path = server.example.rstrip('"\n').partition(server.door.origin)[2]
    assert server.door.get(path).status == 200


def test_a_key_that_was_given_is_never_printed(home: Path) -> None:
    with serving(home, *EMPTY, "--ephemeral", environ={"SIIM_API_KEY": "secret-7"}) as running:
        assert running.door.get("/fhir/metadata", {"apikey": "secret-7"}).status == 200
        assert running.door.get("/fhir/metadata", {"apikey": BUILT_IN_KEY}).status == 403
        assert "$SIIM_API_KEY" in running.example
        assert "secret-7" not in running.ready + running.example


def test_nobody_is_believed_about_forwarding_under_gunicorn_either(server: Server) -> None:
    headers: dict[str, str | None] = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on"}
    links = server.door.get("/fhir/Patient", headers).json()["link"]
    assert links[0]["url"].startswith(server.door.origin)


def test_a_request_line_of_half_a_megabyte_is_read(server: Server) -> None:
    uids = ",".join(f"1.2.{number}" for number in range(60_000))
    assert server.door.get(f"/dicomweb/studies?StudyInstanceUID={uids}").status < 500


def test_a_header_of_64_kilobytes_is_read(server: Server) -> None:
    accept = ", ".join(["application/dicom+json"] * 2900)
    assert server.door.get("/dicomweb/studies", {"Accept": accept}).status == 200


def test_a_connection_is_kept_for_more_requests(server: Server) -> None:
    connection = http.client.HTTPConnection(server.door.host, server.door.port, timeout=30)
    for _ in range(3):
        connection.request("GET", "/fhir/Patient", headers={"apikey": BUILT_IN_KEY})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        assert not answer.will_close
    connection.close()


@pytest.mark.parametrize("kind", ["gunicorn", "threaded"])
def test_sigterm_ends_it_cleanly_and_what_was_stored_is_there_afterwards(home: Path, tmp_path: Path, kind: str) -> None:
    options = (*EMPTY, "--server", kind, "--data", str(tmp_path / "data"))
    patient = json.dumps({"resourceType": "Patient", "id": "kept"}).encode()
    with serving(home, *options) as running:
        headers: dict[str, str | None] = {"Content-Type": "application/fhir+json"}
        assert running.door.request("PUT", "/fhir/Patient/kept", headers, patient).status == 201
        assert running.stop() == 0
    with serving(home, *options) as running:
        assert running.door.get("/fhir/Patient/kept").json()["id"] == "kept"
        assert running.stop(signal.SIGINT) == 0


def test_the_threaded_server_says_what_it_is_only_if_it_was_not_asked_for(home: Path) -> None:
    with serving(home, *EMPTY, "--ephemeral", "--server", "threaded") as running:
        assert running.door.get("/fhir/metadata").status == 200


def test_a_second_server_on_one_data_folder_is_refused(home: Path, tmp_path: Path) -> None:
    with serving(home, *EMPTY, "--data", str(tmp_path)) as first:
        second = start(home, *EMPTY, "--data", str(tmp_path), stderr=subprocess.PIPE)
        told = second.communicate(timeout=30)
        assert second.returncode == 1
        assert told[0] == "" and "already serves" in told[1]
        assert first.door.get("/fhir/metadata").status == 200


def test_a_seed_asked_for_a_folder_with_data_is_not_loaded_and_that_is_said(home: Path, tmp_path: Path) -> None:
    with serving(home, *EMPTY, "--data", str(tmp_path)) as running:
        running.stop()
    again = start(home, "--seed", "embedded", "--data", str(tmp_path), stderr=subprocess.PIPE)
    assert again.stdout is not None
    assert again.stdout.readline().startswith("ready ")
    again.terminate()
    assert "has data already" in again.communicate(timeout=30)[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs several processes")
def test_a_rate_limit_holds_over_all_workers(home: Path) -> None:
    limited = ("--workers", "3", "--rate-limit", "10", "--rate-limit-window", "86400")
    with serving(home, *EMPTY, "--ephemeral", *limited) as running:
        statuses = at_once(30, lambda number: running.door.get("/fhir/Patient").status)
    assert sorted(map(int, map(str, statuses))) == [200] * 10 + [429] * 20


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_a_worker_that_dies_is_replaced(home: Path, tmp_path: Path) -> None:
    with serving(home, *EMPTY, "--data", str(tmp_path), "--workers", "1") as running:
        assert running.door.get("/fhir/metadata").status == 200
        [worker] = running.workers
        os.kill(worker, signal.SIGKILL)
        assert running.door.get("/fhir/metadata").status == 200
        assert running.workers != [worker]


def test_an_ephemeral_folder_goes_with_its_server(home: Path, tmp_path: Path) -> None:
    with serving(home, *EMPTY, "--ephemeral", environ={"TMPDIR": str(tmp_path)}) as running:
        assert [path.name[:8] for path in tmp_path.glob("fhantom-*")] == ["fhantom-"]
        running.stop()
    assert list(tmp_path.glob("fhantom-*")) == []


@pytest.mark.parametrize("kind", ["gunicorn", "threaded"])
def test_it_speaks_https_with_a_certificate_of_its_own_making(home: Path, kind: str) -> None:
    with serving(home, *EMPTY, "--ephemeral", "--tls", "--server", kind) as running:
        assert running.ready.startswith("ready https://127.0.0.1:")
        context = ssl.create_default_context(cafile=str(home / "cache" / "fhantom" / "tls" / "certificate.pem"))
        for name in ("127.0.0.1", "localhost"):
            connection = http.client.HTTPSConnection(name, running.door.port, timeout=30, context=context)
            connection.request("GET", "/fhir/Patient", headers={"apikey": BUILT_IN_KEY})
            answer = connection.getresponse()
            assert answer.status == 200
            assert json.load(answer)["link"][0]["url"].startswith(f"https://{name}:{running.door.port}/")
            connection.close()


@pytest.mark.parametrize("kind", ["gunicorn", "threaded"])
def test_it_listens_on_ipv6(home: Path, kind: str) -> None:
    if not socket.has_ipv6:
        pytest.skip("this system has no IPv6")
    with serving(home, *EMPTY, "--ephemeral", "--host", "::1", "--server", kind) as running:
        assert running.ready.startswith("ready http://[::1]:")
        assert running.door.get("/fhir/metadata").status == 200


def test_on_every_interface_a_key_of_ones_own_is_enough(home: Path) -> None:
    with serving(home, *EMPTY, "--ephemeral", "--host", "0.0.0.0", "--key", "mine") as running:
        assert running.door.get("/fhir/metadata", {"apikey": "mine"}).status == 200
        assert running.example.partition('"http://')[2].startswith("127.0.0.1:")


def test_a_certificate_is_made_once_and_names_the_real_server(home: Path) -> None:
    from cryptography import x509

    from fhantom.cli.certificates import self_signed
    from fhantom.clock import Clock

    folder = home / "certificates"
    first = self_signed(folder, "127.0.0.1", Clock()).chain.read_bytes()
    assert self_signed(folder, "127.0.0.1", Clock()).chain.read_bytes() == first
    assert self_signed(folder, "10.0.0.7", Clock()).chain.read_bytes() != first
    names = x509.load_pem_x509_certificate(first).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert "hackathon.siim.org" in names.value.get_values_for_type(x509.DNSName)
    assert (folder / "private-key.pem").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kind", ["gunicorn", "threaded"])
def test_a_body_above_the_limit_is_refused_while_it_still_comes_in(home: Path, kind: str) -> None:
    limited = ("--max-body-fhir", "1000", "--server", kind)
    with serving(home, *EMPTY, "--ephemeral", *limited) as running:
        headers: dict[str, str | None] = {"Content-Type": "application/fhir+json"}
        pieces = (b"{" + b" " * 65536 for _ in range(64))
        assert running.door.request("POST", "/fhir/Patient", headers, pieces).status == 413
        assert running.door.request("POST", "/fhir/Patient", headers, b" " * 4_000_000).status == 413
        assert running.door.request("POST", "/fhir/Patient", headers, b'{"resourceType":"Patient"}').status == 201


@pytest.mark.parametrize("kind", ["gunicorn", "threaded"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length told", "chunked"])
def test_a_large_file_without_a_key_meets_403_and_no_broken_pipe(home: Path, kind: str, chunked: bool) -> None:
    with serving(home, *EMPTY, "--ephemeral", "--server", kind) as running:
        headers: dict[str, str | None] = {"apikey": None, "Content-Type": "multipart/related"}
        body = b"x" * 8_000_000
        sent = iter([body[:4_000_000], body[4_000_000:]]) if chunked else body
        assert running.door.request("POST", "/dicomweb/studies", headers, sent).status == 403
