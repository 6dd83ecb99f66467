"""Parts of a resource, as `_elements` and `_summary` ask for them, marked as incomplete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from fhantom.definitions.canonical import Json
from fhantom.definitions.model import Key, Version
from fhantom.definitions.tables import Definitions, load

Summary = Literal["true", "text", "data"]
Wanted = dict[str, "Wanted"]

SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "Resource encoded in summary mode",
}
ALWAYS = ("resourceType", "id", "meta")
_ANY = "*"


def subset(
    version: Version,
    resource: Json,
    elements: Sequence[str] = (),
    summary: Summary | None = None,
    exclude: Sequence[str] = (),
) -> Json:
    """The resource with only what is asked for; the argument is not changed.

    `elements` and `exclude` hold element paths, with or without the resource type (`Patient.name.family`).
    In paths of `elements` a `*` is any name. Mandatory elements are not added for `elements`, as HAPI adds them for
    `_summary=text` alone. Contained resources follow the rules of their own type. All but `exclude` alone mark the
    result as SUBSETTED, and what is contained in it.
    """
    definitions, name = load(version), resource["resourceType"]
    if exclude:
        resource = _without(resource, _tree(exclude, name))
    if summary == "true":
        resource = _summary(definitions, name, resource)
    elif summary == "data":
        resource = {key: value for key, value in resource.items() if key != "text"}
    elif summary == "text":
        required = {key for key, meaning in definitions.type(name).keys.items() if meaning.element.is_required}
        resource = _keep(resource, lambda key: key == "text" or key in required)
    if elements:
        resource = _only(definitions, name, resource, _tree(elements, name))
    return _marked(resource) if elements or summary else resource


def _keep(value: Json, wanted: Callable[[str], bool]) -> Json:
    return {key: item for key, item in value.items() if key in ALWAYS or wanted(key.removeprefix("_"))}


def _tree(paths: Sequence[str], resource_type: str) -> Wanted:
    """Paths as nested names, an empty dict where everything below is meant."""
    tree: Wanted = {}
    for path in paths:
        names = path.removeprefix(resource_type + ".").split(".")
        at = tree
        for name in names:
            at = at.setdefault(name, {})
    return tree


def _each(value: Any, change: Callable[[Json], Json]) -> Any:
    """The value with `change` made to each object that it is or lists."""
    if isinstance(value, list):
        return [change(item) if isinstance(item, dict) else item for item in value]
    return change(value) if isinstance(value, dict) else value


def _type_of(key: Key, item: Json) -> str:
    """The type of an object: datatypes may have an element that is called resourceType too."""
    return str(item["resourceType"]) if key.type == "Resource" else key.type


def _only(definitions: Definitions, path: str, value: Json, wanted: Wanted) -> Json:
    keys = definitions.type(path).keys
    is_resource = definitions.is_resource(path)
    found: Json = {}
    for name, item in value.items():
        key = keys.get(name.removeprefix("_"))
        below = wanted.get(key.element.name, wanted.get(key.name)) if key else None
        if key and below is None and _ANY in wanted:
            below = {} if key.type == "Resource" else wanted[_ANY]
        if is_resource and name in ALWAYS:
            found[name] = item
        elif key and below is not None:
            found[name] = _each(item, _narrowed(definitions, key, below)) if below else item
    return found


def _narrowed(definitions: Definitions, key: Key, below: Wanted) -> Callable[[Json], Json]:
    return lambda item: _only(definitions, _type_of(key, item), item, below)


def _without(value: Json, unwanted: Wanted) -> Json:
    found: Json = {}
    for name, item in value.items():
        below = unwanted.get(name.removeprefix("_"))
        if below is None:
            found[name] = item
        elif below:
            found[name] = _each(item, partial(_without, unwanted=below))
    return found


def _summary(definitions: Definitions, path: str, value: Json) -> Json:
    """The elements that the definitions flag as part of a summary, level by level."""
    keys = definitions.type(path).keys
    found: Json = {}
    for name, item in value.items():
        key = keys.get(name)
        if name == "resourceType":
            found[name] = item
        elif key is not None and (key.element.is_summary or name == "id"):
            found[name] = _each(item, _summarised(definitions, key))
    return found


def _summarised(definitions: Definitions, key: Key) -> Callable[[Json], Json]:
    return lambda item: _summary(definitions, _type_of(key, item), item)


def _marked(resource: Json) -> Json:
    """The resource with the SUBSETTED tag at the end of its tags."""
    meta = resource.get("meta", {})
    tags = [*meta.get("tag", ()), SUBSETTED] if SUBSETTED not in meta.get("tag", ()) else meta["tag"]
    marked: Json = {key: resource[key] for key in ("resourceType", "id") if key in resource}
    marked["meta"] = {**meta, "tag": tags}
    if "contained" in resource:
        resource = {**resource, "contained": _each(resource["contained"], _marked)}
    return marked | {key: value for key, value in resource.items() if key not in ALWAYS}
