"""What every page for a browser carries."""

from __future__ import annotations

import html

from flask import Response

from fhantom import __version__

FOOTER = (
    f"fhantom {__version__}, a local stand-in for the SIIM Hackathon server. For development and teaching, not for"
    " patients."
)

# What every page leads to: path and words.
NAVIGATION = (
    ("/", "Patients"),
    ("/studies", "Images"),
    ("/search", "Search"),
    ("/vna/", "Viewer"),
    ("/_fhantom/", "Journal"),
    ("/licences", "Licences"),
)

# Nothing inline, nothing from elsewhere, no frame around it (CSP 3).
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def guard(response: Response) -> Response:
    """Add the security headers, which assets carry too."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def document(title: str, content: str, root: str = "") -> str:
    """A whole page for rooms without templates.

    Args:
        content: markup of what is in it.
        root: what a proxy's prefix puts in front of every path.
    """
    links = "".join(f'<a href="{root}{path}">{words}</a>' for path, words in NAVIGATION)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{html.escape(title)} · fhantom</title>"
        f'<link rel="icon" href="{root}/assets/icon.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{root}/assets/pages.css"></head><body>'
        '<a class="skip" href="#content">Skip to the content</a>'
        f'<header class="top"><a class="brand" href="{root}/">'
        f'<img src="{root}/assets/icon.svg" alt="" width="28" height="28"> fhantom</a>'
        f'<nav aria-label="Pages">{links}</nav></header><main id="content">{content}</main>'
        f"<footer>{FOOTER}</footer></body></html>\n"
    )
