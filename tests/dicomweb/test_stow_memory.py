"""A large instance passes through the server without being held in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from instances import BOUNDARY, MULTIPART, ROOT, dataset, encoded
from running import Server, serving

MIB = 1 << 20


def large(study: int, size: int) -> Iterator[bytes]:
    """A STOW body with one instance whose pixel data has `size` bytes, in pieces of a mebibyte."""
    head = encoded(dataset(study, PixelData=b"\0\0"))
    length = head.rindex(b"\x02\x00\x00\x00\x00\x00")
    yield f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    yield head[:length] + size.to_bytes(4, "little")
    for _ in range(size // MIB):
        yield bytes(MIB)
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def held(server: Server) -> int:
    """Bytes of memory that no file backs, of all processes together."""
    total = 0
    for pid in (server.process.pid, *server.workers):
        status = Path(f"/proc/{pid}/status").read_text()
        total += int(status.partition("RssAnon:")[2].split()[0]) * 1024
    return total


def watched(body: Iterator[bytes], server: Server, found: list[int]) -> Iterator[bytes]:
    """The body; what the server holds meanwhile is added to `found` now and then."""
    for number, piece in enumerate(body):
        if number % 8 == 0:
            found.append(held(server))
        yield piece


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("size", [64 * MIB, pytest.param(2048 * MIB - 2 * MIB, marks=pytest.mark.long)])
def test_a_large_instance_is_stored_without_being_held(tmp_path: Path, size: int) -> None:
    with serving(tmp_path, "--seed", "none", "--data", str(tmp_path / "data")) as server:
        header = {"Content-Type": MULTIPART}
        assert server.door.request("POST", "/dicomweb/studies", header, large(1, MIB)).status == 200
        before, during = held(server), [0]
        answer = server.door.request("POST", "/dicomweb/studies", header, watched(large(2, size), server, during))
        assert answer.status == 200, answer.body
        assert max(held(server), *during) - before < 50 * MIB
        (row,) = server.door.get(f"/dicomweb/studies/{ROOT}.2/instances").json()
        assert row["00080018"]["Value"] == [f"{ROOT}.2.1.1"]
