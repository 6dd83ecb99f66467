"""Frames and whole files in another transfer syntax than the stored one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fhantom.dicom import DicomFile, TransferSyntax, pixel_layout, syntaxes
from fhantom.dicom.pixel_layout import PixelLayout, frame_bytes
from fhantom.dicom.rewriting import NewPixels, rewrite
from fhantom.dicom.syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, transfer_syntax
from fhantom.pixels import codecs, encoders
from fhantom.pixels.errors import NoCodec
from fhantom.pixels.frames import MAX_FRAME_BYTES, Frame, check, decode, little_endian

_PHOTOMETRIC_INTERPRETATION = 0x00280004
_PLANAR_CONFIGURATION = 0x00280006
_BITS_ALLOCATED = 0x00280100
_BITS_STORED = 0x00280101
_HIGH_BIT = 0x00280102
_LOSSY_IMAGE_COMPRESSION = 0x00282110
_LOSSY_METHODS = {  # PS3.3 C.7.6.1.1.5.1
    syntaxes.JPEG_BASELINE: "ISO_10918_1",
    syntaxes.JPEG_EXTENDED: "ISO_10918_1",
    syntaxes.JPEG_LS_NEAR_LOSSLESS: "ISO_14495_1",
    syntaxes.JPEG_2000: "ISO_15444_1",
    syntaxes.HTJ2K: "ISO_15444_15",
}
_LOSSY_IMAGE_COMPRESSION_METHOD = 0x00282114
_DERIVATION_DESCRIPTION = 0x00082111
_DERIVATION = "Lossless JPEG compression, selection value {}, point transform 0, compression ratio {}"  # as recorded

SEEN_FIRST = 16 << 20
"""Frames of at most so many bytes are all decoded before the first goes out: an answer cannot be taken back."""

# Frames of at most so many bytes are all encoded before the first goes out, which gives an offset table.
_IN_HAND = 64 << 20


@dataclass(frozen=True, slots=True)
class Recoder:
    """Turns the frames of one file into another transfer syntax.

    Attributes:
        layout: of the file.
        target: the syntax of what `frame` makes.
        max_bytes: greatest size of a decoded frame; 0 is no limit.
    """

    layout: PixelLayout
    target: TransferSyntax
    max_bytes: int = MAX_FRAME_BYTES

    def frame(self, data: bytes) -> bytes:
        """One frame of the file, as `pixel_layout.frame_bytes` gave it, in the target syntax.

        Raises:
            NoCodec, UnreadablePixels, ImageTooLarge: as `frames.decode` and `encoders.encode`.
        """
        if self.keeps_bytes:
            return data
        if not (self.target.encapsulated or self.layout.transfer_syntax.encapsulated):
            return little_endian(self.layout, data)
        return self.written(self.decoded(data))

    @property
    def keeps_bytes(self) -> bool:
        """Whether frames come out as they go in."""
        stored = self.layout.transfer_syntax
        if self.target.encapsulated or stored.encapsulated:
            return self.target.uid == stored.uid
        return self.layout.little_endian

    def decoded(self, data: bytes) -> Frame:
        """The samples of one frame."""
        return decode(self.layout, data, self.max_bytes)

    def written(self, frame: Frame) -> bytes:
        """Decoded samples in the target syntax."""
        if self.target.encapsulated:
            return encoders.encode(frame, encoders.decoded_layout(frame, self.layout), self.target.uid)
        samples = frame.samples
        return samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()

    def attributes(self, frame: Frame) -> Mapping[int, tuple[str, ...]]:
        """What changes in the data set when its frames are like this one."""
        layout = encoders.decoded_layout(frame, self.layout)
        interpretation = frame.photometric_interpretation
        if self.target.encapsulated:
            interpretation = encoders.encoded_interpretation(frame, self.target.uid)
        changes: dict[int, tuple[str, ...]] = {}
        if interpretation != self.layout.photometric_interpretation:
            changes[_PHOTOMETRIC_INTERPRETATION] = (interpretation,)
        if layout.samples_per_pixel > 1:
            changes[_PLANAR_CONFIGURATION] = ("0",)
        if layout.bits_allocated != self.layout.bits_allocated:
            stored = min(self.layout.bits_stored, layout.bits_allocated)
            changes[_BITS_ALLOCATED] = (str(layout.bits_allocated),)
            changes[_BITS_STORED] = (str(stored),)
            changes[_HIGH_BIT] = (str(stored - 1),)
        if self.target.uid in _LOSSY_METHODS:
            changes[_LOSSY_IMAGE_COMPRESSION] = ("01",)
            changes[_LOSSY_IMAGE_COMPRESSION_METHOD] = (_LOSSY_METHODS[self.target.uid],)
        return changes


def recoder(layout: PixelLayout, target: TransferSyntax, max_bytes: int = MAX_FRAME_BYTES) -> Recoder:
    """A recoder of which it is known that the codecs exist.

    Raises:
        NoCodec: the stored frames cannot be decoded, or not encoded in the target.
        ImageTooLarge, UnreadablePixels: no array can be made of a frame.
    """
    made = Recoder(layout, target, max_bytes)
    stored = layout.transfer_syntax
    if target.uid == stored.uid or not (target.encapsulated or stored.encapsulated):
        return made
    check(layout, max_bytes)
    if stored.encapsulated and not codecs.decodes(stored.uid):
        raise NoCodec(f"fhantom has no decoder for {stored.name} ({stored.uid})")
    if target.encapsulated:
        encoders.encoder_for(target.uid, layout)
    return made


def transcode(file: DicomFile, target: TransferSyntax, max_bytes: int = MAX_FRAME_BYTES) -> Iterator[bytes]:
    """The file in the target syntax, in pieces; its first frame, or few ones, are made before the first piece.

    Raises:
        NoCodec, UnreadablePixels, ImageTooLarge: when the call is made, if one of those cannot be recoded.
        DicomError: the file is not in order.
    """
    layout = pixel_layout.of(file)
    stored = file.transfer_syntax
    if layout is None or not (target.encapsulated or stored.encapsulated):
        return rewrite(file, target)
    made = recoder(layout, target, max_bytes)
    decoded = made.decoded(frame_bytes(file.dataset, layout, 1))
    attributes, head = made.attributes(decoded), made.written(decoded)

    def frames() -> Iterator[bytes]:
        yield head
        for number in range(2, len(layout.frames) + 1):
            yield made.frame(frame_bytes(file.dataset, layout, number))

    length = len(layout.frames) * len(head)
    if not target.encapsulated:
        decoded_frames = list(frames()) if length <= SEEN_FIRST else frames()
        return rewrite(file, target, NewPixels(decoded_frames, attributes, length))
    if len(layout.frames) * layout.frame_length > _IN_HAND:
        return rewrite(file, target, NewPixels(frames(), attributes))
    encoded = list(frames())
    if (selection := encoders.SELECTION_VALUES.get(target.uid)) is not None:
        ratio = len(layout.frames) * layout.frame_length / sum(map(len, encoded))
        attributes = {**attributes, _DERIVATION_DESCRIPTION: (_DERIVATION.format(selection, _rounded(ratio)),)}
    return rewrite(file, target, NewPixels(encoded, attributes))


def _rounded(ratio: float) -> str:
    """Five digits from the first that counts; zeros right after the point do not count either (as recorded)."""
    whole, fraction = f"{ratio:.15f}".split(".")
    zeros = len(fraction) - len(fraction.lstrip("0"))
    return f"{ratio:.{max(5 - len(whole.lstrip('0')) + zeros, 0)}f}".rstrip("0").rstrip(".")


def default_target(stored: TransferSyntax) -> TransferSyntax:
    """The syntax of an answer to a client that names none: explicit little endian (PS3.18 8.7.3.5.2).

    Video and the few syntaxes that nothing here decodes stay as they are.
    """
    if stored.uid == EXPLICIT_VR_LITTLE_ENDIAN or (stored.encapsulated and not codecs.decodes(stored.uid)):
        return stored
    return transfer_syntax(EXPLICIT_VR_LITTLE_ENDIAN)
