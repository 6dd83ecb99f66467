"""A room full of clients, each in its own world: how long answers take, and whether all are served alike."""

from __future__ import annotations

import http.client
import random
import statistics
import sys
import threading
import time

from benchmarks import dicom_data

_SLOW = 12  # uploads at once over a slow network: more than two workers have threads


def busy(host: str, port: int, clients: int, seconds: float) -> None:
    """A mix of reads and writes a client, while one of them uploads without a pause."""
    taken: list[list[float]] = [[] for _ in range(clients)]
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        chance = random.Random(number)
        connection = http.client.HTTPConnection(host, port, timeout=120)
        key = f"test-room-{number}"
        while time.monotonic() < end:
            method, path, body = _STEPS[3] if number == 0 else chance.choice(_STEPS)
            if body == b"upload":
                body = dicom_data.stow_body([dicom_data.instance("ct", number, 1, 1, len(taken[number]))])
            began = time.perf_counter()
            send(connection, key, method, path, body)
            taken[number].append((time.perf_counter() - began) * 1000)
            time.sleep(chance.uniform(0, 0.5) if number else 0)  # people think, one of them does not
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    others = sorted(one for times in taken[1:] for one in times)
    medians = [statistics.median(times) for times in taken[1:]]
    counts = [len(times) for times in taken[1:]]
    fairness = sum(counts) ** 2 / (len(counts) * sum(count * count for count in counts))
    print(
        f"| {clients} clients, each in its world, one uploading all the time | {others[len(others) // 2]:.0f} ms | | |"
    )
    print(f"| the same: p95 | {others[int(len(others) * 0.95)]:.0f} ms | {others[-1]:.0f} ms | |")
    print(f"| the same: medians of the best and the worst served | {min(medians):.0f} ms | {max(medians):.0f} ms | |")
    print(f"| the same: fairness of requests answered (Jain, 1 is even) | {fairness:.3f} | | |")


_STEPS: list[tuple[str, str, bytes]] = [
    ("GET", "/dicomweb/studies?limit=10", b""),
    ("GET", "/fhir/Patient?family=SIIM", b""),
    ("POST", "/fhir/Observation", b'{"resourceType": "Observation", "status": "final", "code": {"text": "x"}}'),
    ("POST", "/dicomweb/studies", b"upload"),
]


def slow_uploads(host: str, port: int, clients: int, seconds: float) -> None:
    """Reads by some clients while others send one instance each, piece by piece, for as long as that takes."""
    taken: list[float] = []
    end = time.monotonic() + seconds

    def upload(number: int) -> None:
        body = dicom_data.stow_body([dicom_data.instance("ct", number, 1, 1, number)])
        connection = http.client.HTTPConnection(host, port, timeout=120)
        connection.putrequest("POST", "/dicomweb/studies")
        for name, value in {"apikey": f"test-slow-{number}", **dicom_data.STOW_HEADERS}.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        pieces = [body[at : at + len(body) // 40] for at in range(0, len(body), len(body) // 40)]
        for piece in pieces:
            connection.send(piece)
            time.sleep(seconds / len(pieces))
        connection.getresponse().read()
        connection.close()

    def read(number: int) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=120)
        while time.monotonic() < end:
            began = time.perf_counter()
            send(connection, f"test-room-{number}", *_STEPS[1])
            taken.append((time.perf_counter() - began) * 1000)
            time.sleep(random.uniform(0, 0.5))
        connection.close()

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(_SLOW)]
    threads += [threading.Thread(target=read, args=(number,)) for number in range(clients - _SLOW)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ordered = sorted(taken)
    median, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    print(f"| {clients - _SLOW} clients read while {_SLOW} upload slowly | {median:.0f} ms | {ordered[-1]:.0f} ms | |")
    print(f"| the same: p95 | {p95:.0f} ms | | |")


def ask(host: str, port: int, key: str, method: str, path: str, body: bytes = b"") -> None:
    """Send one request over a connection of its own."""
    connection = http.client.HTTPConnection(host, port, timeout=120)
    send(connection, key, method, path, body)
    connection.close()


def send(connection: http.client.HTTPConnection, key: str, method: str, path: str, body: bytes) -> None:
    """Send one request and read its answer, which must be no refusal."""
    headers = dicom_data.STOW_HEADERS if path == "/dicomweb/studies" else {"Content-Type": "application/fhir+json"}
    connection.request(method, path, body or None, {"apikey": key, **(headers if body else {})})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 400:
        sys.exit(f"{method} {path}: {answer.status} {content[:200]!r}")
