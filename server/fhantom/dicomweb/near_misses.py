"""What an empty search (QIDO-RS) nearly found."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from sqlalchemy import Connection

from fhantom.archive.query import Level
from fhantom.archive.search import count
from fhantom.dicom import dictionary
from fhantom.dicomweb import qido_parse
from fhantom.dicomweb.qido_parameters import CONTROLS, Parameters, path_of, read, vr_of
from fhantom.dicomweb.qido_understood import name_of
from fhantom.errors import FhantomError
from fhantom.wire import near_misses as wire
from fhantom.wire.near_misses import Asked, Pair, Pairs, Search
from fhantom.world import World

_LEVELS = {"studies": Level.STUDY, "series": Level.SERIES, "instances": Level.INSTANCE}
_NOUNS = {
    Level.STUDY: ("study", "studies"),
    Level.SERIES: ("series", "series"),
    Level.INSTANCE: ("instance", "instances"),
}
_ABOVE = ("StudyInstanceUID", "SeriesInstanceUID")
_KEPT = ("fuzzymatching", "emptyvaluematching", "multiplevaluematching")
_WORDS = frozenset(("LO", "LT", "PN", "SH", "ST", "UC", "UT"))  # VRs in which a part of a value tells something


def near_misses(world: World, asked: Asked) -> list[str]:
    """What would have been found with a little less, or otherwise, and what unknown keys are like."""
    segments = asked.path.split("/")[2:]
    level = _LEVELS.get(segments[-1]) if segments else None
    if level is None or len(segments) % 2 == 0:
        return []
    parameters = read(asked.query)
    names = [hint for name in parameters.ignored for hint in wire.alike(name, (*dictionary.keywords(), *CONTROLS))]
    if not asked.is_empty:
        return names
    above = tuple(zip(_ABOVE, segments[1::2], strict=False))
    keys = tuple((name_of(path), text) for path, text in parameters.keys.items() if text)
    with world.reading() as connection:
        search = Search(
            conditions=(*above, *keys, *_paging(parameters)),
            count=lambda pairs: _count(world, connection, level, pairs, parameters),
            rewrites=lambda pair: _rewrites(pair, level),
            noun=_NOUNS[level],
        )
        return [*names, *wire.told(search)]


def _paging(parameters: Parameters) -> Pairs:
    offset = parameters.controls.get("offset", "0")
    return (("offset", offset),) if offset.strip("0") else ()


def _count(world: World, connection: Connection, level: Level, pairs: Pairs, given: Parameters) -> int | None:
    kept = [(name, given.controls[name]) for name in _KEPT if name in given.controls]
    try:
        found = qido_parse.parse(level, None, None, urlencode([*pairs, *kept]), strict=world.settings.strict)
        return count(world, connection, found.query, wire.MOST, seconds=wire.PATIENCE)
    except (FhantomError, TimeoutError):
        return None


def _rewrites(pair: Pair, level: Level) -> Iterator[Pairs]:
    """A part of the text; for names the words in either order; one day as the value that it is not a range of."""
    name, text = pair
    path = path_of(name)
    if path is None or "*" in text or "?" in text:
        return
    vr = vr_of(path[-1])
    if vr in _WORDS:
        yield ((name, f"*{text}*"),)
    words = text.replace("^", " ").replace(",", " ").split()
    if vr == "PN" and 1 < len(words) < 6:
        yield ((name, f"*{'*'.join(words)}*"),)
        yield ((name, f"*{'*'.join(reversed(words))}*"),)
    if name == "Modality" and level is Level.STUDY:  # of series; studies are asked by
        yield (("ModalitiesInStudy", text),)
