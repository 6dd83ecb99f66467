"""The bytes of stored instances: read as a DICOM file, or handed on in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from mmap import ACCESS_READ, ALLOCATIONGRANULARITY, mmap

from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom import DicomFile, read
from fhantom.errors import NotFound
from fhantom.world import World

PIECE = 4 << 20


def blob_of(row: InstanceRow) -> bytes:
    """The digest of the instance's bytes.

    Raises:
        NotFound: only its metadata is known.
    """
    if row.blob is None:
        raise NotFound(f"Of instance {row.sop_instance_uid} only the metadata is stored")
    return row.blob


def dicom_file(world: World, row: InstanceRow) -> DicomFile:
    """The elements of an instance, over a map of its bytes that goes with the last reference to it."""
    with world.blobs.open(blob_of(row)) as file:
        return read(mmap(file.fileno(), 0, access=ACCESS_READ))


def stored_bytes(world: World, row: InstanceRow, start: int = 0, stop: int | None = None) -> Iterator[memoryview]:
    """The bytes as they came, from `start` up to `stop`, in maps of bounded size.

    A server that sends such a view copies the bytes once less than one that is given them read.
    """
    end = row.size if stop is None else stop
    with world.blobs.open(blob_of(row)) as file:
        while start < end:
            base = start - start % ALLOCATIONGRANULARITY
            until = min(base + PIECE, end)
            yield memoryview(mmap(file.fileno(), until - base, access=ACCESS_READ, offset=base))[start - base :]
            start = until
