"""A large series passes through the server without being held in memory."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fhantom.settings import BUILT_IN_KEY
from instances import MULTIPART, ROOT, instance, multipart
from running import Server, serving

MIB = 1 << 20
SIZE = 8 * MIB


def resident(server: Server) -> int:
    """Bytes of memory of all processes together, maps of files included."""
    total = 0
    for pid in (server.process.pid, *server.workers):
        status = Path(f"/proc/{pid}/status").read_text()
        total += int(status.partition("VmRSS:")[2].split()[0]) * 1024
    return total


def received(server: Server, path: str) -> Iterator[int]:
    """Lengths of the pieces in which an answer arrives."""
    with closing(http.client.HTTPConnection(server.door.host, server.door.port, timeout=60)) as connection:
        connection.request("GET", path, headers={"apikey": BUILT_IN_KEY})
        answer = connection.getresponse()
        assert answer.status == 200
        while piece := answer.read(MIB):
            yield len(piece)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("count", [8, pytest.param(128, marks=pytest.mark.long)], ids=["64 MB", "1 GB"])
def test_a_large_series_is_sent_without_being_held(tmp_path: Path, count: int) -> None:
    with serving(tmp_path, "--seed", "none", "--data", str(tmp_path / "data")) as server:
        for number in range(count):
            body = multipart(instance(number=number + 1, PixelData=bytes([number]) * SIZE))
            assert server.door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, body).status == 200
        series = f"/dicomweb/studies/{ROOT}.1/series/{ROOT}.1.1"
        assert server.door.get(f"{series}/instances/{ROOT}.1.1.1").status == 200
        before, most, total = resident(server), 0, 0
        for length in received(server, series):
            if total // SIZE != (total + length) // SIZE:
                most = max(most, resident(server))
            total += length
        assert total > count * SIZE
        assert most - before < 50 * MIB
