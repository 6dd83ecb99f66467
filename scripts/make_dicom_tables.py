"""Write the tables of `fhantom.dicom` from the dictionaries that pydicom carries.

usage: make_dicom_tables.py [--check]

`attributes.tsv`   tag, VR (alternatives joined by `|`), VM, keyword, name; `x` in a tag stands for any digit
`private.tsv`      creator, then GGGGEE=VR for each element (EE is the low byte of the element number)
`uids.tsv`         UID, kind, name
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from pydicom import _dicom_dict, _private_dict, _uid_dict

TABLES = Path(__file__).resolve().parents[1] / "server" / "fhantom" / "dicom" / "tables"
BLOCK = re.compile(r"[0-9A-Fa-f]{4}xx[0-9A-Fa-f]{2}")


def vr(text: str) -> str:
    """`US or SS` and `OB_OW` as `US|SS`, `OB|OW`; `NONE` (delimiters) as nothing."""
    return "" if text == "NONE" else text.replace(" or ", "|").replace("_", "|")


def attributes() -> str:
    standard = {f"{tag:08X}": entry for tag, entry in _dicom_dict.DicomDictionary.items()}
    repeating = {tag[:8].upper().replace("X", "x"): entry for tag, entry in _dicom_dict.RepeatersDictionary.items()}
    rows = sorted((standard | repeating).items())
    return "".join(f"{tag}\t{vr(e[0])}\t{e[1]}\t{e[4]}\t{e[2]}\n" for tag, e in rows if vr(e[0]))


def private() -> str:
    lines = []
    for creator, entries in sorted(_private_dict.private_dictionaries.items()):
        known = {tag[:4] + tag[6:]: vr(e[0]) for tag, e in entries.items() if BLOCK.fullmatch(tag) and e[0] != "UN"}
        lines.append(f"{creator}\t{' '.join(f'{tag}={vr}' for tag, vr in sorted(known.items()))}\n")
    return "".join(lines)


def uids() -> str:
    return "".join(f"{uid}\t{entry[1]}\t{entry[0]}\n" for uid, entry in _uid_dict.UID_dictionary.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a table is out of date")
    check = parser.parse_args().check
    stale = 0
    for name, content in (("attributes", attributes()), ("private", private()), ("uids", uids())):
        path = TABLES / f"{name}.tsv"
        if check:
            stale += not path.exists() or path.read_text("utf-8") != content
        else:
            path.write_text(content, "utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
