"""The query of WADO-URI (PS3.18 9.1.2), read into one record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

from fhantom.errors import BadRequest, NotFound
from fhantom.pixels import annotation
from fhantom.pixels.geometry import Viewport
from fhantom.pixels.grayscale import Window
from fhantom.pixels.rendering import ImageType
from fhantom.wire.media import Offer, negotiate, parse_accept

DICOM = "application/dicom"
IMAGES: tuple[ImageType, ...] = get_args(ImageType)
_CONTENT_TYPES = {DICOM: DICOM, "image/jpg": "image/jpeg"} | {name: name for name in IMAGES}
TEXTS = ("text/html", "text/plain")
_CONTENT_TYPES |= {name: name for name in TEXTS}
_FORMS = tuple(Offer(name, False) for name in (*IMAGES, DICOM))


_CHARSET = re.compile(  # those of PS3.3 C.12.1.1.2 under the names of IANA, and their like; all extend ASCII
    r"(?:utf-8|us-ascii|iso-8859-\d{1,2}|windows-\d{3,4}|euc-(?:jp|kr)|shift_jis|gb18030|gbk|gb2312|big5|koi8-r)",
    re.IGNORECASE,
)
_READ_THERE = ("requestType", "objectUID", "studyUID", "seriesUID", "contentType")
_EXCLUDED_BY_PRESENTATION = ("windowCenter", "windowWidth", "region", "annotation")

# PS3.18 9.1.2
KNOWN = frozenset(
    (
        *("requestType", "objectUID", "studyUID", "seriesUID", "contentType", "charset", "transferSyntax", "anonymize"),
        *("frameNumber", "imageQuality", "windowCenter", "windowWidth", "region", "rows", "columns", "annotation"),
        *("presentationUID", "presentationSeriesUID"),
    )
)


class Malformed(BadRequest):
    """A parameter that shapes the answer has a value without a meaning."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """A part of the image by its corners, each coordinate from 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Request:
    """What a request asks for; None where it leaves the choice to the server.

    Attributes:
        charset: of text, UTF-8 if None.
        presentation: series and SOP instance UID of the presentation state that arranges the picture.
    """

    sop_instance_uid: str
    study_instance_uid: str | None
    series_instance_uid: str | None
    content_type: str
    transfer_syntax_uid: str | None
    anonymize: bool
    frame_number: int
    quality: int | None
    window: Window | None
    region: Fraction | None
    viewport: Viewport | None
    annotation: tuple[str, ...]
    charset: str | None
    presentation: tuple[str, str] | None


def parse(query: Mapping[str, str], accept: str | None) -> Request:
    """Read the query; the Accept header counts where it names no contentType.

    Raises:
        NotFound: `requestType` is not `WADO`, or there is no `objectUID` (as Orthanc).
        Malformed: a value has no meaning.
        BadRequest: there is no such contentType.
    """
    if query.get("requestType") != "WADO" or not query.get("objectUID"):
        raise NotFound
    content_type = _content_type(query.get("contentType"), accept)
    return Request(
        sop_instance_uid=query["objectUID"],
        study_instance_uid=query.get("studyUID") or None,
        series_instance_uid=query.get("seriesUID") or None,
        content_type=content_type,
        transfer_syntax_uid=query.get("transferSyntax"),
        anonymize=_anonymize(query, content_type),
        frame_number=_whole(query, "frameNumber") or 1,
        quality=_quality(query),
        window=_window(query),
        region=_region(query.get("region")),
        viewport=_viewport(query),
        annotation=annotation.parse(query.get("annotation", "")),
        charset=_charset(query.get("charset", "")),
        presentation=_presentation(query),
    )


def as_recorded(query: Mapping[str, str]) -> dict[str, str]:
    """What of a query the real server reads."""
    return {name: query[name] for name in _READ_THERE if name in query}


