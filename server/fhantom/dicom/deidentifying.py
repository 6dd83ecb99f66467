"""The basic application level confidentiality profile (PS3.15 E.1), without its options.

Pixels are not looked at: what is burned into them stays, as the profile has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from fhantom.dicom import dicom_json, dictionary
from fhantom.dicom.dataset import DicomFile
from fhantom.dicom.editing import from_record
from fhantom.dicom.records import Record
from fhantom.dicom.uids import derived_uid

# PS3.15 table E.1-1a, where several actions are possible the one that keeps any object conformant.
ACTIONS = {
    "D": "dummy",
    "Z": "empty",
    "X": "remove",
    "U": "uid",
    "Z/D": "dummy",
    "X/Z": "empty",
    "X/D": "dummy",
    "X/Z/D": "dummy",
    "X/Z/U*": "items",
}

# A value of each VR that says nothing; "" for a VR whose values are numbers.
DUMMIES: Mapping[str, Any] = {
    "AE": "ANONYMIZED",
    "AS": "000Y",
    "AT": "00000000",
    "CS": "ANONYMIZED",
    "DA": "19000101",
    "DT": "19000101000000",
    "LO": "ANONYMIZED",
    "LT": "ANONYMIZED",
    "PN": {"Alphabetic": "ANONYMIZED"},
    "SH": "ANONYMIZED",
    "SQ": {},
    "ST": "ANONYMIZED",
    "TM": "000000",
    "UC": "ANONYMIZED",
    "UR": "http://anonymized.invalid",
    "UT": "ANONYMIZED",
}
BULK_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})

# What the profile itself asks to say (PS3.15 E.1.1 step 6, PS3.3 C.7.1.1, C.12.1).
STATEMENT: Record = {
    "00120062": {"vr": "CS", "Value": ["YES"]},
    "00120063": {"vr": "LO", "Value": ["PS3.15 Basic Application Confidentiality Profile"]},
    "00120064": {
        "vr": "SQ",
        "Value": [
            {
                "00080100": {"vr": "SH", "Value": ["113100"]},
                "00080102": {"vr": "SH", "Value": ["DCM"]},
                "00080104": {"vr": "LO", "Value": ["Basic Application Confidentiality Profile"]},
            }
        ],
    },
    "00280303": {"vr": "CS", "Value": ["REMOVED"]},
}


NewUid = Callable[[str], str]
"""From a UID to the one that takes its place wherever it stands."""


def _derived(uid: str) -> str:
    return derived_uid("deidentified", uid)


def deidentify(file: DicomFile) -> bytes:
    """The file without what identifies the patient, in its own transfer syntax.

    A UID becomes another one, always the same one, so that references between objects stay whole.
    """
    record = json.loads(dicom_json.encode(file.dataset, encapsulated=True))
    return from_record(file, deidentify_record(record))


def deidentify_record(record: Record, new_uid: NewUid = _derived) -> Record:
    """The record without what identifies the patient, and with the statement that it is so."""
    return dict(sorted({**_cleaned(record, new_uid), **STATEMENT}.items()))


def _cleaned(record: Record, new_uid: NewUid) -> dict[str, Any]:
    cleaned = {}
    for key, attribute in record.items():
        tag = int(key, 16)
        action = "remove" if dictionary.is_private(tag) else _action(tag)
        if action != "remove":
            cleaned[key] = _changed(attribute, action, new_uid)
    return cleaned


def _changed(attribute: Mapping[str, Any], action: str, new_uid: NewUid) -> Mapping[str, Any]:
    vr = attribute["vr"]
    if action == "empty":
        return {"vr": vr}
    if action == "uid" and vr == "UI":
        return {"vr": vr, "Value": [uid and new_uid(uid) for uid in attribute.get("Value", ())]}
    if action == "dummy":
        if vr in BULK_VRS:
            return {"vr": vr, "InlineBinary": "AAAAAAAAAAA="}  # eight bytes, whole words of any size
        if vr == "UI":
            return _changed(attribute, "uid", new_uid)
        return {"vr": vr, "Value": [DUMMIES.get(vr, 0)]}
    if vr == "SQ":
        return {"vr": vr, "Value": [_cleaned(item, new_uid) for item in attribute.get("Value", ())]}
    return attribute


def _action(tag: int) -> str:
    """What becomes of a public attribute; those that the table does not name are kept."""
    for mask, actions in _actions().items():
        if tag & mask in actions:
            return actions[tag & mask]
    return "keep"


@cache
def _actions() -> dict[int, dict[int, str]]:
    """By the mask of the digits that count, action by tag."""
    found: dict[int, dict[int, str]] = {}
    for pattern, code in dictionary.table("deidentification"):
        mask = int("".join("0" if digit == "x" else "F" for digit in pattern), 16)
        found.setdefault(mask, {})[int(pattern.replace("x", "0"), 16)] = ACTIONS[code]
    return found
