"""What a person reads who opens an address for programs in a browser: why it is refused, and what leads on."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from wsgiref.types import WSGIEnvironment

from fhantom.gateway.paths import DATA_ROUTES, first_segment
from fhantom.wire.browser import document
from fhantom.wire.context import ORIGIN


class Way(NamedTuple):
    """A page that shows what was asked for: its address, and words for it."""

    address: str
    words: str


# By the first segment of the path; `{}` is path and query, `{quoted}` the same as a value.
_WAYS = {
    "fhir": (Way("/browse{}", "Show this answer as a page"), Way("/search?kind=request&value={quoted}", "As code")),
    "dicomweb": (Way("/search?kind=request&value={quoted}", "Make this request on the search page"),),
    "wadouri": (Way("/studies", "Images"),),
    "vna": (Way("/sign-in?next={quoted}", "Sign in, then show it"),),
}
_WAYS["fhir-r4"] = _WAYS["fhir"]


def explained(message: str, path: str, environ: WSGIEnvironment) -> str | None:
    """The page for a path that carries data; None for a path that has pages of its own."""
    segment = first_segment(path)
    if segment not in DATA_ROUTES:
        return None
    origin = environ[ORIGIN]
    root = urlsplit(origin).path
    query = environ.get("QUERY_STRING", "")
    target = quote(path.encode("latin-1")) + (f"?{query}" if query else "")
    command = f'curl -H "apikey: $SIIM_API_KEY" {shlex.quote(origin + target)}'
    content = (
        '<section class="card"><h1>This address is for programs</h1>'
        f"<p>{escape(message)} A browser cannot send it by itself, and being signed in to the pages does not "
        "count here, so that no other site can use your key.</p>"
        f'<p class="ways">{"".join(_links(segment, target, root))}</p>'
        f'<h2>The request in a terminal</h2><pre tabindex="0" aria-label="curl"><code>{escape(command)}</code></pre>'
        f'<p>What a key is and where it goes: <a href="{root}/key">your key</a>, '
        f'<a href="{root}/search">a search as curl, Python and JavaScript</a>.</p></section>'
    )
    return document("Key needed", content, root)


def _links(segment: str, target: str, root: str) -> Iterator[str]:
    for address, words in _WAYS.get(segment, ()):
        filled = address.replace("{quoted}", quote(target, safe="/")).replace("{}", target)
        yield f'<a class="button" href="{escape(root + filled)}">{escape(words)}</a> '
