"""The viewer's pages: they hold no data and open without a key; their script asks for one and then for the data.

A study is told to the script by the address alone, in whichever of the forms below it came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request

from fhantom.vna import ohif
from fhantom.vna.errors import UnknownResource
from fhantom.wire.context import origin_of

# Its own policy: pictures come as blobs, and pages of other servers may put it into a frame.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src blob:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors *",
    )
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Shell:
    """An address that opens the viewer, and the template that answers it; each needs its row in the gateway too
    (`fhantom.gateway.browsers.OPEN_PATHS`)."""

    path: str
    template: str = "viewer"


# Where the real server's viewers are (hackathon-server.md 4); the first two are the viewer's own.
SHELLS = (
    Shell("/vna"),  # the list of studies
    Shell("/vna/viewer"),  # ?study=UID or ?StudyInstanceUIDs=UID
    Shell("/vna/small"),  # the same, also where OHIF has taken that address
    Shell("/vna/stone-webviewer/index.html"),  # ?study=UID
    Shell("/vna/web-viewer/app/viewer.html"),  # ?series=ORTHANC-ID
    Shell("/vna/app/explorer.html"),  # #study?uuid=ORTHANC-ID, and likewise for the other levels
)

_ASSETS = {
    "viewer.css": "text/css",
    "viewer.js": "text/javascript",
    "server.js": "text/javascript",
    "address.js": "text/javascript",
    "stack.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def register(vna: Blueprint, viewer: Path | None) -> None:
    """Add the shells and their files; OHIF takes the place of some where it is installed in a folder."""
    taken: tuple[str, ...] = ()
    if viewer is not None and ohif.is_installed(viewer):
        ohif.register(vna, viewer)
        taken = (*ohif.PAGES, ohif.STONE)
    for shell in SHELLS:
        if shell.path in taken:
            continue
        vna.add_url_rule(shell.path, f"shell {shell.path.replace('.', '_')}", _view(shell))
    vna.add_url_rule("/vna/assets/<name>", "asset", asset)


def asset(name: str) -> Response:
    """A file that the shells refer to."""
    if name not in _ASSETS:
        raise UnknownResource
    content = (files("fhantom.vna") / "assets" / name).read_bytes()
    response = _guarded(Response(content, content_type=f"{_ASSETS[name]}; charset=utf-8"))
    response.headers["Cache-Control"] = "max-age=300"
    response.add_etag()
    response.make_conditional(request)
    return response


def _view(shell: Shell) -> Callable[[], Response]:
    def view() -> Response:
        root = urlsplit(origin_of(request.environ)).path
        return _guarded(Response(render_template(f"vna/{shell.template}.html", root=root), mimetype="text/html"))

    return view


def _guarded(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
