"""OHIF's built files, where they are installed: as the npm package has them, moved below /vna/ohif/.

They hold no data and open without a key; what they ask for afterwards needs one. `assets/ohif-config.js` tells them
of this server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import IO

from flask import Blueprint, Response, redirect, request, send_from_directory
from werkzeug.exceptions import NotFound

from fhantom.vna.errors import UnknownResource

VERSION = "3.13.2"
NAME = f"ohif-{VERSION}"
"""Of the folder that holds the files."""

BELOW = "/vna/ohif/"
CONFIGURATION = "app-config.js"

# OHIF's list of studies and its modes (routeName of each in the built files), in the addresses of this server.
PAGES = (
    "/vna",
    *(f"/vna/{mode}" for mode in ("viewer", "segmentation", "tmtv", "microscopy", "usAnnotation", "dynamic-volume")),
)

# The real server's viewer (hackathon-server.md 4), whose links name a study as OHIF's do.
STONE = "/vna/stone-webviewer/index.html"

# Its own policy: code that is made at run time, WebAssembly, workers and styles are how it is built.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
        "worker-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' blob: data:",
        "font-src 'self' data:",
        "media-src 'self' blob: data:",
        "object-src 'self' blob:",
        "frame-src 'self' blob:",
        "connect-src 'self' blob: data:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors *",
    )
)

# Segmentation by models of 136 MB, maps for those who change OHIF, and a cache of OHIF's own.
_LEFT_OUT = ("ort/", "sw.js", "init-service-worker.js", "serve.json", "_headers", "_redirects", CONFIGURATION)

# Where the built files say that they lie at the root of a server; and no worker is to keep them for later.
_MOVED: dict[str, tuple[tuple[bytes, bytes], ...]] = {
    ".html": (
        (b'<script rel="preload" as="script" type="module" src="/init-service-worker.js"></script>', b""),
        (b'="/', f'="{BELOW}'.encode()),
    ),
    ".js": (
        (b'__webpack_require__.p = "/";', f'__webpack_require__.p = "{BELOW}";'.encode()),
        (b"browserImportFunction('/", f"browserImportFunction('{BELOW}".encode()),
    ),
    ".css": ((b"url(/", f"url({BELOW}".encode()),),
}


def is_wanted(name: str) -> bool:
    """Whether a file of the package's `dist` folder is installed."""
    return not name.startswith(_LEFT_OUT) and not name.endswith(".map") and ".." not in PurePosixPath(name).parts


def moved(name: str, content: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a file as it is installed."""
    changes = _MOVED.get(PurePosixPath(name).suffix, ())
    if not changes:
        while piece := content.read(1 << 20):
            yield piece
        return
    whole = content.read()
    for old, new in changes:
        whole = whole.replace(old, new)
    yield whole


def is_installed(folder: Path | None) -> bool:
    """Whether the files of this version are in a folder."""
    return folder is not None and (folder / NAME / "index.html").is_file()


def register(vna: Blueprint, folder: Path) -> None:
    """Add OHIF's pages and files."""
    installed = folder / NAME
    for path in PAGES:
        vna.add_url_rule(path, f"ohif {path}", _page(installed))
    vna.add_url_rule(STONE, "ohif stone", _study_of_stone)
    vna.add_url_rule(f"{BELOW}{CONFIGURATION}", "ohif configuration", _configuration)
    vna.add_url_rule(f"{BELOW}<path:name>", "ohif file", _file(installed))


def _page(installed: Path) -> Callable[[], Response]:
    def view() -> Response:
        response = Response((installed / "index.html").read_bytes(), mimetype="text/html")
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return view


def _file(installed: Path) -> Callable[[str], Response]:
    def view(name: str) -> Response:
        try:
            # Names carry a digest of what is in them, but for a few.
            return send_from_directory(installed, name, conditional=True, max_age=3600)
        except NotFound:
            raise UnknownResource from None

    return view


def _configuration() -> Response:
    content = (files("fhantom.vna") / "assets" / "ohif-config.js").read_bytes()
    return Response(content, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


def _study_of_stone() -> Response:
    uids = request.args.get("study", "")
    address = f"viewer?StudyInstanceUIDs={uids}" if all(one.isalnum() or one in ".,-_" for one in uids) and uids else ""
    response = redirect(f"../{address}")
    assert isinstance(response, Response)
    return response
