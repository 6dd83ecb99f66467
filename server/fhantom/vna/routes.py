"""The blueprint of `/vna`: the tree of patients, studies, series and instances, tools, and the shells of viewers."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, current_app, request
from sqlalchemy import Connection

from fhantom import __version__
from fhantom.archive import hierarchy, removing
from fhantom.archive.hierarchy import Entry
from fhantom.archive.ingest import Incoming, Outcome, Refusal, accept, keep
from fhantom.archive.query import Level
from fhantom.errors import BadRequest, Conflict, MethodNotAllowed
from fhantom.site import Site
from fhantom.vna import (
    finding,
    routes_archives,
    routes_changes,
    routes_frames,
    routes_instances,
    routes_levels,
    shells,
    telling,
)
from fhantom.vna.describing import children, described, instances_of, sizes, statistics
from fhantom.vna.errors import BadFileFormat, BadParameterType, UnknownResource
from fhantom.vna.names import Item, Kind, Patient, find, find_above, name_of, patient_of, patients
from fhantom.vna.writing import plain, written
from fhantom.wire.context import world_of

_SYSTEM = {
    "ApiVersion": 16,  # of Orthanc 1.10.1, which is what these routes are held against
    "CheckRevisions": False,
    "DatabaseBackendPlugin": None,
    "DatabaseVersion": 6,
    "DicomAet": "ORTHANC",
    "DicomPort": 4242,
    "Name": "fhantom",
    "PluginsEnabled": True,
    "StorageAreaPlugin": None,
}


def blueprint(site: Site) -> Blueprint:
    """Everything below `/vna`."""
    vna = Blueprint("vna", __name__, template_folder="templates")
    shells.register(vna, site.settings.viewer)
    routes_instances.register(vna)
    routes_frames.register(vna, site)
    routes_levels.register(vna)
    routes_archives.register(vna)
    routes_changes.register(vna)
    for kind in Kind:
        _register_kind(vna, kind)
    vna.add_url_rule("/vna/tools/find", "find", find_items, methods=["POST"])
    vna.add_url_rule("/vna/tools/lookup", "lookup", look_up, methods=["POST"])
    vna.add_url_rule("/vna/statistics", "statistics", all_statistics)

    @vna.get("/vna/system")
    def system() -> Response:
        own = {"HttpPort": site.settings.port, "Version": f"1.10.1 (fhantom {__version__})"}
        told = _SYSTEM | own | {"IsHttpServerSecure": not site.settings.any_key}
        return written(dict(sorted(told.items())))

    @vna.get("/vna/tools/now")
    def now() -> Response:
        return plain(site.clock.now().strftime("%Y%m%dT%H%M%S"))

    @vna.post("/vna/instances")
    def upload() -> Response:
        return stored(site)

    @vna.route("/vna/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
    def missing(path: str) -> Response:
        if allowed := _methods_of(request.path):
            raise MethodNotAllowed(allow=allowed)
        raise UnknownResource

    return vna


def _register_kind(vna: Blueprint, kind: Kind) -> None:
    """The routes that every level has: its list, one of it, what is above and below that."""
    root = f"/vna/{kind.plural}"

    def one(id: str) -> Response:
        with world_of(request.environ).reading() as connection:
            wanted = telling.of_query(request.args)
            return written(described(world_of(request.environ), connection, _find(connection, kind, id), wanted))

    def removed(id: str) -> Response:
        return remove(kind, id)

    def counted(id: str) -> Response:
        with world_of(request.environ).reading() as connection:
            return written(statistics(connection, _find_above(connection, kind, id)))

    vna.add_url_rule(root, f"{root} list", lambda: listed(kind))
    vna.add_url_rule(f"{root}/<id>", f"{root} one", one)
    vna.add_url_rule(f"{root}/<id>", f"{root} delete", removed, methods=["DELETE"])
    vna.add_url_rule(f"{root}/<id>/statistics", f"{root} statistics", counted)
    for other in Kind:
        if other > kind:
            vna.add_url_rule(f"{root}/<id>/{other.plural}", f"{root} {other}", _below(kind, other))
        elif other < kind:
            vna.add_url_rule(f"{root}/<id>/{other.name.lower()}", f"{root} {other}", _above(kind, other))


def listed(kind: Kind) -> Response:
    """All of a level, or the part of them that `since` and `limit` name."""
    world = world_of(request.environ)
    since, limit = _slice(kind)
    with world.reading() as connection:
        found: list[Item]
        if kind is Kind.PATIENT:
            everybody = patients(connection)
            found = list(everybody[since:] if limit < 0 else everybody[since : since + limit])
        else:
            found = list(hierarchy.entries(connection, Level(kind), since, limit))
        if "expand" in request.args:
            wanted = telling.of_query(request.args)
            return written([described(world, connection, item, wanted) for item in found])
        return written([name_of(item) for item in found])


def remove(kind: Kind, id: str) -> Response:
    """Take out everything that an identifier stands for, and tell what is left above it."""
    world = world_of(request.environ)
    with world.reading() as connection:
        item = _find(connection, kind, id)
        doomed = [entry.id for entry in instances_of(connection, item)]
    removing.remove(world, doomed)
    with world.reading() as connection:
        left = _remaining(connection, item)
    return written({"RemainingAncestor": left})


def _remaining(connection: Connection, item: Item) -> dict[str, str] | None:
    if isinstance(item, Patient):
        return None
    for level, uid in ((Level.SERIES, item.series_instance_uid), (Level.STUDY, item.study_instance_uid)):
        if level < item.level:
            for above in hierarchy.named(connection, level, uid):
                if above.study_id == item.study_id:
                    return _place(Kind(level), name_of(above))
    if any(one.patient_id == item.patient_id for one in patients(connection)):
        return _place(Kind.PATIENT, name_of(item, Kind.PATIENT))
    return None


def stored(site: Site) -> Response:
    """Store one DICOM file."""
    world = world_of(request.environ)
    body = request.get_data(cache=False)
    accepted = accept(body, site.settings.inline_bulkdata)
    if isinstance(accepted, Refusal):
        raise BadFileFormat(f"Cannot parse an invalid DICOM file (size: {len(body)} bytes)")
    (outcome,) = keep(world, [Incoming(accepted, body)], site.settings.duplicates)
    if outcome is Outcome.REFUSED:
        raise Conflict("An instance is stored under these UIDs already")
    with world.reading() as connection:
        entry = next(
            one
            for one in hierarchy.named(connection, Level.INSTANCE, accepted.sop_instance_uid)
            if one.series_instance_uid == accepted.series_instance_uid
        )
    parents = {f"Parent{kind.title}": name_of(entry, kind) for kind in Kind if kind < Kind.INSTANCE}
    status = "Success" if outcome in (Outcome.STORED, Outcome.REPLACED) else "AlreadyStored"
    place = _place(Kind.INSTANCE, name_of(entry))
    return written(dict(sorted((parents | {"ID": place["ID"], "Path": place["Path"], "Status": status}).items())))


def find_items() -> Response:
    """What meets the conditions of the body."""
    world = world_of(request.environ)
    wanted = finding.parse(request.get_data(cache=False))
    with world.reading() as connection:
        found = finding.find(world, connection, wanted)
        if wanted.expand:
            return written([described(world, connection, item, wanted.telling) for item in found])
        return written([name_of(item) for item in found])


def look_up() -> Response:
    """What has the PatientID or UID that the body is."""
    text = request.get_data(cache=False)[:1024].decode("utf-8", "replace").strip()
    with world_of(request.environ).reading() as connection:
        return written([_place(kind, name) for kind, name in finding.lookup(connection, text)])


def all_statistics() -> Response:
    """How much the archive holds."""
    with world_of(request.environ).reading() as connection:
        studies = list(hierarchy.entries(connection, Level.STUDY))
        counts = {
            "CountPatients": len({study.patient_id for study in studies}),
            "CountStudies": len(studies),
            "CountSeries": sum(study.series for study in studies),
            "CountInstances": sum(study.instances for study in studies),
        }
        size = hierarchy.size_of(connection)
    return written(dict(sorted((counts | sizes(size, ("TotalDiskSize", "TotalUncompressedSize"))).items())))


def _below(kind: Kind, other: Kind) -> Callable[[str], Response]:
    def view(id: str) -> Response:
        world = world_of(request.environ)
        with world.reading() as connection:
            found = children(connection, _find_above(connection, kind, id), other)
            wanted = telling.of_query(request.args)
            return written([described(world, connection, item, wanted) for item in found])

    return view


def _above(kind: Kind, other: Kind) -> Callable[[str], Response]:
    def view(id: str) -> Response:
        world = world_of(request.environ)
        with world.reading() as connection:
            entry = _find_above(connection, kind, id)
            assert isinstance(entry, Entry), "nothing is above a patient"
            found: Item | None = patient_of(connection, entry)
            if other is not Kind.PATIENT:
                row = entry.study_id if other is Kind.STUDY else entry.series_id
                found = hierarchy.entry(connection, Level(other), row)
            assert found is not None, "in one snapshot"
            return written(described(world, connection, found, telling.of_query(request.args)))

    return view


def _find(connection: Connection, kind: Kind, id: str) -> Item:
    return find(world_of(request.environ), connection, kind, id)


def _find_above(connection: Connection, kind: Kind, id: str) -> Item:
    return find_above(world_of(request.environ), connection, kind, id)


def _methods_of(path: str) -> tuple[str, ...]:
    """The methods that a path takes, other than by the route for what is missing."""
    adapter = current_app.url_map.bind("")
    found = []
    for method in ("DELETE", "GET", "POST"):
        endpoint, _ = adapter.match(path, method)
        if endpoint.startswith("vna.") and endpoint != "vna.missing":
            found.append(method)
    return tuple(found)


def _slice(kind: Kind) -> tuple[int, int]:
    given = [name for name in ("since", "limit") if name in request.args]
    if not given:
        return 0, -1
    for name in ("since", "limit"):
        if name not in given:
            raise BadRequest(f'Missing "{name}" argument for GET request against: /{kind.plural}/')
    texts = [request.args[name] for name in ("since", "limit")]
    if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in texts):
        raise BadParameterType("Syntax error in some user-supplied data")
    since, limit = map(int, texts)
    return since, limit


def _place(kind: Kind, name: str) -> dict[str, str]:
    return {"ID": name, "Path": f"/{kind.plural}/{name}", "Type": kind.title}
