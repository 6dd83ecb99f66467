"""Snapshots as files, to be carried to another machine."""

from __future__ import annotations

from flask import Response, jsonify, request

from fhantom.control.access import Who
from fhantom.control.asking import Asking
from fhantom.control.table import KEY, Given, Routes, Row
from fhantom.site import Site
from fhantom.world import snapshots

MEDIA_TYPE = "application/x-tar"

_EXPORT = Row(
    "GET",
    "/snapshots/<name>/file",
    "Send a snapshot as one file: its rows, and the DICOM bytes and texts that they name.",
    query=(KEY,),
    media_type=MEDIA_TYPE,
)
_IMPORT = Row(
    "PUT",
    "/snapshots/<name>/file",
    "Take in such a file as a snapshot; every piece is checked by its digest.",
    Who.ALL,
    query=(KEY,),
    raw={"type": "string", "format": "binary"},
    raw_type=MEDIA_TYPE,
    status=201,
    answer={"name": "as given"},
)


def register(routes: Routes, site: Site, asking: Asking) -> None:
    """Add the routes of files."""

    @routes.add(_EXPORT)
    def export(given: Given, name: str) -> Response:
        pieces = snapshots.export(site.worlds, asking.world(), name)
        attachment = f'attachment; filename="{name}.tar"'
        return Response(pieces, mimetype=MEDIA_TYPE, headers={"Content-Disposition": attachment})

    @routes.add(_IMPORT)
    def take_in(given: Given, name: str) -> tuple[Response, int]:
        snapshots.take_in(site.worlds, asking.world(), name, request.stream)
        return jsonify(name=name), 201
