"""Write the table of PS3.15 E.1-1 (basic profile) from the edition that the package dicom-anonymizer carries.

usage: make_deidentification_table.py      (needs `pip install dicom-anonymizer`, which fhantom itself does not)

`deidentification.tsv`: tag, action code; `x` in a tag stands for any digit.
"""

from __future__ import annotations

from pathlib import Path

from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as edition

TABLE = Path(__file__).resolve().parents[1] / "server" / "fhantom" / "dicom" / "tables" / "deidentification.tsv"

CODES = {
    "D": edition.D_TAGS,
    "Z": edition.Z_TAGS,
    "X": edition.X_TAGS,
    "U": edition.U_TAGS,
    "Z/D": edition.Z_D_TAGS,
    "X/Z": edition.X_Z_TAGS,
    "X/D": edition.X_D_TAGS,
    "X/Z/D": edition.X_Z_D_TAGS,
    "X/Z/U*": edition.X_Z_U_STAR_TAGS,
}


def pattern(tag: tuple[int, ...]) -> str:
    """Group and element, and with them their masks if the tag repeats."""
    group, element, group_mask, element_mask = (*tag, 0xFFFF, 0xFFFF)[:4]
    digits, mask = f"{group:04X}{element:04X}", f"{group_mask:04X}{element_mask:04X}"
    return "".join(digit if kept == "F" else "x" for digit, kept in zip(digits, mask, strict=True))


def main() -> None:
    rows = sorted((pattern(tag), code) for code, tags in CODES.items() for tag in tags)
    TABLE.write_text("".join(f"{tag}\t{code}\n" for tag, code in rows), "utf-8")


if __name__ == "__main__":
    main()
