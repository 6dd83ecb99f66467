"""The two routes of the SOLE repository; it has no way to read events back."""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from fhantom.errors import BadRequest, MethodNotAllowed
from fhantom.site import Site
from fhantom.sole import answers, syslog, tables
from fhantom.sole.syslog import Event
from fhantom.wire.context import world_of
from fhantom.wire.notes import notes_of

_JSON = "application/json"
_PAGE = b"<!DOCTYPE html><html><head><title>SOLE</title></head><body><h1>SOLE repository</h1></body></html>"


def blueprint(site: Site) -> Blueprint:
    """`GET /sole` and `POST /sole/bulk-syslog-events`."""
    sole = Blueprint("sole", __name__, url_prefix="/sole")

    @sole.get("", provide_automatic_options=False)
    def home() -> Response:
        return Response(_PAGE, content_type="text/html; charset=UTF-8")

    @sole.route(
        "/bulk-syslog-events",
        methods=["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"],
        provide_automatic_options=False,
    )
    def bulk_syslog_events() -> Response:
        if request.method == "OPTIONS":
            return answers.methods("POST")
        if request.method != "POST":
            raise MethodNotAllowed(allow=("POST",))
        # The repository compares both headers letter by letter.
        if request.headers.get("Content-Type") != _JSON or request.headers.get("Accept") != _JSON:
            raise BadRequest("Content-Type and Accept headers both must have a value of application/json")
        now = site.clock.now_ms()
        notes = notes_of(request.environ)
        for stored, event in enumerate(syslog.events(syslog.upload(request.get_data())), 1):
            # Each event is stored by itself: those before a bad one stay.
            try:
                with world_of(request.environ).writing() as connection:
                    _store(connection, event, now)
            except IntegrityError:
                raise syslog.StoreFailure("the audit source has sent a message before") from None
            notes.understood = {"stored": stored}
        return answers.stored()

    return sole


def _store(connection: Connection, event: Event, now: int) -> None:
    row = connection.execute(insert(tables.event).values(received_ms=now, **event.columns))
    assert row.inserted_primary_key is not None
    for participant in event.participants:
        connection.execute(
            insert(tables.participant).values(
                event_id=row.inserted_primary_key[0],
                kind=participant.kind,
                name=participant.name,
                role=participant.role,
            )
        )
