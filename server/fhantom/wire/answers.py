"""Answers whose bodies stream: multipart/related, files, and ranges of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from flask import Response, request

from fhantom.wire.context import UNRANGED
from fhantom.wire.multipart import Body, Encoder, Part
from fhantom.wire.ranges import ByteRange, parse_range


def multipart(parts: Iterable[Part], media_type: str, status: int = 200) -> Response:
    """Parts as multipart/related; a list of parts of known size gets a Content-Length.

    Args:
        media_type: of each part; its parameters become those of the whole (PS3.18 8.7.1).
    """
    encoder = Encoder()
    size = encoder.size(parts) if isinstance(parts, Sequence) else None
    name, _, parameters = media_type.partition("; ")
    inner = f'type="{name}"; {parameters}' if parameters else f'type="{name}"'
    content_type = f"multipart/related; {inner}; boundary={encoder.boundary}"
    return streamed(encoder.encode(parts), content_type, size, status=status)


def streamed(body: Body, content_type: str, size: int | None = None, *, status: int = 200) -> Response:
    """A body that is made while it is sent; without its size it goes out in chunks."""
    response = Response(cast(Iterable[bytes], body), status=status, direct_passthrough=True)
    response.headers["Content-Type"] = content_type
    if size is not None:
        response.headers["Content-Length"] = str(size)
    return response


def buffered(pieces: Sequence[bytes], content_type: str) -> Response:
    """A body whose pieces are at hand."""
    return streamed(pieces, content_type, sum(map(len, pieces)))


def ranged(body: bytes, content_type: str) -> Response:
    """A body at hand, or the range of it that the request asks for."""
    return ranged_pieces(lambda start, stop: [body[start:stop]], len(body), content_type)


def ranged_pieces(cut: Callable[[int, int], Body], size: int, content_type: str) -> Response:
    """A body that `cut` yields between two positions: all of it, or the range that the request asks for."""
    found = asked_range(size)
    if found is None:
        return _with_ranges(streamed(cut(0, size), content_type, size))
    return partial(cut(found.start, found.stop), content_type, found)


def asked_range(size: int) -> ByteRange | None:
    """The range that the request asks of a body of that size; None for the whole.

    Such answers carry no validators, so that whatever `If-Range` names is not what they are (RFC 9110 13.1.5).
    """
    if UNRANGED in request.environ or "If-Range" in request.headers:
        return None
    return parse_range(request.headers.get("Range"), size)


def partial(body: Body, content_type: str, found: ByteRange) -> Response:
    """A 206 with the bytes of one range."""
    response = streamed(body, content_type, found.length, status=206)
    response.headers["Content-Range"] = found.content_range
    return _with_ranges(response)


def _with_ranges(response: Response) -> Response:
    response.headers["Accept-Ranges"] = "bytes"
    return response


def not_modified(etag: str) -> Response | None:
    """A 304 if the client has what that validator stands for, else None (RFC 9110 13.1.2)."""
    if etag not in request.if_none_match:
        return None
    response = Response(status=304)
    response.set_etag(etag)
    return response
