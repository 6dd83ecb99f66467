"""The media directory of a set of files (PS3.10 8, PS3.3 annex F)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from fhantom.dicom import dictionary
from fhantom.dicom.dictionary import format_tag
from fhantom.dicom.encoding import Encoder
from fhantom.dicom.records import Record, text
from fhantom.dicom.syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, transfer_syntax
from fhantom.dicom.uids import derived_uid
from fhantom.dicom.writing import file_meta, write_data_set

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
SOP_CLASS_UID, SOP_INSTANCE_UID = 0x00080016, 0x00080018
IN_USE = 0xFFFF

# PS3.3 tables F.5-1 to F.5-3: the key that tells one record from the next, and what else its record holds.
LEVELS = (
    ("PATIENT", 0x00100020, (0x00100010, 0x00100020)),
    ("STUDY", 0x0020000D, (0x00080020, 0x00080030, 0x00080050, 0x00081030, 0x0020000D, 0x00200010)),
    ("SERIES", 0x0020000E, (0x00080060, 0x0008103E, 0x0020000E, 0x00200011)),
)

# PS3.3 F.4: the record type of what is no image, by the SOP class below the root of
# storage classes, or by its first component.
RECORD_TYPES = {
    "66": "RAW DATA",
    "66.1": "REGISTRATION",
    "66.2": "FIDUCIAL",
    "66.3": "REGISTRATION",
    "67": "VALUE MAP",
    "88.59": "KEY OBJECT DOC",
    "481.1": "IMAGE",
    "481.2": "RT DOSE",
    "481.3": "RT STRUCTURE SET",
    "481.5": "RT PLAN",
    "481.8": "RT PLAN",
}
FAMILIES = {"9": "WAVEFORM", "11": "PRESENTATION", "88": "SR DOCUMENT", "104": "ENCAP DOC", "481": "RT TREAT RECORD"}
SOP_CLASS_ROOT = "1.2.840.10008.5.1.4.1.1."

# PS3.3 tables F.5-4 and following: what the records of instances hold, where the instance has it.
INSTANCE_ATTRIBUTES = (0x00080023, 0x00080033, 0x00200013, 0x0040A043, 0x0040A491, 0x0040A493, 0x00700080, 0x00420010)


_TAGS = {SOP_CLASS_UID, SOP_INSTANCE_UID, *INSTANCE_ATTRIBUTES, *(tag for _, _, tags in LEVELS for tag in tags)}
_KEPT = tuple(format_tag(tag) for tag in sorted(_TAGS))


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A file of the set.

    Attributes:
        file_id: folders and name, each at most 8 of A-Z, 0-9 and _ (PS3.10 8.2).
        record: its metadata.
    """

    file_id: tuple[str, ...]
    record: Record
    transfer_syntax_uid: str

    @classmethod
    def of(cls, file_id: tuple[str, ...], record: Record, transfer_syntax_uid: str) -> DirectoryEntry:
        """An entry that keeps of the metadata only what the directory will hold."""
        return cls(file_id, {key: record[key] for key in _KEPT if key in record}, transfer_syntax_uid)


@dataclass(slots=True)
class _Node:
    content: dict[str, Any]
    children: dict[str, _Node] = field(default_factory=dict)
    position: int = 0
    following: int = 0  # position of the next record at this level, 0 if there is none

    def walk(self) -> Iterator[_Node]:
        for child in self.children.values():
            yield child
            yield from child.walk()


def write_dicomdir(entries: Sequence[DirectoryEntry], file_set_id: str = "") -> bytes:
    """The DICOMDIR of these files: patients, studies, series and instances in the order in which they are given."""
    root = _Node({})
    for entry in entries:
        node = root
        for kind, key, attributes in LEVELS:
            content = {**_blank(attributes), **_described(entry.record, kind, attributes)}
            node = node.children.setdefault(text(entry.record, key), _Node(content))
        node.children["/".join(entry.file_id)] = _Node(_instance(entry))
    encoder = Encoder(transfer_syntax(EXPLICIT_VR_LITTLE_ENDIAN))
    meta = file_meta(MEDIA_STORAGE_DIRECTORY, derived_uid("DICOMDIR", *_uids(entries)), EXPLICIT_VR_LITTLE_ENDIAN)
    # Lengths do not depend on the offsets that are written, so that a first pass finds where each record lies.
    position = len(meta) + len(_head(root, file_set_id)) + len(encoder.header(0x00041220, "SQ", 0))
    for node in root.walk():
        node.position = position
        position += 8 + len(_item(node))
    for node in (root, *root.walk()):
        children = list(node.children.values())
        for child, following in pairwise(children):
            child.following = following.position
    items = [_item(node) for node in root.walk()]
    return meta + _head(root, file_set_id) + encoder.sequence(0x00041220, items)


def record_type(sop_class_uid: str) -> str:
    """The type of an instance's directory record (PS3.3 F.4)."""
    if not sop_class_uid.startswith(SOP_CLASS_ROOT):
        return "IMAGE"
    suffix = sop_class_uid.removeprefix(SOP_CLASS_ROOT)
    return RECORD_TYPES.get(suffix) or FAMILIES.get(suffix.split(".")[0], "IMAGE")


def _uids(entries: Sequence[DirectoryEntry]) -> list[str]:
    return [text(entry.record, SOP_INSTANCE_UID) for entry in entries]


def _described(record: Record, kind: str, tags: Sequence[int]) -> dict[str, Any]:
    keys = (format_tag(tag) for tag in tags)
    return {
        "00041430": {"vr": "CS", "Value": [kind]},
        "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
        **{key: record[key] for key in keys if key in record},
    }


def _blank(tags: Sequence[int]) -> dict[str, Any]:
    """Elements without a value: what these records must hold and an instance lacks stays unknown, but is there."""
    return {format_tag(tag): {"vr": dictionary.vr_of(tag)} for tag in tags}


def _instance(entry: DirectoryEntry) -> dict[str, Any]:
    sop_class_uid = text(entry.record, SOP_CLASS_UID)
    kind = record_type(sop_class_uid)
    return {
        **_described(entry.record, kind, INSTANCE_ATTRIBUTES),
        "00041500": {"vr": "CS", "Value": list(entry.file_id)},
        "00041510": {"vr": "UI", "Value": [sop_class_uid]},
        "00041511": {"vr": "UI", "Value": [text(entry.record, SOP_INSTANCE_UID)]},
        "00041512": {"vr": "UI", "Value": [entry.transfer_syntax_uid]},
    }


def _head(root: _Node, file_set_id: str) -> bytes:
    children = list(root.children.values())
    return _written(
        {
            "00041130": {"vr": "CS", "Value": [file_set_id] if file_set_id else []},
            "00041200": {"vr": "UL", "Value": [children[0].position if children else 0]},
            "00041202": {"vr": "UL", "Value": [children[-1].position if children else 0]},
            "00041212": {"vr": "US", "Value": [0]},
        }
    )


def _item(node: _Node) -> bytes:
    lower = next(iter(node.children.values()), None)
    links: dict[str, Mapping[str, Any]] = {
        "00041400": {"vr": "UL", "Value": [node.following]},
        "00041410": {"vr": "US", "Value": [IN_USE]},
        "00041420": {"vr": "UL", "Value": [lower.position if lower else 0]},
    }
    return _written({**links, **node.content})


def _written(record: Mapping[str, Any]) -> bytes:
    return write_data_set(dict(sorted(record.items())), transfer_syntax(EXPLICIT_VR_LITTLE_ENDIAN))
