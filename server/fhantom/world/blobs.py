"""DICOM bytes by the SHA-256 of their content: written once, never changed, shared by all worlds."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from fhantom.errors import StorageFull

_COUNTER = itertools.count()
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Blobs:
    """A set of immutable byte strings, each named by its raw 32-byte digest."""

    def __init__(self, folder: Path, incoming: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._incoming = incoming
        self._durable = durable

    def receive(self) -> BlobWriter:
        """A writer whose bytes become part of the set when it commits, and leave no trace otherwise."""
        temporary = self._incoming / f"{os.getpid()}-{next(_COUNTER)}"
        return BlobWriter(self, temporary)

    def put(self, data: bytes | memoryview) -> bytes:
        """Keep `data`; return its digest once it is durable."""
        with self.receive() as writer:
            writer.write(data)
            return writer.commit()

    def open(self, digest: bytes) -> BinaryIO:
        """The bytes as an unbuffered file; the caller closes it. KeyError if there are none."""
        try:
            return open(self._path(digest), "rb", buffering=0)
        except FileNotFoundError:
            raise KeyError(digest.hex()) from None

    def read(self, digest: bytes, offset: int = 0, length: int | None = None) -> bytes:
        """`length` bytes from `offset`, or all up to the end. KeyError if there are none."""
        with self.open(digest) as file:
            if length is None:
                length = max(os.fstat(file.fileno()).st_size - offset, 0)
            if hasattr(os, "pread"):
                return os.pread(file.fileno(), length, offset)
            file.seek(offset)
            return file.read(length)

    def size(self, digest: bytes) -> int:
        """The length in bytes. KeyError if there are none."""
        try:
            return os.stat(self._path(digest)).st_size
        except FileNotFoundError:
            raise KeyError(digest.hex()) from None

    def missing(self, digests: Iterable[bytes]) -> list[bytes]:
        """Those of the digests that name nothing here."""
        return [digest for digest in digests if not os.path.exists(self._path(digest))]

    def all(self) -> Iterator[bytes]:
        """Every digest in the set."""
        for folder in os.scandir(self._folder):
            for entry in os.scandir(folder.path):
                yield bytes.fromhex(entry.name)

    def remove(self, digest: bytes, put_before: int) -> int:
        """Remove an object unless it was put since `put_before` (nanoseconds); return how many bytes that freed.

        It is taken aside first: a put that comes in between finds nothing and brings its own, or has left its mark.
        """
        path, aside = self._path(digest), self._incoming / f"removing-{digest.hex()}"
        try:
            if os.stat(path).st_mtime_ns >= put_before:
                return 0
            os.rename(path, aside)
        except FileNotFoundError:
            return 0
        status = os.stat(aside)
        if status.st_mtime_ns >= put_before:
            os.rename(aside, path)
            return 0
        os.unlink(aside)
        return status.st_size

    def _path(self, digest: bytes) -> str:
        name = digest.hex()
        return f"{self._folder}/{name[:2]}/{name}"

    def _adopt(self, temporary: Path, digest: bytes) -> None:
        """Rename a complete file to its digest; both names lie on one file system."""
        target = self._path(digest)
        try:
            os.utime(target)  # tells whoever collects what nobody names that it is wanted
        except FileNotFoundError:
            os.utime(temporary)
        else:
            os.unlink(temporary)
            return
        folder = os.path.dirname(target)
        try:
            os.rename(temporary, target)
        except FileNotFoundError:
            # The first object makes every folder at once: one by one, each would cost an fsync of its own.
            for number in range(256):
                os.makedirs(f"{self._folder}/{number:02x}", exist_ok=True)
            self._sync_folder(str(self._folder))
            os.rename(temporary, target)
        self._sync_folder(folder)

    def _sync_folder(self, folder: str) -> None:
        # A rename is durable only once its folder is; Windows has no such call.
        if self._durable and os.name == "posix":
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


class BlobWriter:
    """Receives one object under a temporary name; as a context manager it discards what is not committed."""

    def __init__(self, blobs: Blobs, temporary: Path) -> None:
        self._blobs = blobs
        self._temporary = temporary
        self._hash = hashlib.sha256()
        self._file: BinaryIO | None = open(temporary, "x+b", buffering=0)  # noqa: SIM115 (closed by commit or discard)
        self.size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Append `data`. Raises StorageFull where the disk has no room for it."""
        assert self._file is not None, "the writer is closed"
        view = memoryview(data)
        self._hash.update(view)
        try:
            while view:
                written = self._file.write(view)
                self.size += written
                view = view[written:]
        except OSError as error:
            raise _storage_full(error) from error

    def fileno(self) -> int:
        """The descriptor of what was written so far, so that it can be mapped before it is committed."""
        assert self._file is not None, "the writer is closed"
        return self._file.fileno()

    @property
    def digest(self) -> bytes:
        """The digest of what was written so far."""
        return self._hash.digest()

    def commit(self) -> bytes:
        """Make the bytes durable and part of the set; return their digest."""
        assert self._file is not None, "the writer is closed"
        digest = self._hash.digest()
        try:
            if self._blobs._durable:
                os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            self._blobs._adopt(self._temporary, digest)
        except OSError as error:
            raise _storage_full(error) from error
        return digest

    def discard(self) -> None:
        """Forget what was written; does nothing after a commit."""
        if self._file is not None:
            self._file.close()
            self._file = None
            os.unlink(self._temporary)

    def __enter__(self) -> BlobWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


def _storage_full(error: OSError) -> Exception:
    return StorageFull("no space left to store it") if error.errno in _FULL else error
