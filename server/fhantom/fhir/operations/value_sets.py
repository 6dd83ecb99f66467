"""$expand: the codes of a value set (FHIR valueset-operation-expand), and $invalidate-expansion."""

from __future__ import annotations

from fhantom.definitions.jsontext import dump_json
from fhantom.definitions.model import Coding
from fhantom.definitions.terminology import NotExpandable
from fhantom.fhir import bodies
from fhantom.fhir.exchange import Answer, Exchange, instant
from fhantom.fhir.operations.listing import Listing, in_listing_order
from fhantom.fhir.operations.target import Resource, Target, answered, instance, loaded, parameters_of, text, value
from fhantom.fhir.operations.terms import Found, Known
from fhantom.fhir.outcomes import Refusal
from fhantom.fhir.paging import number_of

_MESSAGE = "http://hapifhir.io/fhir/StructureDefinition/valueset-expansion-message"
_COUNT = 1000  # HAPI's own, where nothing is asked
_KEPT = ("resourceType", "id", "url", "status", "compose")


def run(exchange: Exchange, target: Target) -> Answer:
    """The codes of a stored value set, of one in the body or of one of the definitions.

    Of the definitions the codes come bare and all at once, in a hash table's order; `filter` does nothing. Both are
    the real server's ways.
    """
    if not exchange.path.endswith("$expand"):
        return _invalidated(exchange, target)
    parameters = parameters_of(exchange)
    with exchange.world.reading() as connection:
        known = Known(exchange, connection)
        found = _subject(exchange, target, known, parameters)
        offset = _size(exchange, parameters, "offset", "1135") or 0
        count = _size(exchange, parameters, "count", "1136")
        listing = Listing(known)
        codings = _expanded(listing, found)
    if not found.is_stored:
        rows = _rows(in_listing_order(codings))
        content: Resource = {"resourceType": "ValueSet"}
        return Answer(200, content=dump_json(content | ({"expansion": {"contains": rows}} if rows else {})))
    count = _COUNT if count is None else count
    whole = _whole(exchange, found.resource, [found.url, *listing.referenced])
    whole["expansion"] |= _page(_rows(codings[offset : offset + count]), offset, count)
    return Answer(200, _location(exchange, whole), dump_json(whole))


def _invalidated(exchange: Exchange, target: Target) -> Answer:
    """$invalidate-expansion: every expansion is made anew here, so that none is to be forgotten."""
    told = f"{loaded(exchange, instance(exchange, target)).get('url', target.reference)} has no kept expansion"
    return answered({"name": "message", "valueString": told})


def _subject(exchange: Exchange, target: Target, known: Known, parameters: Resource) -> Found:
    url, given = text(parameters, "url"), value(parameters, "valueSet") or _sent(exchange)
    ways = sum((bool(target.id), bool(url), given is not None))
    if not ways:
        raise Refusal("1133")
    if ways > 1:
        raise Refusal("1134")
    if target.id:
        return known.at(target)
    if given is not None:
        return Found(given, True)
    found = known.find("ValueSet", url, text(parameters, "valueSetVersion"))
    if found is None:
        raise Refusal("2788", url=url)
    return found


def _sent(exchange: Exchange) -> Resource | None:
    """The value set that is the body itself instead of a parameter."""
    if exchange.method != "POST" or not exchange.body:
        return None
    sent = bodies.resource_of(exchange, None, "EXTENDED_OPERATION_TYPE")
    return sent if sent["resourceType"] == "ValueSet" else None


def _size(exchange: Exchange, parameters: Resource, name: str, refusal: str) -> int | None:
    given = value(parameters, name)
    number = given if isinstance(given, int) else number_of(exchange, name)
    if number is not None and number < 0:
        raise Refusal(refusal, value=number)
    return number


def _expanded(listing: Listing, found: Found) -> list[Coding]:
    parts = found.resource.get("compose", {}).get("include", ())
    if not all("system" in part or "valueSet" in part for part in parts):
        raise Refusal("0890")
    try:
        return listing.expand(found.resource)
    except NotExpandable as error:
        if error.value_set:
            raise Refusal("0889", url=error.value_set) from None
        if found.is_stored:
            raise Refusal("0888", url=found.url, cause=error) from None
        raise Refusal("2646" if error.is_filtered else "0702", cause=error) from None


def _rows(codings: list[Coding]) -> list[Resource]:
    return [
        {"system": coding.system, "code": coding.code, **({"display": coding.display} if coding.display else {})}
        for coding in codings
    ]


def _page(rows: list[Resource], offset: int, count: int) -> Resource:
    asked = [{"name": "offset", "valueInteger": offset}, {"name": "count", "valueInteger": count}]
    return {"offset": offset, "parameter": asked} | ({"contains": rows} if rows else {})


def _location(exchange: Exchange, whole: Resource) -> tuple[tuple[str, str], ...]:
    version = whole["meta"].get("versionId")
    if version is None:
        return ()
    return (("Content-Location", f"{exchange.base}/ValueSet/{whole['id']}/_history/{version}"),)


def _whole(exchange: Exchange, value_set: Resource, urls: list[str]) -> Resource:
    """The value set without codes yet; the real server keeps no more than this of the rest."""
    told = [f"The codes of {url or 'a value set without a url'} were listed from its definition." for url in urls]
    meta: Resource = {"extension": [{"url": _MESSAGE, "valueString": words} for words in told]}
    if "id" in value_set and "versionId" in value_set.get("meta", {}):
        meta["versionId"] = value_set["meta"]["versionId"]
    expansion = {"identifier": exchange.world.chance.uuid(), "timestamp": instant(exchange.now())}
    kept = {name: value_set[name] for name in _KEPT if name in value_set}
    return kept | {"meta": meta, "expansion": expansion}
