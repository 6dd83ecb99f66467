"""Selectors of an XML Patch (RFC 5261 4.1): the part of XPath 1.0 that names elements of a resource.

Steps with `/` and `//`, names with a prefix and `*`, and predicates: a place, `last()`, and paths that are there or
equal a literal, joined by `and`. A name without prefix is FHIR's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

FHIR = "http://hl7.org/fhir"
PREFIXES = {"fhir": FHIR, "f": FHIR, "h": "http://www.w3.org/1999/xhtml", "": FHIR}

_STEP = re.compile(r"(//?|^)((?:[A-Za-z_][\w.-]*:)?(?:[A-Za-z_][\w.-]*|\*))((?:\[(?:[^\[\]]|\[[^\[\]]*\])*\])*)")
_PREDICATE = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")
_EQUALS = re.compile(r"(.*?)\s*=\s*('[^']*'|\"[^\"]*\")", re.DOTALL)
_ATTRIBUTE = re.compile(r"(?:^|(?<=/))@([\w:-]+)$")


class BadSelector(ValueError):
    """The selector is none, or uses more of XPath than patches need."""


def split(selector: str) -> tuple[str, str]:
    """The path to an element, and the name of an attribute of it, empty for the element itself."""
    path = selector.strip()
    found = _ATTRIBUTE.search(path)
    if found is None:
        return path, ""
    path = path[: found.start()]
    return (path if path.endswith("//") else path.removesuffix("/")), found[1]


def select(document: Element, path: str) -> list[Element]:
    """The elements that a path leads to from an element that holds the root. BadSelector."""
    return _followed([document], path.strip())


def _followed(nodes: list[Element], path: str) -> list[Element]:
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise BadSelector(path)
        axis, name, predicates = step.groups()
        kept: dict[int, Element] = {}
        for node in nodes:
            holders = node.iter() if axis == "//" else (node,)
            for holder in holders:
                for found in _filtered(list(_named(holder, name)), predicates):
                    kept[id(found)] = found
        nodes, at = list(kept.values()), step.end()
    return nodes


def _named(holder: Element, name: str) -> Iterator[Element]:
    prefix, _, local = name.rpartition(":")
    if local != "*" and prefix not in PREFIXES:
        raise BadSelector(name)
    return (child for child in holder if local == "*" or child.tag == f"{{{PREFIXES[prefix]}}}{local}")


def _filtered(nodes: list[Element], predicates: str) -> list[Element]:
    for text in _PREDICATE.findall(predicates):
        condition = text.strip()
        if condition.isdecimal():
            nodes = nodes[int(condition) - 1 : int(condition)] if int(condition) else []
        elif condition == "last()":
            nodes = nodes[-1:]
        else:
            nodes = [node for node in nodes if all(_holds(node, part) for part in condition.split(" and "))]
    return nodes


def _holds(node: Element, condition: str) -> bool:
    equals = _EQUALS.fullmatch(condition.strip())
    path, attribute = split(equals[1] if equals else condition)
    found = _followed([node], path) if path else [node]
    if not equals:
        return any(attribute in element.attrib for element in found) if attribute else bool(found)
    values = [element.get(attribute) if attribute else element.text for element in found]
    return equals[2][1:-1] in values
