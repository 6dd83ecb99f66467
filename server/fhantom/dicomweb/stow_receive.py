"""Reading what a STOW request carries: parts of any size, each on its own (PS3.18 10.5.1).

Small parts stay in memory, larger ones go to a blob as they arrive; a request never holds more than one chunk of a
large part.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap

from fhantom.archive.ingest import Accepted, Incoming, Reason, Refusal, accept
from fhantom.dicomweb import stow_metadata
from fhantom.errors import BadRequest, UnsupportedMediaType
from fhantom.wire import media, multipart
from fhantom.world import World
from fhantom.world.blobs import BlobWriter

DICOM = "application/dicom"
IN_MEMORY = 1024 * 1024
"""Size up to which a part is held in memory."""

CHUNK = IN_MEMORY
"""Bytes that are read at once: a small part comes whole, so that nobody has to put it together."""

_UNKNOWN_STUDY_INSTANCE_UID = b"\x20\x00\x0d\x00UN\x00\x00"
_HEADER = 16 * 1024
"""Bytes of a file that a look for an element goes through."""

# A part that says nothing is what the request says; some clients label every file like this.
_PART_TYPES = ("", DICOM, "application/octet-stream")


@dataclass(frozen=True, slots=True)
class Received:
    """One part: what was read of it, or why not, and its bytes.

    Attributes:
        departures: rows of `portability.DEPARTURES` that it comes under.
    """

    result: Accepted | Refusal
    content: BlobWriter | bytes | None = None
    departures: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that it holds in memory."""
        return len(self.content) if isinstance(self.content, bytes) else 0

    def incoming(self) -> Incoming:
        """It as the archive takes it, when it was accepted."""
        assert isinstance(self.result, Accepted)
        return Incoming(self.result, self.content)

    def discard(self) -> None:
        """Forget its bytes, unless they were stored."""
        if isinstance(self.content, BlobWriter):
            self.content.discard()


def departures(content_type: str, encoding: str) -> list[str]:
    """The rows of `portability.DEPARTURES` that a request of that kind comes under."""
    described = media.parse_media_type(content_type) or media.MediaType("")
    rows = {
        "stow-single-part": described.name == DICOM,
        "stow-metadata": described.is_multipart and described.get("type").lower() in stow_metadata.TYPES,
        "stow-boundary": described.is_multipart and "=" in described.get("boundary"),
        "stow-encoding": encoding.strip().lower() not in ("", "identity"),
        "stow-form-data": is_unrelated(content_type),
    }
    return [row for row, applies in rows.items() if applies]


def is_unrelated(content_type: str) -> bool:
    """Whether a body is a form's, which the real server passes over; it refuses multipart of any other kind."""
    described = media.parse_media_type(content_type)
    return described is not None and described.name == "multipart/form-data"


def parts(world: World, content_type: str, encoding: str, read: Callable[[int], bytes]) -> Iterator[Received]:
    """Every part of a request's body, as soon as it is complete; the caller discards each.

    Args:
        encoding: the request's Content-Encoding.
        read: gives up to so many bytes of the body, none at its end.

    Raises:
        UnsupportedMediaType: the body is of a type, or in an encoding, that is not taken; before anything is read.
        BadRequest: the body is not well formed; parts that came before are as good as without that.
    """
    described = media.parse_media_type(content_type) or media.MediaType("")
    chunks = iter(lambda: read(CHUNK), b"")
    if not world.settings.strict:
        chunks = _decoded(encoding, chunks)
    if described.name == DICOM:
        yield _received(world, chunks)
        return
    # The type must name DICOM itself: `type="application/dicom; transfer-syntax=..."` is no media type of STOW.
    inner = described.get("type").lower()
    if not described.is_multipart or inner not in (DICOM, *stow_metadata.TYPES) or not described.get("boundary"):
        raise UnsupportedMediaType(
            "The body must be application/dicom, or multipart/related with a boundary and the type of"
            f" {DICOM}, {' or '.join(stow_metadata.TYPES)}"
        )
    decoder = multipart.Decoder(described.get("boundary"))
    yield from _multipart(world, decoder, chunks) if inner == DICOM else _written(world, inner, decoder, chunks)


