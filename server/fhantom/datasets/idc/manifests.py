"""s5cmd manifests: one line a series, as IDC's portal writes them and `s5cmd run` reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from fhantom.datasets.series.registering import ENDPOINT
from fhantom.datasets.series.rows import SeriesRow

# Lines that are none, as the header of a column in IDC's own manifests, say nothing of a place.
_PLACE = re.compile(r"s3://([^/\s]+)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")


def uuids_of(text: str) -> list[str]:
    """The series that a manifest names, by their folders in a bucket, each once."""
    return list(dict.fromkeys(found[2] for found in _PLACE.finditer(text)))


def folders_of(text: str) -> list[tuple[str, str]]:
    """The same with their buckets."""
    return list(dict.fromkeys((found[1], found[2]) for found in _PLACE.finditer(text)))


def manifest_of(rows: Sequence[SeriesRow], name: str) -> tuple[str, int]:
    """A manifest that downloads these series into folders of their own, and how many it has; others have no bucket."""
    placed = [row for row in rows if row.bucket and row.crdc_series_uuid]
    lines = [
        "# To download the files in this manifest, install s5cmd (https://github.com/peak/s5cmd) and run",
        f"# s5cmd --no-sign-request --endpoint-url {ENDPOINT} run {name}",
        "# To load them afterwards: fhantom seed idc --from idc",
    ]
    for row in placed:
        lines.append(f"cp s3://{row.bucket}/{row.crdc_series_uuid}/* idc/{row.crdc_series_uuid}/")
    return "\n".join(lines) + "\n", len(placed)


def write(rows: Sequence[SeriesRow], path: Path) -> int:
    """Write a manifest and say how many series it names. Raises OSError."""
    text, count = manifest_of(rows, path.name)
    path.write_text(text, encoding="utf-8")
    return count
