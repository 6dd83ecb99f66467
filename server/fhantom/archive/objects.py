"""The bytes of stored instances: read as a DICOM file, or handed on in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from mmap import ACCESS_READ, ALLOCATIONGRANULARITY, mmap

from fhantom.archive import elsewhere
from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom import DicomFile, read
from fhantom.errors import NotFound
from fhantom.world import World

PIECE = 4 << 20


def blob_of(world: World, row: InstanceRow) -> bytes:
    """The digest of the instance's bytes.

    Raises:
        NotFound: only its metadata is known; the message names what fetches the rest, if anybody has said.
    """
    if row.blob is None:
        with world.reading() as connection:
            command = elsewhere.command_for(connection, row.series_instance_uid)
        told = f"; to fetch its series: {command}" if command else ""
        raise NotFound(f"Of instance {row.sop_instance_uid} only the metadata is stored{told}")
    return row.blob


def with_bytes(world: World, rows: Sequence[InstanceRow]) -> list[InstanceRow]:
    """Those of the instances whose bytes are here. Raises NotFound if there is none."""
    here = [row for row in rows if row.blob is not None]
    if rows and not here:
        blob_of(world, rows[0])
    return here


def dicom_file(world: World, row: InstanceRow) -> DicomFile:
    """The elements of an instance, over a map of its bytes that goes with the last reference to it."""
    with world.blobs.open(blob_of(world, row)) as file:
        return read(mmap(file.fileno(), 0, access=ACCESS_READ))


def stored_bytes(world: World, row: InstanceRow, start: int = 0, stop: int | None = None) -> Iterator[memoryview]:
    """The bytes as they came, from `start` up to `stop`, in maps of bounded size.

    A server that sends such a view copies the bytes once less than one that is given them read.

    Raises:
        NotFound: only the metadata is known; raised at once, not when the first piece is asked for.
    """
    return _pieces(world, blob_of(world, row), start, row.size if stop is None else stop)


def _pieces(world: World, digest: bytes, start: int, end: int) -> Iterator[memoryview]:
    with world.blobs.open(digest) as file:
        while start < end:
            base = start - start % ALLOCATIONGRANULARITY
            until = min(base + PIECE, end)
            yield memoryview(mmap(file.fileno(), until - base, access=ACCESS_READ, offset=base))[start - base :]
            start = until
