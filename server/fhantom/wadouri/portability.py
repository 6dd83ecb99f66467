"""Where WADO-URI departs from the real server's recorded answers."""

from __future__ import annotations

from fhantom.wire.portability import RANGE, Departure, Exchange

_SHAPING = ("rows", "columns", "region", "annotation")
_PRESENTED = ("presentationUID", "presentationSeriesUID")


def _has(exchange: Exchange, *names: str) -> bool:
    return any(name in exchange.query for name in names)


def _is_shaped(exchange: Exchange) -> bool:
    """Whether a parameter has an effect: the first frame, half a window and the quality of a PNG have none."""
    has_window = "windowCenter" in exchange.query and "windowWidth" in exchange.query
    has_quality = "imageQuality" in exchange.query and exchange.media_type == "image/jpeg"
    is_later = exchange.query.get("frameNumber", "1") != "1"
    return has_window or has_quality or is_later or _has(exchange, *_SHAPING)


MALFORMED = Departure(
    "wadouri-malformed",
    "parameters without a meaning, and frames and presentation states that there are not, are refused",
    "they are ignored, like all that shapes a picture",
    clause="PS3.18 9.1.2.2",
    imitated=True,
)
DEEP = Departure(
    "wadouri-deep",
    "samples of 32 bits or of 8 with a sign, colours of 16, palettes of 16 or in implicit VR and YBR that is not"
    " compressed are shown",
    "500",
    500,
    clause="PS3.18 9.1.2.1.2",
)
UNKNOWN_METHOD = Departure(
    "patch",
    "PATCH and methods that nobody knows are 405 with Allow",
    "400 without a body, or 404 for those of WebDAV",
    400,
    clause="RFC 9110 15.5.6",
)
NO_PICTURE = Departure(
    "wadouri-no-pixels",
    "a picture of an object without pixels is 400",
    "500",
    500,
    clause="PS3.18 9.1.3",
)
DARK = Departure(
    "wadouri-dark",
    "a deep image without a window shows the values that it has",
    "it shows all values that its bits could have, and is nearly black",
    clause="PS3.18 9.1.2.2.7",
    imitated=True,
)
JPEG_2000 = Departure(
    "wadouri-jpeg-2000",
    "JPEG 2000 is shown",
    "500",
    500,
    newer="with orthanc-gdcm it is decoded",
    clause="PS3.18 9.1.2.1.2",
)

DEPARTURES: tuple[Departure, ...] = (
    Departure(
        "head",
        "HEAD answers as GET does",
        "404 without a body",
        404,
        lambda exchange: exchange.method == "HEAD",
        clause="RFC 9110 9.3.2",
    ),
    Departure(
        "options",
        "OPTIONS tells which methods there are",
        "404 without a body",
        404,
        lambda exchange: exchange.method == "OPTIONS",
        clause="RFC 9110 9.3.7",
    ),
    RANGE,
    Departure(
        "wadouri-root",
        "WADO-URI answers at the root of DICOMweb too",
        "404, unknown resource",
        404,
        lambda exchange: exchange.resource == "/dicomweb",
    ),
    Departure(
        "wadouri-gif",
        "image/gif is a content type",
        "400",
        400,
        lambda exchange: exchange.media_type == "image/gif",
        clause="PS3.18 9.1.2.1.2",
    ),
    Departure(
        "wadouri-label",
        "a JPEG is labelled image/jpeg",
        "a JPEG is labelled image/png",
        None,
        lambda exchange: exchange.media_type == "image/jpeg",
        "still so in 1.24",
        clause="PS3.18 8.7.3",
        imitated=True,
    ),
    Departure(
        "wadouri-text",
        "a report comes as text, in the charset asked for",
        "400",
        400,
        lambda exchange: exchange.media_type in ("text/html", "text/plain"),
        clause="PS3.18 9.1.2.1.2",
    ),
    Departure(
        "wadouri-accept",
        "the Accept header counts where contentType is missing",
        "it is ignored, and the answer is a JPEG",
        None,
        lambda exchange: (
            "contentType" not in exchange.query
            and exchange.accept is not None
            and exchange.media_type not in ("", "image/jpeg")
        ),
        clause="RFC 9110 12.5.1",
        imitated=True,
    ),
    NO_PICTURE,
    MALFORMED,
    UNKNOWN_METHOD,
    DARK,
    DEEP,
    JPEG_2000,
    Departure(
        "wadouri-presentation",
        "a presentation state arranges the picture",
        "it is ignored",
        None,
        lambda exchange: exchange.media_type.startswith("image/") and _has(exchange, *_PRESENTED),
        clause="PS3.18 9.1.2.2.10",
        imitated=True,
    ),
    Departure(
        "wadouri-shape",
        "size, region, window, quality, frame and annotation are those asked for",
        "they are ignored: the first frame in full size",
        None,
        lambda exchange: exchange.media_type.startswith("image/") and _is_shaped(exchange),
        clause="PS3.18 9.1.2.2",
        imitated=True,
    ),
    Departure(
        "wadouri-object",
        "transferSyntax and anonymize count",
        "they are ignored: the object as it was stored",
        None,
        lambda exchange: (
            exchange.media_type == "application/dicom"
            and ("anonymize" in exchange.query or exchange.query.get("transferSyntax", "*") != "*")
        ),
        clause="PS3.18 9.1.2.3",
        imitated=True,
    ),
)
