"""URLs of what is stored, as they stand in answers."""

from __future__ import annotations

from collections.abc import Sequence
from wsgiref.types import WSGIEnvironment

from flask import Response

from fhantom.wire.context import origin_of

_MOST_WARNINGS = 20


def service_of(environ: WSGIEnvironment) -> str:
    """The base URL of DICOMweb as the client reaches it, without a trailing slash."""
    return origin_of(environ) + "/dicomweb"


def retrieve_url(service: str, study: str, series: str = "", instance: str = "") -> str:
    """RetrieveURL (0008,1190) of a study, series or instance."""
    url = f"{service}/studies/{study}"
    if series:
        url += f"/series/{series}"
    return f"{url}/instances/{instance}" if instance else url


def warn(response: Response, service: str, texts: Sequence[str]) -> None:
    """Add Warning headers (PS3.18 8.3.4, RFC 7234 5.5): a few, since clients refuse an answer with too many."""
    for text in texts[:_MOST_WARNINGS]:
        # What a header cannot carry is replaced.
        printable = "".join(char if " " <= char <= "~" and char not in '"\\' else "?" for char in text[:300])
        response.headers.add("Warning", f'299 {service}: "{printable}"')
