"""The Native DICOM Model (PS3.19 annex A): from and to records."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from fhantom.dicom import dictionary, values
from fhantom.dicom.errors import DicomError
from fhantom.dicom.records import MAX_DEPTH, Record, canonical

NAMESPACE = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
# Orthanc's documents carry this attribute, without the schema's address that ought to follow the namespace.
ROOT_ATTRIBUTES = (
    f'xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{NAMESPACE}"'
)
NAME_COMPONENTS = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
RELATIVE = "./"

# XML 1.0 2.2: characters that a document cannot hold, not even as references.
_UNWRITABLE = {code: "\N{REPLACEMENT CHARACTER}" for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)}
_UNWRITABLE |= {0xFFFE: "\N{REPLACEMENT CHARACTER}", 0xFFFF: "\N{REPLACEMENT CHARACTER}"}


@dataclass(frozen=True, slots=True)
class Form:
    """How a document is written where servers differ.

    Attributes:
        base: what relative references are put below.
        reference: the attribute of BulkData that holds one.
        recorded: as Orthanc was recorded: private creators are known by a keyword and not named by what is theirs, an
            empty value follows each item, numbers are of single precision.
    """

    base: str = RELATIVE
    reference: str = "uri"
    recorded: bool = False


def encode(record: Record, bulkdata_base: str = "", *, recorded: bool = False) -> bytes:
    """One NativeDicomModel document, UTF-8; relative references are put below `bulkdata_base`.

    Args:
        recorded: as Orthanc was recorded to write it.
    """
    base = f"{bulkdata_base}/" if bulkdata_base else RELATIVE
    form = Form(base, "URI", recorded=True) if recorded else Form(base)
    content = "".join(_attributes(record, form))
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{declaration}<NativeDicomModel {ROOT_ATTRIBUTES}>{content}</NativeDicomModel>".encode()


def parse(body: bytes) -> list[Record]:
    """The record of a NativeDicomModel document; document types, and so entities, are refused.

    Raises:
        DicomError: not XML, or not this model.
    """
    parser = ElementTree.XMLParser(target=_Builder())
    try:
        parser.feed(body)
        root: ElementTree.Element = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise DicomError(f"Not XML: {error}") from error
    if _name(root) != "NativeDicomModel":
        raise DicomError(f"A {_name(root)} is no NativeDicomModel")
    return [canonical(_data_set(root, 0))]


class _Builder(ElementTree.TreeBuilder):
    """Builds the tree of a document without a document type, and of bounded depth."""

    depth = 0

    def doctype(self, name: str, public_id: str | None, system: str | None) -> None:
        raise DicomError("A document type is not accepted")

    def start(self, tag: str, attributes: dict[str, str], /) -> ElementTree.Element:
        self.depth += 1
        if self.depth > 4 * MAX_DEPTH:
            raise DicomError("Elements are nested too deep")
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> ElementTree.Element:
        self.depth -= 1
        return super().end(tag)


def _attributes(record: Record, form: Form) -> Iterator[str]:
    for key, attribute in record.items():
        tag, vr = int(key, 16), attribute["vr"]
        opening = f'<DicomAttribute tag="{key}" vr="{vr}"'
        names_creator = dictionary.is_private(tag) and 0x10 <= tag & 0xFFFF <= 0xFF
        if keyword := "PrivateCreator" if form.recorded and names_creator else dictionary.keyword_of(tag):
            opening += f' keyword="{keyword}"'
        creator_tag = None if form.recorded else dictionary.creator_tag(tag)
        if creator_tag is not None and tag & 0xFFFF > 0xFF:
            creators = record.get(dictionary.format_tag(creator_tag), {}).get("Value") or [""]
            opening += f" privateCreator={_quoted(str(creators[0] or ''))}"
        content = "".join(_content(vr, attribute, form))
        yield f"{opening}>{content}</DicomAttribute>" if content else f"{opening}/>"


def _content(vr: str, attribute: Mapping[str, Any], form: Form) -> Iterator[str]:
    if uri := attribute.get("BulkDataURI"):
        absolute = form.base + uri.removeprefix(RELATIVE) if uri.startswith(RELATIVE) else uri
        yield f"<BulkData {form.reference}={_quoted(absolute)}/>"
    elif "InlineBinary" in attribute:
        yield f"<InlineBinary>{escape(attribute['InlineBinary'])}</InlineBinary>"
    for number, value in enumerate(attribute.get("Value", ()), start=1):
        if vr == "SQ":
            inner = "".join(_attributes(value, form))
            yield f'<Item number="{number}">{inner}</Item>' if inner else f'<Item number="{number}"/>'
            if form.recorded:
                yield f'<Value number="{number}"/>'
        elif isinstance(value, Mapping):
            yield f'<PersonName number="{number}">{"".join(_person_name(value))}</PersonName>'
        elif value is None:
            yield f'<Value number="{number}"/>'
        else:
            text = _recorded(value) if form.recorded else _escaped(str(value))
            yield f'<Value number="{number}">{text}</Value>'


def _person_name(groups: Mapping[str, Any]) -> Iterator[str]:
    for name in values.PERSON_NAME_GROUPS:
        if group := groups.get(name):
            pairs = zip(NAME_COMPONENTS, str(group).split("^"), strict=False)
            components = "".join(f"<{key}>{_escaped(value)}</{key}>" for key, value in pairs if value)
            yield f"<{name}>{components}</{name}>"


def _recorded(value: object) -> str:
    """A value as Orthanc writes it: numbers in single precision, ends of lines as XML may fold them."""
    if isinstance(value, float):
        with suppress(OverflowError):
            [value] = struct.unpack("f", struct.pack("f", value))
        return f"{value:.9g}"
    return escape(str(value).translate(_UNWRITABLE))


def _escaped(text: str) -> str:
    return escape(text.translate(_UNWRITABLE), {"\r": "&#13;"})


def _quoted(text: str) -> str:
    return quoteattr(text.translate(_UNWRITABLE))


def _data_set(node: ElementTree.Element, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise DicomError(f"Sequences are nested more than {MAX_DEPTH} deep")
    attributes = {}
    for child in node:
        tag = dictionary.parse_tag(child.get("tag") or child.get("keyword") or "")
        if _name(child) != "DicomAttribute" or tag is None:
            raise DicomError(f"A {_name(child)} without a tag stands where an attribute should")
        attributes[dictionary.format_tag(tag)] = _attribute(tag, child, depth)
    return attributes


def _attribute(tag: int, node: ElementTree.Element, depth: int) -> dict[str, Any]:
    attribute: dict[str, Any] = {"vr": node.get("vr") or dictionary.vr_of(tag)}
    numbered: dict[int, object] = {}
    for child in node:
        name = _name(child)
        if name == "BulkData":
            # PS3.19 A.1.5 writes the attribute in lower case; Orthanc and others in upper case.
            attribute["BulkDataURI"] = child.get("uri") or child.get("URI") or child.get("uuid") or ""
        elif name == "InlineBinary":
            attribute["InlineBinary"] = "".join((child.text or "").split())
        elif name in ("Value", "Item", "PersonName"):
            numbered[_number(child, len(numbered) + 1)] = _value(name, attribute["vr"], child, depth)
        else:
            raise DicomError(f"A {name} stands where a value should")
    if numbered:
        # PS3.19 A.1.5: numbers of empty values may be left out.
        attribute["Value"] = [numbered.get(number) for number in range(1, max(numbered) + 1)]
    return attribute


def _number(node: ElementTree.Element, following: int) -> int:
    text = node.get("number") or str(following)
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= following + 4096):
        raise DicomError(f"{text[:20]!r} is no number of a value")
    return int(text)


def _value(name: str, vr: str, node: ElementTree.Element, depth: int) -> object:
    if name == "Item":
        return _data_set(node, depth + 1)
    if name == "PersonName":
        return {_name(group): _person_name_group(group) for group in node}
    text = node.text or ""
    if vr in values.NUMERIC or vr in values.DECIMAL:
        return values.number(text)
    return text or None


def _person_name_group(node: ElementTree.Element) -> str:
    components = {_name(child): child.text or "" for child in node}
    return "^".join(components.get(name, "") for name in NAME_COMPONENTS).rstrip("^")


def _name(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]
