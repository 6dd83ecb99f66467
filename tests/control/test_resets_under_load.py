"""Many resets and drops while clients read and write: no error but documented ones, and nothing is left behind."""

from __future__ import annotations

import gc
import http.client
import json
import os
import threading
from collections import Counter
from pathlib import Path

import pytest

from doors import listening
from fhantom.app import create_app
from fhantom.settings import Settings
from fhantom.site import Site

PATIENT = json.dumps({"resourceType": "Patient", "id": "it", "name": [{"family": "Load"}]}).encode()
JSON = {"Content-Type": "application/fhir+json"}
KEYS = ("alpha", "beta", "gamma")

# What a client may see that has written before a reset and asks after it.
DOCUMENTED = {
    ("GET", "/fhir/Patient"): {200},
    ("GET", "/fhir/Patient/it"): {200, 404},
    ("PUT", "/fhir/Patient/it"): {200, 201},
    ("GET", "/dicomweb/studies"): {200},
}


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, worlds="per-key", keys=KEYS)


class Client:
    """Goes through the requests over and over on one connection, and counts the answers."""

    def __init__(self, host: str, port: int, key: str) -> None:
        self.connection = http.client.HTTPConnection(host, port, timeout=60)
        self.key = key
        self.seen: Counter[tuple[str, str, int]] = Counter()

    def ask(self, method: str, path: str) -> int:
        body = PATIENT if method == "PUT" else None
        self.connection.request(method, path, body, {"apikey": self.key, **JSON})
        answer = self.connection.getresponse()
        answer.read()
        return answer.status

    def load(self, end: threading.Event) -> None:
        while not end.is_set():
            for method, path in DOCUMENTED:
                self.seen[method, path, self.ask(method, path)] += 1
        self.connection.close()


def files(site: Site) -> list[str]:
    folder = site.worlds.folder.path
    return sorted(
        str(path.relative_to(folder))
        for name in ("worlds", "snapshots", "incoming")
        for path in (folder / name).rglob("*")
        if path.is_file() and path.name != "used"
    )


def at_rest(site: Site) -> Site:
    """The site with every world back at the seed, and nobody at work."""
    for key in KEYS:
        site.worlds.reset(key)
        site.worlds.open(key)
    gc.collect()
    return site


def descriptors() -> Counter[str]:
    """What this process has open, by where it leads (Linux)."""
    found: Counter[str] = Counter()
    listed = Path("/proc/self/fd")
    for entry in listed.iterdir() if listed.exists() else ():
        try:
            found[os.readlink(entry).split(" ")[0]] += 1
        except FileNotFoundError:
            continue
    return found


def under_load(site: Site, resets: int) -> Counter[tuple[str, str, int]]:
    """Reset the keys' worlds in turn, or drop them, while two clients a key work; returns what the clients saw."""
    end = threading.Event()
    with listening(create_app(site)) as door:
        clients = [Client(door.host, door.port, key) for key in KEYS for _ in range(2)]
        threads = [threading.Thread(target=client.load, args=(end,)) for client in clients]
        for thread in threads:
            thread.start()
        control = Client(door.host, door.port, "alpha")
        try:
            for number in range(resets):
                key = KEYS[number % len(KEYS)]
                if number % 5:
                    assert control.ask("POST", f"/_fhantom/reset?only=data&key={key}") == 200
                else:
                    assert control.ask("DELETE", f"/_fhantom/worlds?key={key}") == 204
        finally:
            end.set()
            for thread in threads:
                thread.join()
            control.connection.close()
    return sum((client.seen for client in clients), Counter())


@pytest.mark.parametrize(
    "resets", [pytest.param(100, id="hundred"), pytest.param(1000, id="thousand", marks=pytest.mark.long)]
)
def test_resets_under_load_leave_no_error_no_file_and_no_descriptor(module_site: Site, resets: int) -> None:
    under_load(module_site, 3)  # whatever is opened once is open now
    files_before, open_before = files(at_rest(module_site)), descriptors()

    seen = under_load(module_site, resets)
    undocumented = {answer: count for answer, count in seen.items() if answer[2] not in DOCUMENTED[answer[:2]]}
    assert undocumented == {}
    assert {key[:2] for key in seen} == set(DOCUMENTED)

    assert files(at_rest(module_site)) == files_before
    more = descriptors() - open_before
    assert not [name for name in more if "/worlds/" in name and not name.endswith("/lock")]
    # The seed's connections are kept, up to the size of their pool; each world's lock has one a waiting writer.
    assert sum(more.values()) <= 8 + 4 * len(KEYS), more