def understood(wanted: Request) -> dict[str, Any]:
    """What the request says, in plain JSON values for the journal."""
    return {name: value for name, value in asdict(wanted).items() if value not in (None, (), False)}


def _content_type(text: str | None, accept: str | None) -> str:
    if text is not None:
        # A list, which PS3.18 9.1.2.1.2 allows, is refused as there: who sends one would find no images on that server.
        if text not in _CONTENT_TYPES:
            raise unsupported(text)
        return _CONTENT_TYPES[text]
    choice = negotiate(parse_accept(accept), _FORMS) if accept else None
    return choice.offer.name if choice else IMAGES[0]


def unsupported(content_type: str) -> BadRequest:
    """The refusal of a form that there is not, or not of this object."""
    return BadRequest(f'WADO-URI: Unsupported content type: "{content_type[:80]}"')


def _charset(text: str) -> str | None:
    """The first known name of a list (PS3.18 9.1.2.1.2, RFC 9110 12.5.2)."""
    names = (name.partition(";")[0].strip() for name in text.split(","))
    return next((name for name in names if _CHARSET.fullmatch(name) and _is_known(name)), None)


def _is_known(charset: str) -> bool:
    try:
        "".encode(charset)
    except LookupError:  # also of codecs that are not of text
        return False
    return True


def _presentation(query: Mapping[str, str]) -> tuple[str, str] | None:
    """PS3.18 9.1.2.2.10 and 9.1.2.2.11: the two come together, and without a window or region."""
    uid, series = query.get("presentationUID"), query.get("presentationSeriesUID")
    if not uid and not series:
        return None
    if not uid or not series:
        raise Malformed("WADO-URI: presentationUID and presentationSeriesUID come together")
    if excluded := next((name for name in _EXCLUDED_BY_PRESENTATION if name in query), None):
        raise Malformed(f"WADO-URI: {excluded} has no meaning with a presentation state")
    return series, uid


def _anonymize(query: Mapping[str, str], content_type: str) -> bool:
    """PS3.18 9.1.2.2.1: of objects only, and `yes` is its only value."""
    if "anonymize" not in query or content_type != DICOM:
        return False
    if query["anonymize"] != "yes":
        raise Malformed("WADO-URI: anonymize can only be yes")
    return True


def _whole(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 9 and int(text) > 0):
        raise Malformed(f"WADO-URI: {name} must be a number above 0: {text[:20]}")
    return int(text)


def _quality(query: Mapping[str, str]) -> int | None:
    quality = _whole(query, "imageQuality")
    if quality is not None and quality > 100:
        raise Malformed(f"WADO-URI: imageQuality must be 1 to 100: {quality}")
    return quality


def _number(query: Mapping[str, str], name: str) -> float | None:
    text = query.get(name)
    try:
        number = float(text) if text is not None else None
    except ValueError:
        number = float("nan")
    if number is not None and not abs(number) < float("inf"):
        raise Malformed(f"WADO-URI: {name} must be a number: {str(text)[:20]}")
    return number


def _window(query: Mapping[str, str]) -> Window | None:
    center, width = _number(query, "windowCenter"), _number(query, "windowWidth")
    if center is None or width is None:
        return None
    if width <= 0:
        raise Malformed("WADO-URI: windowWidth must be above 0")
    return Window(center, width)


def _viewport(query: Mapping[str, str]) -> Viewport | None:
    rows, columns = _whole(query, "rows"), _whole(query, "columns")
    if rows is None and columns is None:
        return None
    try:
        return Viewport(columns, rows, padded=False)
    except BadRequest as error:
        raise Malformed(f"WADO-URI: {error.message}") from None


def _region(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        left, top, right, bottom = (float(field) for field in text.split(","))
    except ValueError:
        raise Malformed(f"WADO-URI: region must be four numbers: {text[:60]}") from None
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise Malformed("WADO-URI: region must be two corners between 0 and 1")
    return Fraction(left, top, right, bottom)
