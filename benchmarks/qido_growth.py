#!/usr/bin/env python3
"""How searches grow with what is held: p50 in ms of each QIDO-RS line with 1,000 and with 1,000,000 instances.

    python benchmarks/qido_growth.py [--sizes 1000,1000000] [--only NAME,NAME] [--keep FOLDER]

In process, through the whole application: gateway, parsing, search, encoding. The instances have metadata only; they
go in through `accept_record`, ten to a study in two series, and each line finds as many rows whatever the size.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from fhantom.app import create_app
from fhantom.archive.ingest import Accepted, Incoming, accept_record, keep
from fhantom.clock import Clock
from fhantom.settings import BUILT_IN_KEY, Settings
from fhantom.site import Site
from fhantom.world import World
from fhantom.world.worlds import open_worlds

ROOT = "1.2.826.0.1.3680043.8.498.7"
PER_STUDY = 10
BATCH = 2000
MODALITIES = ("CT", "MR", "US", "DX")
FIRST_DAY = date(1900, 1, 1)

LINES = {
    "study by UID": f"/studies?StudyInstanceUID={ROOT}.42",
    "instances of a study": f"/studies/{ROOT}.42/instances",
    "instance by UID": f"/instances?SOPInstanceUID={ROOT}.42.2.3",
    "PatientID": "/studies?PatientID=PID0000042",
    "accession": "/studies?AccessionNumber=ACC0000042",
    "name prefix": "/studies?PatientName=NAME000004*",
    "date range": "/studies?StudyDate=19000110-19000120",
    "modality, first page": "/studies?ModalitiesInStudy=CT&limit=20",
    "series of a modality, first page": "/series?Modality=MR&limit=20",
    "instances of two modalities, first page": "/instances?Modality=CT,DX&limit=20",
    "studies, first page": "/studies?limit=25",
    "series, first page": "/series?limit=25",
    "instances, first page": "/instances?limit=25",
    "nobody": "/studies?PatientID=NOBODY",
}


def _attribute(vr: str, value: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


def record(study: int, number: int) -> dict[str, Any]:
    """The metadata of one instance."""
    series = number % 2 + 1
    day = FIRST_DAY + timedelta(days=study)
    return {
        "00080016": _attribute("UI", "1.2.840.10008.5.1.4.1.1.2"),
        "00080018": _attribute("UI", f"{ROOT}.{study}.{series}.{number}"),
        "00080020": _attribute("DA", f"{day:%Y%m%d}"),
        "00080030": _attribute("TM", "101500"),
        "00080050": _attribute("SH", f"ACC{study:07d}"),
        "00080060": _attribute("CS", MODALITIES[study % len(MODALITIES)]),
        "00080090": _attribute("PN", {"Alphabetic": "HOUSE^GREGORY"}),
        "00081030": _attribute("LO", "GROWTH"),
        "0008103E": _attribute("LO", "AXIAL"),
        "00100010": _attribute("PN", {"Alphabetic": f"NAME{study:07d}^TEST"}),
        "00100020": _attribute("LO", f"PID{study:07d}"),
        "00100030": _attribute("DA", "19700101"),
        "00100040": _attribute("CS", "O"),
        "0020000D": _attribute("UI", f"{ROOT}.{study}"),
        "0020000E": _attribute("UI", f"{ROOT}.{study}.{series}"),
        "00200010": _attribute("SH", str(study)),
        "00200011": _attribute("IS", series),
        "00200013": _attribute("IS", number),
        "00280010": _attribute("US", 512),
        "00280011": _attribute("US", 512),
        "00280100": _attribute("US", 16),
    }


def incoming(count: int) -> Iterator[Incoming]:
    """So many instances, study after study."""
    for at in range(count):
        accepted = accept_record(record(at // PER_STUDY, at % PER_STUDY))
        assert isinstance(accepted, Accepted)
        yield Incoming(accepted)


def fill(world: World, count: int) -> None:
    """Store so many instances."""
    batch: list[Incoming] = []
    for one in incoming(count):
        batch.append(one)
        if len(batch) == BATCH:
            keep(world, batch)
            batch.clear()
    keep(world, batch)


def get(app: WSGIApplication, path: str) -> bytes:
    """One request through the application."""
    resource, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": f"/dicomweb{resource}",
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_APIKEY": BUILT_IN_KEY,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    statuses: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
        statuses.append(status)

    result = app(environ, start_response)
    body = b"".join(result)
    if hasattr(result, "close"):
        result.close()
    assert statuses == ["200 OK"], (statuses, body)
    return body


def measured(app: WSGIApplication, path: str, repeats: int = 101) -> tuple[float, int]:
    """p50 in ms, and the number of rows."""
    rows = get(app, path).count(b'"00081190"')
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        get(app, path)
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times), rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,1000000")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path, help="a folder for the data, which is taken as it is if it exists")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    names = options.only.split(",") if options.only else list(LINES)
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in names}
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = (options.keep or Path(scratch)) / str(size)
            is_new = not folder.exists()
            settings = dataclasses.replace(Settings(), ephemeral=True)
            site = Site(settings=settings, worlds=open_worlds(folder, settings, Clock()), clock=Clock())
            if is_new:
                started = time.perf_counter()
                fill(site.worlds.open(), size)
                print(f"{size} instances in {time.perf_counter() - started:.0f} s", file=sys.stderr)
            app = create_app(site)
            for name in names:
                found[name].append(measured(app, LINES[name]))
            site.worlds.close()
    print("| line | rows |", " | ".join(f"{size:,}" for size in sizes), "| ratio |")
    print("| --- " * (len(sizes) + 3) + "|")
    for name, values in found.items():
        times = " | ".join(f"{value:.2f} ms" for value, _ in values)
        rows = "/".join(dict.fromkeys(str(rows) for _, rows in values))
        print(f"| {name} | {rows} | {times} | {values[-1][0] / values[0][0]:.2f} |")


if __name__ == "__main__":
    main()
