"""The interactions by method and path (FHIR http 3.2.0.1.2), as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fhantom.errors import FhantomError
from fhantom.fhir import bodies, deleting, history, patching, reading, searching, transaction, writing
from fhantom.fhir.capabilities import capabilities
from fhantom.fhir.exchange import Answer, Exchange
from fhantom.fhir.operations import running
from fhantom.fhir.outcomes import Refusal, refusal_of
from fhantom.fhir.reading import unsupported
from fhantom.resources import store

Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Row:
    """One interaction.

    Attributes:
        code: what FHIR calls it (type- and system-restful-interaction), for the journal.
        methods: HTTP methods that it answers.
        pattern: segments of the path below the base; `{}` stands for one that the handler is given, `*` for one
            that it is not.
        writes: it changes what is stored.
    """

    code: str
    methods: tuple[str, ...]
    pattern: tuple[str, ...]
    handler: Handler
    writes: bool = False


def _base(exchange: Exchange) -> Answer:
    """The base address: a page of a kept search, else nothing that a client could want."""
    if exchange.first("_getpages"):
        again, session, offset, count = searching.resumed(exchange)
        if running.is_operation(session.path):
            return running.further(again, session, offset, count)
        return searching.further(again, session, offset, count)
    if any(name == "_getpages" for name, _ in exchange.pairs):
        raise unsupported(exchange)
    if exchange.pairs:
        return searching.search(exchange, "")
    raise Refusal("0287")


def _search_type(exchange: Exchange, resource_type: str) -> Answer:
    """A search of one type; its further pages are asked for at the base address, and nowhere else."""
    if any(name == "_getpages" for name, _ in exchange.pairs):
        raise unsupported(exchange)
    return searching.search(exchange, resource_type)


def _search(exchange: Exchange) -> Answer:
    """A search of all types, which the real server does not know at this address."""
    if not exchange.world.settings.search_system:
        raise unsupported(exchange)
    return searching.search(exchange, "")


def _refuse_base(exchange: Exchange) -> Answer:
    raise Refusal("0287")


def _no_create(exchange: Exchange, resource_type: str, id: str) -> Answer:
    """POST to an instance: the body is read first, so its faults are told first."""
    bodies.resource_of(exchange, resource_type, "CREATE")
    raise Refusal("0365", id=id)


_GET, _READS = ("GET",), ("GET", "HEAD")
_ANY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

# FHIR http 3.2.0.1.2; the first row that fits answers. Operations (`$name`) are found before it. As HAPI 8.8.0
# does (asked), a history takes any method, and a write passes over a third segment but for a version, which is
# then the one that it expects to find.
TABLE: tuple[Row, ...] = (
    Row("read", _READS, ("{}", "{}"), reading.read),
    Row("search-type", _GET, ("{}",), _search_type),
    Row("search-type", _GET, ("{}", "_search"), _search_type),
    Row("search-type", ("POST",), ("{}", "_search"), _search_type),
    Row("update", ("PUT",), ("{}", "{}"), writing.update, writes=True),
    Row("create", ("POST",), ("{}",), writing.create, writes=True),
    Row("patch", ("PATCH",), ("{}", "{}"), patching.patch, writes=True),
    Row("delete", ("DELETE",), ("{}", "{}"), deleting.delete, writes=True),
    Row("conditional-update", ("PUT",), ("{}",), writing.update_where, writes=True),
    Row("conditional-patch", ("PATCH",), ("{}",), patching.patch_where, writes=True),
    Row("conditional-delete", ("DELETE",), ("{}",), deleting.delete_where, writes=True),
    Row("vread", _READS, ("{}", "{}", "_history", "{}"), reading.read),
    Row("update", ("PUT",), ("{}", "{}", "_history", "{}"), writing.update, writes=True),
    Row("patch", ("PATCH",), ("{}", "{}", "_history", "{}"), patching.patch, writes=True),
    Row("delete", ("DELETE",), ("{}", "{}", "_history", "{}"), deleting.delete, writes=True),
    Row("update", ("PUT",), ("{}", "{}", "*"), writing.update, writes=True),
    Row("patch", ("PATCH",), ("{}", "{}", "*"), patching.patch, writes=True),
    Row("delete", ("DELETE",), ("{}", "{}", "*"), deleting.delete, writes=True),
    Row("history-instance", _ANY, ("{}", "{}", "_history"), history.history),
    Row("history-type", _ANY, ("{}", "_history"), history.history),
    Row("create", ("POST",), ("{}", "{}"), _no_create),
    Row("create", ("POST",), ("{}", "{}", "*"), _no_create),
    Row("create", ("POST",), ("{}", "{}", "_history", "*"), _no_create),
)

SYSTEM: tuple[Row, ...] = (
    Row("capabilities", _READS, ("metadata",), capabilities),
    Row("transaction", ("POST",), (), transaction.transact),
    Row("capabilities", ("OPTIONS",), (), capabilities),
    Row("search-system", _GET, (), _base),
    Row("", ("HEAD", "PUT", "PATCH", "DELETE"), (), _refuse_base),
    Row("history-system", _ANY, ("_history",), history.history),
    Row("search-system", ("GET", "POST"), ("_search",), _search),
)


def _fitting(rows: tuple[Row, ...], method: str, segments: list[str]) -> tuple[Row, list[str]] | None:
    for row in rows:
        if method not in row.methods or len(row.pattern) != len(segments):
            continue
        given = []
        for part, segment in zip(row.pattern, segments, strict=True):
            if part in ("{}", "*") and not segment.startswith(("_", "$")):
                given += [segment] if part == "{}" else []
            elif part != segment:
                break
        else:
            return row, given
    return None


def dispatch(exchange: Exchange) -> Answer:
    """The answer of whichever interaction the request is; refusals are raised, in this room's words."""
    try:
        return _dispatched(exchange)
    except FhantomError as error:
        refusal = refusal_of(error)
        exchange.notes.refusal = refusal.message
        if refusal is error:
            raise
        raise refusal from error


def _dispatched(exchange: Exchange) -> Answer:
    segments = exchange.path.split("/") if exchange.path else []
    found = _fitting(SYSTEM, exchange.method, segments)
    if found is not None:
        exchange.notes.understood = {"interaction": found[0].code}
        return found[0].handler(exchange)
    name = segments[0]
    if name == "metadata":
        raise unsupported(exchange) if exchange.method in ("GET", "HEAD") else Refusal("0388")
    if not (name.startswith(("_", "$")) or exchange.definitions.is_resource(name)):
        raise Refusal("0302", type=name, types=", ".join(exchange.definitions.resource_types))
    if running.is_operation(exchange.path):
        path = running.path_of(exchange.path)
        *on, operation = path.split("/")
        exchange.notes.understood = {"operation": operation, "on": on}
        return running.run(exchange if path == exchange.path else exchange.with_(path=path))
    found = _fitting(TABLE, exchange.method, segments)
    if found is None:
        raise unsupported(exchange)
    row, given = found
    exchange.notes.understood = {"interaction": row.code, **dict(zip(("type", "id", "version"), given, strict=False))}
    answer = row.handler(exchange, *given)
    if name == "SearchParameter" and row.writes:
        store.catch_up(exchange.world, exchange.version)
    return answer
