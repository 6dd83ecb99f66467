"""Where WADO-RS departs from the real server's recorded answers; searches and uploads: `portability`."""

from __future__ import annotations

import re

from fhantom.dicom.syntaxes import DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
from fhantom.dicomweb import recorded
from fhantom.dicomweb import wado_told as told
from fhantom.dicomweb.wado_objects import DICOM
from fhantom.pixels.frame_types import OCTET_STREAM
from fhantom.wire.portability import RANGE, Departure, Exchange

_IMAGES = ("image/jpeg", "image/png")
_LEVELS = ("<study>", "<series>", "<instance>")
_NOT_WRITTEN = re.compile(r"transfer-syntax=\"?1\.2\.840\.10008\.1\.2\.(?:5|4\.(?:9[0-3]|20[1-3]|1\d\d))\b")
_ANY_FRAMES = re.compile(r'type=(?:"?\*/\*|""|[;,]|$)|;\s*$', re.IGNORECASE)
_BIG_ENDIAN = re.compile(r'transfer-syntax="?1\.2\.840\.10008\.1\.2\.2(?![.\d])')
_FORM_REFUSED = (400, 406)
_FRAME_TYPES = re.compile(r"type=\"?image/(?:x-)?(?:dicom-rle|jp2|jphc)", re.IGNORECASE)


def _is_objects(exchange: Exchange) -> bool:
    return exchange.method == "GET" and exchange.resource.endswith(_LEVELS)


def _is_chosen(exchange: Exchange) -> bool:
    """Whether `accept` in the query has led to another answer than the header would have."""
    there = recorded.form_of(exchange.resource, exchange.accept)
    if exchange.status >= 400:
        return exchange.status in _FORM_REFUSED and there is not None
    return exchange.media_type != there or "transfer-syntax" in exchange.query["accept"]


def _rendered(exchange: Exchange) -> bool:
    return exchange.resource.endswith("/rendered")


