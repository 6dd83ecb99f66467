"""FHIR's own pages, for a browser that is signed in: below `/browse` its cookie counts, which it does not at `/fhir`.

What is there is only read, and is the answer that a client gets at the same path, in the form for people.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from fhantom.wire.context import BROWSED
from fhantom.wire.notes import notes_of

ROOT = "/browse"


def register(pages: Blueprint) -> None:
    """Add them."""
    for rule in (f"{ROOT}/<any(fhir, 'fhir-r4'):base>", f"{ROOT}/<any(fhir, 'fhir-r4'):base>/<path:path>"):
        pages.add_url_rule(rule, rule, browse)


def browse(base: str, path: str = "") -> Response:
    """The answer of the room to the rest of the path."""
    notes_of(request.environ)  # there before the copy is made, so that the journal reads what the room notes
    environ = dict(request.environ)
    environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(ROOT)
    environ[BROWSED] = ROOT
    answer = Response.from_app(current_app.wsgi_app, environ)
    assert isinstance(answer, Response)
    return answer
