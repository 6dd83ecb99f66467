"""Reading files that are written like one before: only the values that differ are read anew.

The slices of a series have the same elements in the same places, and all but a dozen or two of their values are equal.
Where two files of one length differ is seen at a glance (they are numbers, and a bit of their exclusive or is set
where they differ); if that is nowhere but in plain values, all else is as in the file before.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Lock

from fhantom import dicom
from fhantom.archive.rows import ROW_TAGS, Record
from fhantom.dicom import dicom_json
from fhantom.dicom.dataset import Buffer, Dataset, DicomFile

PIXEL_DATA = (0x7FE00010, 0x7FE00008, 0x7FE00009)  # PS3.3 C.7.6.3, C.7.6.24, C.7.6.25

_KEPT = 16  # patterns of a process; a scanner's series needs some, since lengths of numbers differ
_LONGEST = 64 * 1024  # bytes that are compared
_PREAMBLE = 128  # PS3.10 7.1: anything may stand there
_RUN = re.compile(rb"[^\0]+")

# What other elements are read by: SpecificCharacterSet, PixelRepresentation and what meta information says of the rest.
_DECISIVE = frozenset((0x00080005, 0x00280103, 0x00020000, 0x00020010))


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a file.

    Attributes:
        file: where its elements are, and what all are read by; other values may be those of a file like it, and
            `dataset.buffer` may end where the pixels begin.
        members: its DICOM JSON by tag, in their order (see `dicom_json.members`).
        record: those of its attributes that the tables hold, parsed.
    """

    file: DicomFile
    members: dict[str, str]
    record: Record


def read(buffer: Buffer, inline: int = 0) -> Reading:
    """What a file says, as if it was the first of its kind.

    Raises:
        DicomError: it cannot be read.
    """
    key = (len(buffer), inline)
    with _lock:
        is_second = key in _patterns
        pattern = _patterns.pop(key, None)
        if is_second:
            _patterns[key] = pattern  # is the last to be given up
    found = pattern.read(buffer, inline) if pattern else None
    if found is None:
        found = _anew(buffer, inline)
        # To make a pattern costs a third of a reading, so that it is not made of what comes once.
        made = _pattern(buffer, found) if is_second and pattern is None else None
        with _lock:
            _patterns[key] = made
            while len(_patterns) > _KEPT:
                del _patterns[next(iter(_patterns))]
    return found


def _anew(buffer: Buffer, inline: int) -> Reading:
    file = dicom.read(buffer)
    members = {member[1:9]: member for member in dicom_json.members(file.dataset, inline=inline)}
    # The tables need some thirty attributes; to parse all of a CT's takes ten times as long.
    record = json.loads("{" + ",".join(member for tag, member in members.items() if tag in ROW_TAGS) + "}")
    return Reading(file, members, record)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A file by which others are read.

    Attributes:
        reading: of it; its buffer is what is compared, which is all that is before the pixels.
        number: the bytes of that.
        rest: where what follows the pixels begins, and that.
        begins, ends: of the values that may differ, in order.
        tags: of the elements of the data set in which they are; None in the meta information.
    """

    reading: Reading
    number: int = field(repr=False)
    rest: tuple[int, bytes]
    begins: list[int]
    ends: list[int]
    tags: list[int | None]

    def read(self, buffer: Buffer, inline: int) -> Reading | None:
        """A file of that length, or None if it is not alike."""
        dataset = self.reading.file.dataset
        size, (start, rest) = len(dataset.buffer), self.rest
        if buffer[start:] != rest:
            return None
        head = bytes(buffer[:size])
        differing = int.from_bytes(head, "little") ^ self.number
        tags: set[int] = set()
        for run in _RUN.finditer(differing.to_bytes(size, "little")):
            at = bisect_right(self.begins, run.start()) - 1
            if at < 0 or run.end() > self.ends[at]:
                return None
            tag = self.tags[at]
            if tag is not None:
                tags.add(tag)
        elements = {tag: dataset[tag] for tag in tags}
        changed = _over(head, Dataset(head, elements, dataset.little_endian, dataset.charset))
        members, record = self.reading.members.copy(), dict(self.reading.record)
        for member in dicom_json.members(changed, inline=inline):
            name = member[1:9]
            members[name] = member
            if name in ROW_TAGS:
                record[name] = json.loads(member[11:])
        return Reading(self.reading.file, members, record)


_patterns: dict[tuple[int, int], _Pattern | None] = {}
_lock = Lock()


def _pattern(buffer: Buffer, reading: Reading) -> _Pattern | None:
    """The pattern that a file makes; None of one that is deflated, bare, long, or whose pixels are fragments."""
    file, size, start = reading.file, len(buffer), len(buffer)
    for tag in PIXEL_DATA:
        if tag in file.dataset:
            size, start = file.dataset[tag].offset, file.dataset[tag].offset + file.dataset[tag].length
            break
    fragmented = any(element.fragments is not None for element in file.dataset)
    if file.inflated or fragmented or size > _LONGEST or len(buffer) - start > _LONGEST:
        return None
    head = bytes(buffer[:size])
    if head[_PREAMBLE : _PREAMBLE + 4] != b"DICM":
        return None
    values: list[tuple[int, int, int | None]] = [(0, _PREAMBLE, None)]
    values += [(begin, end, None) for begin, end, _ in _values(file.meta)]
    values += [value for value in _values(file.dataset) if value[1] <= size]
    begins, ends, tags = zip(*sorted(values, key=lambda value: value[0]), strict=True)
    kept = replace(reading, file=replace(file, meta=_over(head, file.meta), dataset=_over(head, file.dataset)))
    rest = (start, bytes(buffer[start:]))
    return _Pattern(kept, int.from_bytes(head, "little"), rest, list(begins), list(ends), list(tags))


def _values(dataset: Dataset, outermost: int | None = None) -> Iterator[tuple[int, int, int | None]]:
    """Begin and end of each value by which nothing else is read, and the tag of the outermost element around it."""
    for tag, element in dataset.elements.items():
        top = tag if outermost is None else outermost
        if element.items is not None:
            for item in element.items:
                yield from _values(item, top)
        elif element.length and not _is_decisive(tag, element.vr):
            yield element.offset, element.offset + element.length, top


def _is_decisive(tag: int, vr: str) -> bool:
    """Whether others are read by such a value: also private creators (PS3.5 7.8.1), and what may be a sequence."""
    is_creator = tag & 0x10000 != 0 and tag & 0xFF00 == 0
    return tag in _DECISIVE or is_creator or tag & 0xFFFF == 0 or vr == "UN"


def _over(buffer: Buffer, dataset: Dataset) -> Dataset:
    """The same elements of another buffer."""
    elements = {
        tag: element
        if element.items is None
        else element._replace(items=tuple(_over(buffer, item) for item in element.items))
        for tag, element in dataset.elements.items()
    }
    return Dataset(buffer, elements, dataset.little_endian, dataset.charset)