DEPARTURES: tuple[Departure, ...] = (
    Departure(
        "wado-accept-parameter",
        "accept in the query chooses the form",
        "it is ignored",
        None,
        lambda exchange: "accept" in exchange.query and "<study>" in exchange.resource and _is_chosen(exchange),
        clause="PS3.18 8.3.3.1",
        imitated=True,
        refuses=None,
    ),
    Departure(
        "wado-single-part",
        "one instance comes without multipart",
        "400, it cannot generate application/dicom alone",
        400,
        lambda exchange: _is_objects(exchange) and exchange.media_type == "application/dicom",
        "still so in 1.24",
        clause="PS3.18 10.4.1.1.1",
    ),
    Departure(
        "wado-zip",
        "objects come in a ZIP",
        "400",
        400,
        lambda exchange: _is_objects(exchange) and exchange.media_type == "application/zip",
        clause="PS3.18 10.4.1.1.1",
    ),
    told.ACCEPT_LIST,
    told.ACCEPT_READ,
    Departure(
        "wado-accept-first",
        "what is not there is 404",
        "400 where Accept is of a type that it does not know",
        400,
        lambda exchange: (
            exchange.status == 404
            and exchange.resource.endswith((*_LEVELS, "/bulk/<path:path>"))
            and recorded.is_refused(exchange.accept, OCTET_STREAM if "/bulk/" in exchange.resource else DICOM)
        ),
        clause="RFC 9110 15.5.5",
        refuses=True,
    ),
    told.RECODED,
    Departure(
        "wado-encoders",
        "objects are written in RLE, JPEG 2000 and HTJ2K",
        "500, it has no such encoder",
        500,
        lambda exchange: _is_objects(exchange) and bool(_NOT_WRITTEN.search(exchange.accept or "")),
        "with orthanc-gdcm it has those of RLE and JPEG 2000",
        clause="PS3.18 8.7.3.3",
    ),
    Departure(
        "wado-deflated",
        "an object that says deflated is",
        "it says so and is not",
        None,
        lambda exchange: _is_objects(exchange) and DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN in (exchange.accept or ""),
        clause="PS3.5 A.5",
    ),
    Departure(
        "metadata-includefield",
        "includefield chooses the attributes of metadata",
        "it is ignored",
        None,
        lambda exchange: exchange.resource.endswith("/metadata") and "includefield" in exchange.query,
        clause="PS3.18 8.3.4.3",
        imitated=True,
    ),
    Departure(
        "metadata-xml",
        "XML is the Native DICOM Model: `uri`, privateCreator, all digits, and no Value without one",
        "`URI`, no creators, nine digits, and an empty Value",
        None,
        lambda exchange: exchange.resource.endswith("/metadata") and "dicom+xml" in (exchange.accept or ""),
        clause="PS3.19 A.1",
        imitated=True,
    ),
    told.EVERY_VALUE,
    Departure(
        "frames-all",
        "/frames without numbers returns all frames",
        "the first one is left out, and one frame alone is 400",
        None,
        lambda exchange: exchange.resource.endswith("/frames"),
        "still so in 1.24",
        clause="PS3.18 10.4.1.1.6",
        imitated=True,
    ),
    told.FRAMES_ACCEPT_LIST,
    told.CONVERTED_FRAMES,
    told.DEEP_PIXELS,
    Departure(
        "frames-single-part",
        "one frame comes without multipart",
        "400",
        400,
        lambda exchange: (
            "/frames" in exchange.resource
            and exchange.resource.endswith(("/frames", "<numbers>"))
            and not exchange.media_type.startswith("multipart/")
        ),
        clause="PS3.18 10.4.1.1.6",
    ),
    Departure(
        "frames-encoders",
        "frames are written in RLE, JPEG 2000 and HTJ2K",
        "500, it has no such encoder",
        500,
        lambda exchange: (
            exchange.resource.endswith(("/frames", "<numbers>"))
            and bool(_FRAME_TYPES.search(exchange.accept or ""))
            and "transfer-syntax=*" not in (exchange.accept or "")
        ),
        clause="PS3.18 8.7.3.3",
    ),
    Departure(
        "frames-any-type",
        "frames may be asked for without a type, or with */* for one",
        "400",
        400,
        lambda exchange: (
            exchange.resource.endswith(("/frames", "<numbers>"))
            and (exchange.accept or "").lower().startswith("multipart/related")
            and bool(_ANY_FRAMES.search(exchange.accept or ""))
        ),
        clause="PS3.18 8.7.3.3.2",
    ),
    Departure(
        "frames-big-endian",
        "frames that are asked for in big endian come in little endian",
        "they come as they are stored, or 500",
        None,
        lambda exchange: (
            exchange.resource.endswith(("/frames", "<numbers>")) and bool(_BIG_ENDIAN.search(exchange.accept or ""))
        ),
        clause="PS3.18 8.7.3.3.2",
    ),
    Departure(
        "bulk-single-part",
        "a value comes without multipart",
        "400",
        400,
        lambda exchange: exchange.resource.endswith("<path:path>") and not exchange.media_type.startswith("multipart/"),
        clause="PS3.18 10.4.1.1.5",
    ),
    told.OFFSET_TABLE,
    told.ITEM_ZERO,
    told.PIXEL_KEYWORD,
    Departure(
        "bulk-resources",
        "/bulkdata and /pixeldata are resources",
        "404, unknown resource",
        404,
        lambda exchange: exchange.resource.endswith(("/bulkdata", "/pixeldata", "/bulkdata/<path:path>")),
        clause="PS3.18 10.4.1.1.5",
    ),
    Departure(
        "rendered-accept",
        "the Accept header of a rendered resource is negotiated",
        "400 unless it is image/jpeg, image/png or */* and nothing else",
        400,
        lambda exchange: _rendered(exchange) and exchange.accept not in (None, "*/*", *_IMAGES),
        clause="RFC 9110 12.5.1",
    ),
    Departure(
        "rendered-types",
        "reports, documents, videos and GIF are rendered",
        "400",
        400,
        lambda exchange: _rendered(exchange) and exchange.media_type not in (*_IMAGES, "multipart/related"),
        "PDF since 1.23, video since 1.19",
        clause="PS3.18 10.4.1.1.3",
    ),
    Departure(
        "rendered-annotation",
        "annotation and iccprofile count",
        "they are ignored",
        None,
        lambda exchange: (
            _rendered(exchange) and ("annotation" in exchange.query or exchange.query.get("iccprofile", "no") != "no")
        ),
        clause="PS3.18 8.3.5.1",
        imitated=True,
    ),
    Departure(
        "rendered-window-exact",
        "linear-exact spreads the window from its lower to its upper end",
        "what is below its centre is black",
        None,
        lambda exchange: _rendered(exchange) and "linear-exact" in exchange.query.get("window", ""),
        clause="PS3.3 C.11.2.1.3.2",
        imitated=True,
    ),
    told.EMPTY_WINDOW,
    told.FRAMES_RENDERED,
    told.DRAWN,
    Departure(
        "thumbnail",
        "/thumbnail is a small picture",
        "404, unknown resource",
        404,
        lambda exchange: exchange.resource.endswith("/thumbnail") and exchange.status != 404,
        "the same as /rendered since 1.19",
        clause="PS3.18 10.4.1.1.4",
        refuses=None,
    ),
    RANGE,
    Departure(
        "not-modified",
        "what a client has already is 304",
        "200 with the whole body",
        None,
        lambda exchange: exchange.status == 304,
        clause="RFC 9110 13.1.2",
        imitated=True,
    ),
    told.DECODED_JPEG_2000,
    *(departure for _, departure in told.REFUSALS),
)
