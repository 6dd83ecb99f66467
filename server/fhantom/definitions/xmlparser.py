"""An XML parser that no document can make expand, fetch or declare anything; it knows XHTML's entities."""

from __future__ import annotations

import re
from functools import cache
from html.entities import name2codepoint
from xml.parsers import expat

NAMED_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);|#)([^;\s]*)")
PREDEFINED = ("amp", "lt", "gt", "quot", "apos")


class DoctypeRefused(ValueError):
    """The document has a DOCTYPE, which FHIR has no use for and attackers have."""


@cache
def _entity_declarations() -> bytes:
    names = (name for name in name2codepoint if name not in PREDEFINED)
    return "".join(f'<!ENTITY {name} "&#{name2codepoint[name]};">' for name in names).encode()


def _refuse_doctype(*_: object) -> None:
    raise DoctypeRefused("a DOCTYPE is not taken")


def parser_for(body: bytes, namespace_separator: str | None = None) -> expat.XMLParserType:
    """A parser for one UTF-8 document; its DOCTYPE raises DoctypeRefused, an unknown entity ExpatError.

    The declarations of XHTML's named entities are loaded only if the document names any, and no others: expat
    passes over unknown ones where a DTD could have declared them.
    """
    parser = expat.ParserCreate("utf-8", namespace_separator)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    names = set(NAMED_ENTITY.findall(body))
    if names and all(name.decode("ascii", "replace") in name2codepoint for name in names):
        parser.UseForeignDTD(True)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)

        def declare(context: str, *_: object) -> int:
            parser.ExternalEntityParserCreate(context).Parse(_entity_declarations(), True)
            return 1

        parser.ExternalEntityRefHandler = declare
    return parser
