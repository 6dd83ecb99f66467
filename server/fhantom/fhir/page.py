"""The page on which a browser shows an answer: the resource, indented, escaped, with colours, references as links."""

from __future__ import annotations

import html
from collections.abc import Iterator

from fhantom.wire.highlight import Token, tokens

_FORMS = ("json", "xml", "ttl")


def render(text: str, *, is_json: bool, status: str, url: str, base: str, root: str = "") -> str:
    """A complete HTML document that shows `text`, which is JSON or XML (Turtle is shown as XML is).

    Args:
        status: status line of the answer, for example `200 OK`.
        url: what was asked, with query, relative to the server's root.
        base: address that relative references are resolved against.
        root: what a proxy's prefix puts in front of every path.
    """
    body = "".join(_written(token, base) for token in tokens(text, is_json=is_json))
    separator = "&" if "?" in url else "?"
    address = html.escape(url)
    forms = " ".join(
        f'<a href="{html.escape(url + separator)}_format={form}">{form.upper()}</a>' for form in _FORMS
    )
    parents = " / ".join(_parents(url, base))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{address}</title>"
        f'<link rel="icon" href="{root}/assets/icon.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{root}/assets/pages.css"></head><body>'
        f'<header class="top"><a class="brand" href="{root}/">'
        f'<img src="{root}/assets/icon.svg" alt="" width="28" height="28"> fhantom</a>'
        f'<nav aria-label="Address">{parents}</nav></header>'
        f'<main id="content"><h1>{html.escape(status)}</h1><p class="asked"><code>GET {address}</code></p>'
        f"<p>This answer as {forms}</p>"
        f'<pre class="json" tabindex="0" aria-label="The answer"><code>{body}</code></pre></main></body></html>\n'
    )


def _written(token: Token, base: str) -> str:
    shown = html.escape(token.text, quote=False)
    if token.link:
        target = token.link if token.link.startswith("http") else f"{base}/{token.link}"
        return f'<a class="{token.kind}" href="{html.escape(target)}">{shown}</a>'
    return f'<span class="{token.kind}">{shown}</span>' if token.kind else shown


def _parents(url: str, base: str) -> Iterator[str]:
    """Links to what is above the address, the server first."""
    path = url.partition("?")[0].removeprefix(base).strip("/")
    yield f'<a href="{html.escape(base)}/metadata">{html.escape(base)}</a>'
    at = base
    for part in path.split("/")[:-1]:
        at = f"{at}/{part}"
        yield f'<a href="{html.escape(at)}">{html.escape(part)}</a>'
