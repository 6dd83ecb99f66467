"""What a level or a list of resources holds, as one ZIP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from fhantom.archive.objects import blob_of
from fhantom.vna import archives
from fhantom.vna.archives import Placed
from fhantom.vna.errors import BadFileFormat, UnknownItem, UnknownResource
from fhantom.vna.names import Item, Kind, find, find_above
from fhantom.wire.answers import streamed
from fhantom.wire.context import world_of
from fhantom.world import World

_LEVELS = (Kind.PATIENT, Kind.STUDY, Kind.SERIES)
_LONGEST = 1 << 20

Writer = Callable[[World, Sequence[Placed]], Iterator[bytes]]

_WRITERS: dict[str, Writer] = {"archive": archives.archive, "media": archives.media}


def register(vna: Blueprint) -> None:
    """Add the routes."""
    for name, writer in _WRITERS.items():
        for kind in _LEVELS:
            path = f"/vna/{kind.plural}/<id>/{name}"
            vna.add_url_rule(path, path, _of_one(kind, writer), methods=["GET", "POST"])
        path = f"/vna/tools/create-{name}"
        vna.add_url_rule(path, path, _of_many(writer), methods=["POST"])


def _of_one(kind: Kind, writer: Writer) -> Callable[[str], Response]:
    def view(id: str) -> Response:
        world = world_of(request.environ)
        with world.reading() as connection:
            found = archives.placed(connection, [find_above(world, connection, kind, id)])
        return _zip(writer, world, found, id)

    return view


def _of_many(writer: Writer) -> Callable[[], Response]:
    def view() -> Response:
        world = world_of(request.environ)
        wanted = _resources()
        with world.reading() as connection:
            found = archives.placed(connection, [_find_any(world, connection, one) for one in wanted])
        return _zip(writer, world, found, "Archive")

    return view


def _zip(writer: Writer, world: World, found: Sequence[Placed], name: str) -> Response:
    here = [one for one in found if one.row.blob is not None]
    if found and not here:
        blob_of(world, found[0].row)  # which says who has the bytes
    answer = streamed(writer(world, here), "application/zip")
    answer.headers["Content-Disposition"] = f'filename="{name}.zip"'
    return answer


def _resources() -> list[str]:
    """The identifiers in the body: a list, or an object with the list."""
    try:
        told = json.loads(request.get_data(cache=False)[:_LONGEST])
    except ValueError:
        told = None
    if isinstance(told, dict):
        told = told.get("Resources")
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise BadFileFormat("Missing field Resources in the JSON body")
    return told


def _find_any(world: World, connection: Connection, id: str) -> Item:
    for kind in Kind:
        try:
            return find(world, connection, kind, id)
        except UnknownItem:
            continue
    raise UnknownResource
