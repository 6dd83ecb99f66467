"""Frames: cut out of the stored bytes, or recoded (PS3.18 10.4.1.1.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from fhantom.archive.objects import blob_of, dicom_file, stored_bytes
from fhantom.archive.retrieve import InstanceRow
from fhantom.dicom import TransferSyntax, transfer_syntax
from fhantom.dicom.pixel_layout import PixelLayout, frame_bytes
from fhantom.dicomweb.errors import BadFileFormat, ParameterOutOfRange
from fhantom.errors import BadRequest
from fhantom.pixels.errors import NoCodec
from fhantom.pixels.frame_types import ALIASES, OCTET_STREAM, SYNTAXES, FrameType, as_stored, candidates
from fhantom.pixels.layouts import Layouts
from fhantom.pixels.transcoding import SEEN_FIRST, Recoder, recoder
from fhantom.wire.media import Accepted, parse_accept
from fhantom.wire.multipart import Body, Part
from fhantom.world import World

_NUMBER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_ANY = (OCTET_STREAM,)
_SHOWN = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of one instance, in the form that was negotiated.

    Attributes:
        form: media type and transfer syntax of each.
        multipart: whether they come as multipart/related.
    """

    world: World
    row: InstanceRow
    layout: PixelLayout
    form: FrameType
    multipart: bool
    recode: Recoder

    def read(self, number: int) -> bytes:
        """Frame `number` (from 1)."""
        return self.recode.frame(self._stored(number))

    def _stored(self, number: int) -> bytes:
        layout = self.layout
        spans = layout.frames[number - 1]
        if self._is_elsewhere:
            return frame_bytes(dicom_file(self.world, self.row).dataset, layout, number)
        digest = blob_of(self.world, self.row)
        pieces = [self.world.blobs.read(digest, span.offset, span.length) for span in spans]
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def chosen(self, numbers: Sequence[int] | None, first: int = 1) -> Sequence[int]:
        """The frames that are asked for, or all of them from the `first` one.

        Raises:
            ParameterOutOfRange: one of them does not exist (Orthanc answers 400, not 404).
        """
        count = len(self.layout.frames)
        if numbers is None and first <= count:
            return range(first, count + 1)
        if numbers is None:
            raise ParameterOutOfRange("There is no frame to begin with")
        if (missing := max(numbers)) > count:
            raise ParameterOutOfRange(f"Inexistent frame index in this image: {missing}")
        return numbers

    def single(self, numbers: Sequence[int]) -> bytes:
        """The one frame that is asked for.

        Raises:
            BadRequest: they are several, which only multipart can hold.
        """
        if len(numbers) != 1:
            raise BadRequest("expecting 'Accept: multipart/related' HTTP header for several frames")
        return self.read(numbers[0])

    @property
    def content_type(self) -> str:
        """That of one frame."""
        return f"{self.form.media_type}; transfer-syntax={self.form.target.uid}"

    def parts(self, numbers: Sequence[int], base: str) -> Sequence[Part] | Iterator[Part]:
        """One part a frame; a list if their sizes are known, which costs nothing where bytes are passed on.

        Args:
            base: the URL of the instance.

        Raises:
            UnreadablePixels, NoCodec: the first frame, or one of few, cannot be recoded.
        """
        if self.recode.keeps_bytes:
            return [self._part(number, base, self._kept(number), self._length(number)) for number in numbers]
        made = ((number, self.read(number)) for number in numbers)
        parts = (self._part(number, base, (body,), len(body)) for number, body in made)
        if len(numbers) * self.layout.frame_length <= SEEN_FIRST:
            return list(parts)
        return chain([next(parts)], parts)

    def _part(self, number: int, base: str, body: Body, size: int) -> Part:
        location = f"{base}/frames/{number}"
        headers = (("Content-Type", self.content_type), ("Content-Location", location), ("MIME-Version", "1.0"))
        return Part(headers, body, size)

    def _kept(self, number: int) -> Iterator[bytes | memoryview]:
        """A frame as it is stored, in pieces of bounded size where it lies in the blob as it is."""
        if self._is_elsewhere:
            yield self._stored(number)
            return
        for start, length in self.layout.frames[number - 1]:
            yield from stored_bytes(self.world, self.row, start, start + length)

    @property
    def _is_elsewhere(self) -> bool:
        """Whether frames have to be shifted or inflated first."""
        return bool(self.layout.first_bits) or transfer_syntax(self.row.transfer_syntax_uid).deflated

    def _length(self, number: int) -> int:
        if self.layout.first_bits:
            return self.layout.frame_length
        return sum(span.length for span in self.layout.frames[number - 1])


def parse_numbers(text: str) -> list[int]:
    """Frame numbers between commas.

    Raises:
        BadFileFormat: one is not a number.
        ParameterOutOfRange: one is below 1.
    """
    numbers = []
    for field in text.split(","):
        if not _NUMBER.fullmatch(field):
            raise BadFileFormat(f"Not a list of frame numbers: {text[:80]}")
        if (number := int(field)) < 1:
            raise ParameterOutOfRange(f"Invalid frame number (must be > 0): {field[:20]}")
        numbers.append(number)
    return numbers


def open_frames(world: World, row: InstanceRow, layouts: Layouts, accept: str | None, max_frame_bytes: int) -> Frames:
    """The frames of an instance in the best form that the client takes.

    Raises:
        NoPixels: it has none.
        BadRequest: the client takes no form that frames have.
        NoCodec: it takes only forms that these frames cannot be put in.
    """
    layout = layouts.of(blob_of(world, row), lambda: dicom_file(world, row))
    accepts = parse_accept("*/*" if accept is None else accept)
    refusal: NoCodec | None = None
    kept = as_stored(layout.transfer_syntax).media_type
    for accepted in accepts:
        for form in forms(accepted, layout.transfer_syntax):
            is_bare = accepted.multipart is False and not accepted.transfer_syntax_uid
            if is_bare and form.media_type == _SHOWN != kept:
                continue  # who asks for a bare image/jpeg wants something to show, not lossless JPEG of 16 bits
            try:
                made = recoder(layout, form.target, max_frame_bytes)
            except NoCodec as error:
                refusal = refusal or error
            else:
                return Frames(world, row, layout, form, accepted.multipart is not False, made)
    raise refusal or BadRequest(f"No frames of such a media type or transfer syntax: {(accept or '')[:200]}")


def forms(accepted: Accepted, stored: TransferSyntax) -> Iterator[FrameType]:
    """The forms that an entry of an Accept header allows for frames stored in a syntax, best first."""
    return candidates(_names(accepted), accepted.transfer_syntax_uid, stored)


def _names(accepted: Accepted) -> list[str]:
    """Media types of frames that an entry includes; `*/*` means the default one alone."""
    name = accepted.media.name
    if name == "*/*":
        return list(_ANY)
    if name in ALIASES:
        return [ALIASES[name]]
    return [known for known in SYNTAXES if accepted.media.includes(known)]
