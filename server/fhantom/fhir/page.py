"""The page on which a browser shows an answer: the resource, indented, escaped, with colours, references as links."""

from __future__ import annotations

import html
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

from fhantom.wire.browser import document
from fhantom.wire.highlight import Token, tokens

_FORMS = ("json", "xml", "ttl")
_ROOTS = ("/fhir", "/fhir-r4")


@dataclass(frozen=True, slots=True)
class Place:
    """What was asked, and where its page stands.

    Attributes:
        path: of the request, such as `/fhir/Patient`.
        query: of the request, without its question mark.
        root: what a proxy's prefix puts in front of every path.
        origin: what absolute links to this server begin with, `root` included.
        browsed: the path below which pages of this room open for a browser; empty if they stand where the data is.
    """

    path: str
    query: str
    root: str
    origin: str
    browsed: str = ""

    @property
    def target(self) -> str:
        """Path and query as a client would ask for them."""
        return f"{self.root}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def heading(self) -> str:
        """The path below the server's own, to be read; all of it if there is nothing below."""
        below = self.path.partition("/")[2].partition("/")[2]
        return urllib.parse.unquote(below or self.path)

    def page_of(self, path: str) -> str:
        """The address of the page of a path of this server."""
        return f"{self.root}{self.browsed}{path}"

    def link(self, link: str) -> str:
        """The address of what a string of the answer refers to; of other servers as it is."""
        base = "/" + self.path.split("/")[1]
        if not link.startswith("http"):
            return self.page_of(f"{base}/{link}")
        path = link.removeprefix(self.origin)
        if self.browsed and path != link and path.startswith(tuple(f"{root}{end}" for root in _ROOTS for end in "/?")):
            return self.page_of(path)
        return link


def render(text: str, *, is_json: bool, status: str, place: Place) -> str:
    """A complete HTML document that shows `text`, which is JSON or XML (Turtle is shown as XML is).

    Args:
        status: status line of the answer, for example `200 OK`.
    """
    body = "".join(_written(token, place) for token in tokens(text, is_json=is_json))
    address = html.escape(place.target)
    query = f"{place.query}&" if place.query else ""
    page = html.escape(f"{place.page_of(place.path)}?{query}_format=")
    forms = " ".join(f'<a href="{page}{form}">{form.upper()}</a>' for form in _FORMS)
    content = (
        f'<nav class="crumbs" aria-label="Address">{" / ".join(_parents(place))}</nav>'
        f"<h1>{html.escape(place.heading)}</h1>"
        f'<dl class="facts"><div><dt>Answer</dt><dd>{html.escape(status)}</dd></div>'
        f"<div><dt>Request</dt><dd><code>GET {address}</code></dd></div>"
        f'<div><dt>Also as</dt><dd class="links">{forms}</dd></div></dl>'
        f'<pre class="json" tabindex="0" aria-label="The answer"><code>{body}</code></pre>'
    )
    return document(place.target, content, place.root)


def _written(token: Token, place: Place) -> str:
    shown = html.escape(token.text, quote=False)
    if token.link:
        return f'<a class="{token.kind}" href="{html.escape(place.link(token.link))}">{shown}</a>'
    return f'<span class="{token.kind}">{shown}</span>' if token.kind else shown


def _parents(place: Place) -> Iterator[str]:
    """Links to what is above the address, the server first."""
    base, *parts = place.path.strip("/").split("/")
    at = f"/{base}"
    yield f'<a href="{html.escape(place.page_of(at))}/metadata">{html.escape(at)}</a>'
    for part in parts[:-1]:
        at = f"{at}/{part}"
        yield f'<a href="{html.escape(place.page_of(at))}">{html.escape(part)}</a>'
    yield from (f"<span>{html.escape(part)}</span>" for part in parts[-1:])
