"""What the recorded Orthanc makes of a request, or of a row, where `strict` is to do likewise."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from fhantom.archive.objects import blob_of, dicom_file
from fhantom.archive.retrieve import InstanceRow
from fhantom.dicomweb import rendered_parameters
from fhantom.dicomweb.errors import BadFileFormat, ParameterOutOfRange
from fhantom.dicomweb.rendered_parameters import Parameters
from fhantom.dicomweb.wado_told import JPEG_2000
from fhantom.errors import BadRequest
from fhantom.pixels import orthanc
from fhantom.pixels.layouts import Layouts
from fhantom.world import World

_METADATA = ("*/*", "application/json", "application/dicom+json")
_OF_PICTURES = ("quality", "window", "viewport")
_BEYOND_LATIN_1 = re.compile("[^\x00-\xff]")
_TAGS = re.compile(r'("[0-9A-F]{8}":\{"vr":"AT","Value":\["[0-9A-F]{8}")(?:,"[0-9A-F]{8}")+')
_EXPONENT = re.compile(r'"vr":"(?:FD|FL)","Value":\[[^\]]*\de[-+]?\d')


def accept(text: str | None) -> str | None:
    """The one form that the real server takes a header for: it splits at semicolons alone, and the last of a kind wins.

    Raises:
        BadRequest: it begins with a list of types.
    """
    name, *fields = ("*/*" if text is None else text).split(";")
    if "," in name or name != name.strip():
        raise BadRequest(f"This WADO-RS plugin cannot generate the following content type: {name[:200]}")
    if name.lower() != "multipart/related":
        return text
    pairs = (field.partition("=") for field in fields)
    last = {key.strip().lower(): _unquoted(value.strip()) for key, _, value in pairs}
    return "; ".join((name, *(f'{key}="{value}"' for key, value in last.items())))


def is_refused(header: str | None, choose: Callable[[str | None], object]) -> bool:
    """Whether the real server finds nothing in an Accept header that there is; `choose` refuses what there is not."""
    try:
        choose(accept(header))
    except BadRequest:
        return True
    return False


def takes_metadata(header: str | None) -> bool:
    """Whether the real server finds a form of metadata in an Accept header."""
    name, *fields = ("*/*" if header is None else header).split(";")
    if name.lower() == "multipart/related":
        return any(field.replace('"', "").strip().lower() == "type=application/dicom+xml" for field in fields)
    return any(one.strip().lower() in _METADATA for one in name.split(","))


def _unquoted(value: str) -> str:
    """What stands between the first quotes, or all of it without them."""
    return value.split('"')[1] if value.startswith('"') else value.replace('"', "")


def row(members: str) -> str:
    """The members of a search's row with what is lost there.

    Raises:
        BadFileFormat: a number has an exponent.
    """
    if _EXPONENT.search(members):
        raise BadFileFormat
    latin_1 = _BEYOND_LATIN_1.sub("", members).replace(',"Value":[{"Alphabetic":""}]', "")
    return _TAGS.sub(r"\1", latin_1).replace('["ISO_IR 192"]', '["ISO_IR 100"]')


def rendering(query: MultiDict[str, str]) -> Parameters:
    """The parameters of a picture that are read there, its fault with `linear-exact` among them.

    Raises:
        BadRequest: one is malformed.
    """
    read = MultiDict((name, text) for name, text in query.items(multi=True) if name in _OF_PICTURES)
    found = rendered_parameters.parse(read, empty_windows=True)
    if found.window is None or found.window.function != "linear-exact":
        return found
    return replace(found, window=replace(found.window, function="upper-half"))


def check_rendered(layouts: Layouts, world: World, row: InstanceRow) -> None:
    """Refuse what is not rendered there: JPEG 2000, and samples that it knows no format for.

    Raises:
        ParameterOutOfRange: it is such an instance.
    """
    if row.number_of_frames and (row.transfer_syntax_uid in JPEG_2000 or not is_rendered(layouts, world, row)):
        raise ParameterOutOfRange


def is_rendered(layouts: Layouts, world: World, row: InstanceRow) -> bool:
    """Whether it is a picture of samples that are known there."""
    if not row.number_of_frames:
        return False
    return orthanc.is_drawn(layouts.of(blob_of(world, row), lambda: dicom_file(world, row)))
