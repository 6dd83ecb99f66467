"""Damaged copies of pydicom's files, by the thousand (long tier): read or refused, and never anything else."""

from __future__ import annotations

import json
import random

import pytest

from dicom.dicom_samples import EXPLICIT, readable_files
from fhantom import dicom
from fhantom.dicom import codestreams, deidentifying, dicom_json, native_xml, pixel_layout, records, rewriting
from fhantom.errors import FhantomError

ROUNDS = 5_000
INTERESTING = (0x00, 0x01, 0x1B, 0x5C, 0x7F, 0xFF)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content with some bytes changed, cut out or put in, mostly where the headers are."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 5, 20))):
        place = chance.randrange(min(len(changed), chance.choice((1500, len(changed)))))
        match chance.choice(("change", "change", "cut", "insert")):
            case "change":
                changed[place] = chance.choice((*INTERESTING, chance.randrange(256)))
            case "cut" if len(changed) > 400:
                del changed[place : place + chance.randrange(1, 9)]
            case _:
                changed[place:place] = chance.randbytes(chance.randrange(1, 9))
    return bytes(changed)


def everything_with(file: dicom.DicomFile) -> None:
    """All that the room does with a file that it has read."""
    encoded = dicom_json.encode(file.dataset, inline=100, encapsulated=True)
    (record,) = records.parse_json(encoded)
    assert native_xml.parse(native_xml.encode(record))
    if layout := pixel_layout.of(file):
        codestreams.facts_of(pixel_layout.frame_bytes(file.dataset, layout, 1))
    again = dicom.read(b"".join(rewriting.rewrite(file, dicom.transfer_syntax(EXPLICIT))))
    assert json.loads(dicom_json.encode(again.dataset)).keys() == json.loads(dicom_json.encode(file.dataset)).keys()
    dicom.read(deidentifying.deidentify(file))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_damaged_files_are_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    contents = [content for path in readable_files() if len(content := path.read_bytes()) < 40_000]
    followed = 0
    for _ in range(ROUNDS):
        try:
            file = dicom.read(damaged(chance.choice(contents), chance))
            followed += 1
            everything_with(file)
        except FhantomError as refused:
            assert refused.status in (400, 404)
    assert followed > ROUNDS // 20
