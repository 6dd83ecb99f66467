"""$document: a composition with all it refers to, as a Bundle (FHIR composition-operation-document)."""

from __future__ import annotations

from fhantom.fhir import bundle, references, showing
from fhantom.fhir.exchange import Answer, Exchange, http_date, instant
from fhantom.fhir.operations.target import Target, instance, loaded
from fhantom.resources import store
from fhantom.resources.records import Stored


def run(exchange: Exchange, target: Target) -> Answer:
    """The Composition first, then everything that its references lead to, each once."""
    composition = instance(exchange, target)
    with exchange.world.reading() as connection:
        records: dict[int, Stored] = {composition.key: composition}
        for holder in references.holders(loaded(exchange, composition)):
            resource_type, _, id = holder["reference"].partition("/")
            if exchange.definitions.is_resource(resource_type):
                found = store.read(connection, exchange.version, resource_type, id.partition("/")[0])
                if found is not None and found.digest is not None:
                    records.setdefault(found.key, found)
        view = showing.view_of(exchange, connection, {record.type for record in records.values()})
    texts = showing.all_shown(exchange, view, list(records.values()))
    entries = [
        bundle.plain_entry(f"{exchange.base}/{record.reference}", text)
        for record, text in zip(records.values(), texts, strict=True)
    ]
    now = exchange.now()
    frame = bundle.Frame(
        type="document",
        id=exchange.world.chance.uuid(),
        updated=instant(now),
        links=(("self", f"{exchange.base}/{exchange.path}"),),
    )
    where = f"{exchange.base}/Bundle/{frame.id}"
    headers = (("Content-Location", where), ("Last-Modified", http_date(now)))
    return Answer(200, headers, bundle.written(frame, entries))
