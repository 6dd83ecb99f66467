"""The challenge in small: its CSV files, a list of duplicates, and photographs that were drawn."""

from __future__ import annotations

import io
from pathlib import Path

from fhantom.datasets.isic.rows import Row
from fhantom.datasets.isic.wrapping import wrap
from fhantom.dicom import read
from fhantom.dicom.editing import edit

_HEADER = (
    "image_name,patient_id,lesion_id,sex,age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target"
)
_ROWS = (
    Row("ISIC_9000001", "IP_9000001", "IL_9000001", "male", 45, "head/neck", "unknown", "benign"),
    Row("ISIC_9000002", "IP_9000001", "IL_9000001", "male", 50, "head/neck", "melanoma", "malignant"),
    Row("ISIC_9000003", "IP_9000001", "IL_9000002", "male", 50, "torso", "nevus", "benign"),
    Row("ISIC_9000004", "IP_9000002", "IL_9000003", "female", 65, "lower extremity", "seborrheic keratosis", "benign"),
    Row("ISIC_9000005", "IP_9000002", "IL_9000003", "female", 65, "lower extremity", "seborrheic keratosis", "benign"),
    Row("ISIC_9000006", "IP_9000003", "IL_9000004", "", None, "", "lentigo NOS", "benign"),
    Row("ISIC_9000007", "IP_9000003", "IL_9000005", "", None, "palms/soles", "solar lentigo", "benign"),
)
_COPIES = (("ISIC_9000004", "ISIC_9000005"),)
_WITHOUT_IMAGE = "ISIC_9000007"
_PROGRESSIVE = "ISIC_9000003"
_AS_DICOM = "ISIC_9000006"
_TEST = Row("ISIC_9000101", "IP_9000101", sex="female", age=30, site="upper extremity")

_WIDTH, _HEIGHT = 96, 64


def make(folder: Path) -> None:
    """Write CSV files and images as the challenge's zips unpack them, one of the images as DICOM."""
    (folder / "train").mkdir(parents=True, exist_ok=True)
    (folder / "test").mkdir(exist_ok=True)
    lines = [_line(row) for row in _ROWS]
    (folder / "ISIC_2020_Training_GroundTruth_v2.csv").write_text("\n".join((_HEADER, *lines)) + "\n")
    copies = [",".join(pair) for pair in (("image_name_1", "image_name_2"), *_COPIES)]
    (folder / "ISIC_2020_Training_Duplicates.csv").write_text("\n".join(copies) + "\n")
    (folder / "ISIC_2020_Test_Metadata.csv").write_text(
        "image,patient,anatom_site_general,sex,age_approx\n"
        f"{_TEST.image},{_TEST.patient},{_TEST.site},{_TEST.sex},{_TEST.age}.0\n"
    )
    for number, row in enumerate(_ROWS):
        if row.image != _WITHOUT_IMAGE:
            jpeg = photograph(number, progressive=row.image == _PROGRESSIVE)
            _write(folder / "train", row, jpeg)
    _write(folder / "test", _TEST, photograph(9))


def _line(row: Row) -> str:
    age = "" if row.age is None else f"{row.age}.0"
    target = "1" if row.benign_malignant == "malignant" else "0"
    told = (row.image, row.patient, row.lesion, row.sex, age, row.site, row.diagnosis, row.benign_malignant, target)
    return ",".join(told)


def _write(folder: Path, row: Row, jpeg: bytes) -> None:
    if row.image != _AS_DICOM:
        (folder / f"{row.image}.jpg").write_bytes(jpeg)
        return
    # Shipped objects are joined to the CSV by their file's name, not by their header.
    content = edit(read(wrap(row, jpeg, "photographic")), {"00100020": {"vr": "LO"}, "00204000": None})
    (folder / f"{row.image}.dcm").write_bytes(content)


def photograph(number: int, *, progressive: bool = False) -> bytes:
    """A JPEG of something dark on something pink, another one for each number."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_WIDTH, _HEIGHT), (226, 178 - 2 * number, 160))
    draw = ImageDraw.Draw(image)
    left, top = 20 + 3 * number, 10 + 2 * number
    draw.ellipse((left, top, left + 34, top + 28), fill=(120, 70, 50))
    draw.ellipse((left + 8, top + 6, left + 22, top + 20), fill=(80 - 5 * number, 40, 30))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85, progressive=progressive)
    return buffer.getvalue()
