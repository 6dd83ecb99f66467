"""DICOM objects, as stored or transcoded: multipart or alone (PS3.18 10.4.1.1.1)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from fhantom.archive.objects import dicom_file, stored_bytes, with_bytes
from fhantom.archive.retrieve import InstanceRow, by_series
from fhantom.dicom import DicomError, TransferSyntax, pixel_layout, transfer_syntax
from fhantom.errors import BadRequest, FhantomError
from fhantom.pixels.errors import ImageTooLarge, NoCodec, UnreadablePixels
from fhantom.pixels.transcoding import default_target, recoder, transcode
from fhantom.wire.media import Choice, Offer, negotiate, parse_accept
from fhantom.wire.multipart import Headers, Part
from fhantom.world import World

log = logging.getLogger("fhantom")

# Pixels that nobody can decode here; the object itself can still be handed out.
_UNUSABLE = (UnreadablePixels, ImageTooLarge, DicomError)

DICOM = "application/dicom"
MULTIPART = Offer(DICOM, True)
SINGLE = Offer(DICOM, False)
ZIP = Offer("application/zip", False)


def choose(accept: str | None, *, single: bool) -> Choice:
    """The form that suits an Accept header; multipart in explicit little endian without one.

    Args:
        single: whether the resource is one instance, which can come without multipart.

    Raises:
        BadRequest: none suits, or the transfer syntax is unknown (Orthanc answers 400, not 406).
    """
    if accept is None:
        return Choice(MULTIPART, "")
    choice = negotiate(parse_accept(accept), (MULTIPART, SINGLE, ZIP) if single else (MULTIPART, ZIP))
    if choice is None:
        raise BadRequest(f"This WADO-RS plugin cannot generate the following content type: {accept[:200]}")
    asked = choice.transfer_syntax_uid
    if asked not in ("", "*") and not transfer_syntax(asked).known:
        raise BadRequest(f"Unsupported transfer syntax in WADO-RS: {asked[:80]}")
    return choice


def target_of(row: InstanceRow, asked: str) -> TransferSyntax | None:
    """The syntax that an instance has to be put in; None if it goes out as it came."""
    stored = transfer_syntax(row.transfer_syntax_uid)
    if asked == "*":
        return None
    target = transfer_syntax(asked) if asked else default_target(stored)
    return None if target.uid == stored.uid else target


def content(
    world: World, row: InstanceRow, asked: str, max_frame_bytes: int
) -> tuple[Iterator[bytes | memoryview], int | None]:
    """The bytes of an instance in the syntax asked for, and their number if it is known beforehand.

    Raises:
        NoCodec: it cannot be put in that syntax.
    """
    target = target_of(row, asked)
    if target is None:
        return stored_bytes(world, row), row.size
    try:
        return transcode(dicom_file(world, row), target, max_frame_bytes), None
    except _UNUSABLE:
        if asked:
            raise NoCodec(f"Instance {row.sop_instance_uid} cannot be put in {target.name}") from None
        # Pixels that nobody can read are better handed out as they are than not at all.
        return stored_bytes(world, row), row.size


def as_sent(rows: Sequence[InstanceRow]) -> list[InstanceRow]:
    """The instances in Orthanc's order: the series that came last is the first."""
    return [row for series in reversed(by_series(rows)) for row in series]


def split(world: World, rows: Sequence[InstanceRow], asked: str) -> tuple[list[InstanceRow], list[InstanceRow]]:
    """Those of the instances that can be had in the syntax asked for, and the others.

    Raises:
        NoCodec: there is none that can.
        NotFound: of all of them only the metadata is here.
    """
    here = with_bytes(world, rows)
    able, unable = [], [row for row in rows if row.blob is None]
    refusal: NoCodec | None = None
    for row in here:
        try:
            check(world, row, asked)
        except NoCodec as error:
            refusal = refusal or error
            unable.append(row)
        else:
            able.append(row)
    if not able and refusal:
        raise refusal
    return able, unable


def check(world: World, row: InstanceRow, asked: str) -> None:
    """Refuse what no codec can do, without decoding anything.

    Raises:
        NoCodec: the instance cannot be put in the syntax asked for.
    """
    target = target_of(row, asked)
    stored = transfer_syntax(row.transfer_syntax_uid)
    if target is None or not row.number_of_frames or not (target.encapsulated or stored.encapsulated):
        return
    try:
        layout = pixel_layout.of(dicom_file(world, row))
        if layout is not None:
            recoder(layout, target, 0)
    except _UNUSABLE:
        if asked:
            raise NoCodec(f"Instance {row.sop_instance_uid} cannot be put in {target.name}") from None


def parts(
    world: World, rows: Sequence[InstanceRow], asked: str, max_frame_bytes: int
) -> Sequence[Part] | Iterator[Part]:
    """One part an instance; a list if all sizes are known, else each is made when its turn comes.

    Raises:
        NoCodec: the only instance cannot be put in the syntax asked for.
    """
    headers = (("Content-Type", DICOM), ("MIME-Version", "1.0"))
    if len(rows) == 1 or all(target_of(row, asked) is None for row in rows):
        return [Part(headers, *content(world, row, asked, max_frame_bytes)) for row in rows]
    return _made_in_turn(world, rows, asked, max_frame_bytes, headers)


def _made_in_turn(
    world: World, rows: Sequence[InstanceRow], asked: str, max_frame_bytes: int, headers: Headers
) -> Iterator[Part]:
    for row in rows:
        try:
            yield Part(headers, *content(world, row, asked, max_frame_bytes))
        except FhantomError as error:
            # The status has gone out; the other instances are still worth sending.
            log.warning("instance %s is left out: %s", row.sop_instance_uid, error)
