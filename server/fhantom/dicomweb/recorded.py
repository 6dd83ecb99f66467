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
from fhantom.pixels.frame_types import ALIASES, OCTET_STREAM, SYNTAXES
from fhantom.pixels.layouts import Layouts
from fhantom.wire.media import Choice, Offer
from fhantom.world import World

_FIELD = re.compile(r'\s*([^\s=]+)=\s*("[^"]*"|[^"=]*?)\s*')
_METADATA = ("*/*", "application/json", "application/dicom+json")
_PICTURES = {None: "image/jpeg", "*/*": "image/jpeg", "image/jpeg": "image/jpeg", "image/png": "image/png"}
_OF_PICTURES = ("quality", "window", "viewport")
_BEYOND_LATIN_1 = re.compile("[^\x00-\xff]")
_TAGS = re.compile(r'("[0-9A-F]{8}":\{"vr":"AT","Value":\["[0-9A-F]{8}")(?:,"[0-9A-F]{8}")+')
_EXPONENT = re.compile(r'"vr":"(?:FD|FL)","Value":\[[^\]]*\de[-+]?\d')


def accept(text: str | None, media_type: str) -> str:
    """The one form of objects, or of bulk data, that the real server takes a header for.

    It splits at semicolons alone, passes over what is not of the form of a field, and the last of a kind wins.

    Raises:
        BadRequest: it is for anything else than multipart of that type.
    """
    name, *fields = ("*/*" if text is None else text.strip()).split(";")
    if name.lower() not in ("*/*", "multipart/related"):
        raise BadRequest(f"This WADO-RS plugin cannot generate the following content type: {name[:200]}")
    found = filter(None, map(_FIELD.fullmatch, fields))
    last = {field[1].lower(): field[2].strip('"') for field in found}
    if last.get("type", "").lower() not in ("", media_type):
        raise BadRequest(f"This WADO-RS plugin only supports {media_type} return type (multipart/related)")
    return _multipart(media_type, last.get("transfer-syntax", ""))


def chosen(text: str | None, media_type: str, choose: Callable[[str | None], Choice]) -> Choice | None:
    """What `choose` makes of a header as the real server reads it; None where that refuses it."""
    try:
        return choose(accept(text, media_type))
    except BadRequest:
        return None


def is_refused(text: str | None, media_type: str) -> bool:
    """Whether the real server takes such a header for nothing, before it looks for objects or bulk data."""
    return chosen(text, media_type, lambda accept: Choice(Offer(media_type, True), "")) is None


def form_of(resource: str, text: str | None) -> str | None:
    """The media type in which the real server answers for a resource of WADO-RS, None where it takes no such header."""
    if resource.endswith("/rendered"):
        return _PICTURES.get(text)
    if resource.endswith("/metadata"):
        form = "multipart/related" if (text or "").lower().startswith("multipart/") else _METADATA[-1]
        return form if takes_metadata(text) else None
    if "/frames" in resource:
        return "multipart/related"
    media_type = OCTET_STREAM if "/bulk" in resource else "application/dicom"
    return None if is_refused(text, media_type) else "multipart/related"


def accept_of_frames(text: str | None) -> str:
    """The one form of frames that the real server takes a header for: every field has to be whole.

    Raises:
        BadRequest: it is none.
    """
    name, *fields = ("*/*" if text is None else text).split(";")
    if name.strip() == "*/*":
        return name
    if name.strip().lower() != "multipart/related":
        raise BadRequest("expecting 'Accept: multipart/related' HTTP header")
    last = {"type": OCTET_STREAM}
    for field in fields:
        key, _, value = field.partition("=")
        if field.count("=") != 1:
            raise BadFileFormat
        last[key.strip().lower()] = _unquoted(value.strip())
    name = last["type"].lower()
    default = SYNTAXES.get(ALIASES.get(name, name), ("",))[0] if name.startswith("image/") else ""
    return _multipart(last["type"], last.get("transfer-syntax") or default)


def _multipart(media_type: str, transfer_syntax_uid: str) -> str:
    syntax = f'; transfer-syntax="{transfer_syntax_uid}"' if transfer_syntax_uid else ""
    return f'multipart/related; type="{media_type}"{syntax}'


def takes_metadata(header: str | None) -> bool:
    """Whether the real server finds a form of metadata in an Accept header."""
    name, *fields = ("*/*" if header is None else header).split(";")
    if name.lower() == "multipart/related":
        found = filter(None, map(_FIELD.fullmatch, fields))
        last = {field[1].lower(): field[2].strip('"').lower() for field in found}
        return last.get("type") == "application/dicom+xml" and not last.get("transfer-syntax")
    return any(one.strip().lower() in _METADATA for one in name.split(","))


def _unquoted(value: str) -> str:
    """The value without the quotes around it."""
    return value[1:-1] if value.startswith('"') and value.endswith('"') else value


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
