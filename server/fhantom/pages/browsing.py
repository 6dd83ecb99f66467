"""What other rooms answer, for a browser that is signed in: its cookie counts for pages, but not at `/fhir`.

What is there is only read, and is the answer that a client gets: of FHIR at the same path below `/browse`, in the form
for people; of the images a small picture of each study.
"""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

from flask import Blueprint, Response, current_app, redirect, request

from fhantom.pages.frame import root_of
from fhantom.wire.context import BROWSED
from fhantom.wire.notes import notes_of

ROOT = "/browse"


def register(pages: Blueprint) -> None:
    """Add the routes."""
    pages.add_url_rule("/thumbnails/<uid>", "thumbnail", thumbnail)
    for rule in (f"{ROOT}/<any(fhir, 'fhir-r4'):base>", f"{ROOT}/<any(fhir, 'fhir-r4'):base>/<path:path>"):
        pages.add_url_rule(rule, rule, browse)


def browse(base: str, path: str = "") -> Response:
    """The answer of the room to the rest of the path."""
    return _asked({"PATH_INFO": request.environ["PATH_INFO"].removeprefix(ROOT), BROWSED: ROOT})


def thumbnail(uid: str) -> Response:
    """A small picture of a study; the icon of the pages where there is none."""
    answer = _asked(
        {"PATH_INFO": f"/dicomweb/studies/{uid}/thumbnail", "QUERY_STRING": "", "HTTP_ACCEPT": "image/jpeg"}
    )
    if answer.status_code != 200:
        answer = _icon()
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def _icon() -> Response:
    answer = redirect(f"{root_of(request.environ)}/assets/icon.svg", 302, Response)
    assert isinstance(answer, Response)
    return answer


def _asked(changes: WSGIEnvironment) -> Response:
    """What the application answers to the present request with these changes."""
    notes_of(request.environ)  # there before the copy is made, so that the journal reads what the room notes
    answer = Response.from_app(current_app.wsgi_app, {**request.environ, **changes})
    assert isinstance(answer, Response)
    return answer
