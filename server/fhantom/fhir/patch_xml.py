"""XML Patch (RFC 5261) on the XML form of a resource: add, replace and remove at an XPath."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from fhantom.fhir import selectors
from fhantom.fhir.outcomes import Refusal


@dataclass(frozen=True, slots=True)
class _Target:
    """The element that a selector names, or an attribute of it."""

    element: Element
    attribute: str = ""


def _refuse(words: str) -> Refusal:
    return Refusal("1273", words=words)


def _selected(document: Element, selector: str) -> _Target:
    path, attribute = selectors.split(selector)
    try:
        elements = selectors.select(document, path)
    except selectors.BadSelector:
        raise _refuse(f"no selector: {selector}") from None
    if len(elements) != 1:  # RFC 5261 4.1: a selector finds exactly one node
        raise _refuse(f"{len(elements)} nodes are at {selector}, not one")
    if attribute and attribute not in elements[0].attrib:
        raise _refuse(f"nothing is at {selector}")
    return _Target(elements[0], attribute)


def _parent(document: Element, child: Element) -> Element:
    return next(element for element in document.iter() if child in list(element))


def _add(document: Element, operation: Element) -> None:
    attribute = re.fullmatch(r"@([\w:-]+)", operation.get("type", ""))
    target = _selected(document, operation.get("sel", ""))
    if attribute:
        target.element.set(attribute[1], operation.text or "")
        return
    where = operation.get("pos", "")
    if where in ("before", "after"):
        parent = _parent(document, target.element)
        at = list(parent).index(target.element) + (where == "after")
    else:
        parent = target.element
        at = 0 if where == "prepend" else len(parent)
    for offset, child in enumerate(operation):
        parent.insert(at + offset, child)


def _replace(document: Element, operation: Element) -> None:
    target = _selected(document, operation.get("sel", ""))
    if target.attribute:
        target.element.set(target.attribute, operation.text or "")
        return
    if len(operation) != 1:
        raise _refuse("a replace of an element needs one element")
    parent = _parent(document, target.element)
    parent[list(parent).index(target.element)] = operation[0]


def _remove(document: Element, operation: Element) -> None:
    target = _selected(document, operation.get("sel", ""))
    if target.attribute:
        del target.element.attrib[target.attribute]
    else:
        _parent(document, target.element).remove(target.element)


_OPERATIONS: dict[str, Callable[[Element, Element], None]] = {  # RFC 5261 4.3 to 4.5
    "add": _add,
    "replace": _replace,
    "remove": _remove,
}


def apply(document: bytes, patch: bytes) -> bytes:
    """The patched XML of a resource. Refusal with number 1273 if the patch cannot be read or done."""
    if b"<!DOCTYPE" in patch:
        raise _refuse("a DOCTYPE is not taken")
    try:
        operations = ElementTree.fromstring(patch)
    except ElementTree.ParseError as error:
        raise _refuse(str(error)) from None
    holder = Element("document")  # so that the whole resource can be replaced
    holder.append(ElementTree.fromstring(document))
    for operation in operations:
        name = operation.tag.rpartition("}")[2]
        if name not in _OPERATIONS:
            raise _refuse(f"no operation of XML Patch: {name}")
        _OPERATIONS[name](holder, operation)
    if len(holder) != 1:
        raise _refuse("one resource must be left")
    patched: bytes = ElementTree.tostring(holder[0], encoding="utf-8")
    return patched
