"""`.tcia` manifests and md5hashes.csv, as NBIA writes them."""

from __future__ import annotations

import csv
import io
import re

from fhantom.dicom.uids import is_uid

# A list by its marker, not by the number of lines before it, which has changed; older ones have rows with `|`.
_MARKER = "ListOfSeriesToDownload="
_LEAST = 12  # characters of a UID, so that no number in a row is taken for one
_DIGEST = re.compile(r"[0-9a-fA-F]{32}")


def series_of(text: str) -> list[str] | None:
    """The Series Instance UIDs that a manifest lists, each once; None if it is no manifest."""
    if _MARKER not in text:
        return None
    found = []
    for line in text.split(_MARKER, 1)[1].splitlines():
        uids = [part.strip() for part in line.split("|") if is_uid(part.strip()) and len(part.strip()) >= _LEAST]
        found += uids[-1:]  # of a row with study and series the second
    return list(dict.fromkeys(found))


def digests_of(text: str) -> dict[str, str]:
    """MD5 by the name of the file, from any CSV that has both in each row; empty if it is about something else."""
    found = {}
    for row in csv.reader(io.StringIO(text)):
        digest = next((value.strip() for value in row if _DIGEST.fullmatch(value.strip())), "")
        name = next((value.strip() for value in row if value.strip().lower().endswith(".dcm")), "")
        if digest and name:
            found[name.rsplit("/", 1)[-1]] = digest.lower()
    return found
