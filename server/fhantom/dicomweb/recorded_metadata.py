"""What the recorded Orthanc leaves of an object's metadata, where `strict` is to do likewise, and where it is told."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import Any

from fhantom.archive.retrieve import InstanceRow
from fhantom.dicomweb import wado_bulkdata
from fhantom.world import World

_FIRST = {"OD": "<d", "OF": "<f", "OL": "<I"}
_UNKNOWN = ("SV", "UV")
_SPLIT = ("LT", "ST", "UT")
_LOST = re.compile(
    rb'"vr":"(?:OD|OF|OL|SV|UV)"|[\[,]\{\}'  # one of several, or nothing, is left of it
    rb'|"vr":"(?:LT|ST|UT)","Value":\["[^"]*\\\\'  # cut at a backslash
    rb'|"vr":"F[DL]","Value":\[[^\]]*\de-[1-9]\d'  # shown as 0
)


def is_lost(encoded: bytes) -> bool:
    """Whether DICOM JSON, as it is stored, holds anything that is not all there."""
    return _LOST.search(encoded) is not None


def of(world: World, row: InstanceRow, record: Mapping[str, Any]) -> dict[str, Any]:
    """The data set as it is shown there.

    Of OD, OF and OL there is the first number; SV, UV and items without attributes are missing, and so is a sequence
    of nothing else; a text is cut at backslashes, and a name without a value has no groups.
    """
    shown = {tag: _attribute(world, row, attribute) for tag, attribute in record.items()}
    return {tag: attribute for tag, attribute in shown.items() if attribute is not None}


def _attribute(world: World, row: InstanceRow, attribute: Mapping[str, Any]) -> Mapping[str, Any] | None:
    vr, values = attribute.get("vr", ""), attribute.get("Value")
    if vr in _UNKNOWN:
        return None
    if vr in _FIRST and "BulkDataURI" in attribute:
        return {"vr": vr, "Value": [_first_number(world, row, attribute["BulkDataURI"], _FIRST[vr])]}
    if not values:
        return attribute
    if vr == "SQ":
        items = [of(world, row, item) for item in values if item]
        return {"vr": vr, "Value": items} if items else None
    if vr in _SPLIT:
        return {"vr": vr, "Value": str(values[0]).split("\\")}
    if vr == "PN":
        return {"vr": vr, "Value": [name or {} for name in values]}
    return attribute


def _first_number(world: World, row: InstanceRow, reference: str, code: str) -> int | float:
    size = struct.calcsize(code)
    value = b"".join(wado_bulkdata.find(world, row, reference.removeprefix("./")).cut(0, size))
    number: int | float = struct.unpack(code, value)[0] if len(value) == size else 0
    return int(number) if number == int(number) else number
