"""What every page for a browser carries."""

from __future__ import annotations

from flask import Response

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
