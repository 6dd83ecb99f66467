"""Reading on where an answer comes before the whole request: most clients look for it only when they have sent all.

Servers read on by themselves, but not far (gunicorn 64 KB to 1 MB), and then cut the connection, so that a client with
a wrong key and a large file would see a broken pipe instead of 403.
"""

from __future__ import annotations

import contextlib
from wsgiref.types import WSGIEnvironment

_MOST = 64 * 1024 * 1024
_PIECE = 64 * 1024


def drain(environ: WSGIEnvironment, *, untouched: bool) -> None:
    """Read and forget what is left of the body, up to 64 MB.

    A body of told length whose stream does not end by itself is only read if it is `untouched`: how much of it is
    left cannot be known otherwise.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    chunked = "HTTP_TRANSFER_ENCODING" in environ
    if length == "0" and not chunked:
        return
    left = _MOST
    if not environ.get("wsgi.input_terminated"):
        if chunked or not untouched or not length.isdigit():
            return
        left = min(int(length), _MOST)
    stream = environ["wsgi.input"]
    with contextlib.suppress(Exception):  # a torn body must not keep its sender from the answer
        while left > 0 and (piece := stream.read(min(_PIECE, left))):
            left -= len(piece)
