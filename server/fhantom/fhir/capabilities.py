"""GET /metadata: the statement as ready-made bytes.

Building it takes a third of a second, so the package brings it built (`scripts/generate_capabilities.py`), and only
a world that holds SearchParameters of its own has it built anew.
"""

from __future__ import annotations

import gzip
import json
import uuid
from functools import lru_cache
from importlib.resources import files

from fhantom.clock import Clock
from fhantom.definitions import Version
from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.fhir.capability import HAPI_VERSION, statement
from fhantom.fhir.exchange import Answer, Exchange, Ready, instant
from fhantom.fhir.showing import part_of
from fhantom.resources import store
from fhantom.resources.model import SearchModel

# What stands in the built statement for what only a running server knows.
BASE, DATE, ID = "https://base.invalid/fhir", "0001-01-01T00:00:00.000+00:00", "id-of-the-process"


def template(version: Version) -> bytes:
    """The statement of a version without stored SearchParameters, with placeholders, as the script writes it."""
    return dump_json(statement(SearchModel(version), BASE, DATE, ID))


@lru_cache(maxsize=2)
def identity(version: Version) -> str:
    """The id of the statement, one in a process as the real server's."""
    return str(uuid.uuid4())


@lru_cache(maxsize=4)
def _ready(model: SearchModel, base: str, hapi_version: str) -> Ready:
    date, id = instant(Clock().now_ms()), identity(model.version)
    if model.has_stored:
        text = dump_json(statement(model, base, date, id))
    else:
        name = f"capabilities-{model.version.lower()}.json.gz"
        text = gzip.decompress(files("fhantom.fhir").joinpath("data", name).read_bytes())
        for placeholder, value in ((BASE, base), (DATE, date), (ID, id)):
            text = text.replace(placeholder.encode(), value.encode())
    if hapi_version:
        told = f'"version": {json.dumps(hapi_version)}'.encode()
        text = text.replace(f'"version": "{HAPI_VERSION}"'.encode(), told, 1)
    return Ready(f"{id} {base} {model.has_stored and date}", text)


def capabilities(exchange: Exchange) -> Answer:
    """The statement, whole or the part that `_summary` or `_elements` leave."""
    with exchange.world.reading() as connection:
        model = store.model_of(exchange.world, connection, exchange.version)
    ready = _ready(model, exchange.base, exchange.world.settings.hapi_version)
    where = f"{exchange.base}/CapabilityStatement/{identity(exchange.version)}"
    part = part_of(exchange)
    if part is None:
        return Answer(200, (("Content-Location", where),), ready)
    content = dump_json(part.of(exchange.version, load_json(ready.resource)))
    return Answer(200, (("Content-Location", where),), content)