def _written(world: World, inner: str, decoder: multipart.Decoder, chunks: Iterable[bytes]) -> Iterator[Received]:
    """Objects whose metadata and bulk data came apart."""
    for made in stow_metadata.objects(inner, decoder, chunks):
        yield Received(made) if isinstance(made, Refusal) else Received(_accepted(world, made), made)


def _multipart(world: World, decoder: multipart.Decoder, chunks: Iterable[bytes]) -> Iterator[Received]:
    part = _Part(world)
    with part:
        for chunk in chunks:
            for event in decoder.feed(chunk):
                match event:
                    case multipart.PartBegin():
                        part.begin(event.get("content-type"), event.get("content-length"))
                    case multipart.PartData(data=data):
                        part.write(data)
                    case multipart.PartEnd():
                        yield part.end()
    decoder.finish()
    if not decoder.parts:
        raise BadRequest("The body has no parts")


def _received(world: World, chunks: Iterable[bytes]) -> Received:
    with _Part(world) as part:
        part.begin(DICOM)
        for chunk in chunks:
            part.write(chunk)
        return part.end()


def _accepted(world: World, content: bytes | mmap) -> Accepted | Refusal:
    result = accept(content, world.settings.inline_bulkdata)
    if world.settings.strict and isinstance(result, Accepted) and _has_unknown_uids(content):
        return Refusal(Reason.CANNOT_UNDERSTAND, "StudyInstanceUID is written as UN")
    return result


def _has_unknown_uids(content: bytes | mmap) -> bool:
    """Whether StudyInstanceUID is written as UN, which the real server's toolkit does not read (PS3.5 6.2.2)."""
    return content.find(_UNKNOWN_STUDY_INSTANCE_UID, 0, _HEADER) >= 0


class _Part:
    """Collects the bytes of one part after the other; as a context manager it discards one that was not ended."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._refusal: Refusal | None = None
        self._departures: tuple[str, ...] = ()
        self._said_length = ""
        self._length = 0
        self._held: list[bytes] = []
        self._writer: BlobWriter | None = None

    def begin(self, content_type: str, said_length: str = "") -> None:
        self._said_length, self._length = said_length, 0
        described = media.parse_media_type(content_type)
        name = described.name if described else content_type
        self._departures = () if content_type == DICOM else ("stow-part-type",)
        if self._departures and self._world.settings.strict:
            raise BadRequest("The real server reads no further than a part that is not plainly application/dicom")
        self._refusal = None
        if name not in _PART_TYPES:
            self._refusal = Refusal(Reason.CANNOT_UNDERSTAND, f"A part is {name[:80]}, not {DICOM}")

    def write(self, data: bytes) -> None:
        self._length += len(data)
        if self._refusal is not None:
            return
        if self._writer is None and self._length > IN_MEMORY:
            self._writer = self._world.blobs.receive()
            self._writer.write(self._taken())
        if self._writer is None:
            self._held.append(data)
        else:
            self._writer.write(data)

    def end(self) -> Received:
        if self._said_length not in ("", str(self._length)):
            self._departures += ("stow-part-length",)
        if self._refusal is not None:
            return Received(self._refusal, departures=self._departures)
        if self._writer is None:
            content = self._taken()
            return self._received(content, content)
        writer, self._writer = self._writer, None
        with mmap(writer.fileno(), 0, access=ACCESS_READ) as mapped:
            return self._received(mapped, writer)

    def _taken(self) -> bytes:
        held, self._held = self._held, []
        return b"".join(held)

    def _received(self, readable: bytes | mmap, content: bytes | BlobWriter) -> Received:
        unknown = ("stow-uid-unknown",) if _has_unknown_uids(readable) else ()
        return Received(_accepted(self._world, readable), content, self._departures + unknown)

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._writer is not None:
            self._writer.discard()


def _decoded(encoding: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks without the request's content coding (RFC 9110 8.4.1)."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return chunks
    if name not in ("gzip", "x-gzip", "deflate"):
        raise UnsupportedMediaType(f"Content-Encoding {name[:80]} is not taken")
    return _inflated(chunks)


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=47)  # finds out whether it is gzip or zlib
    try:
        for chunk in chunks:
            while chunk:
                yield inflater.decompress(chunk, CHUNK)
                chunk = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error as error:
        raise BadRequest(f"The body is not in the encoding that it claims: {error}") from error
    if not inflater.eof:
        raise BadRequest("The compressed body ends early")
