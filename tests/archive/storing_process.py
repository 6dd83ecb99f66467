"""A process of its own that stores objects until it is done or killed: `storing_process.py FOLDER FIRST COUNT`.

Each object is one slice of study 1; the series alternate. Once `keep` has returned, the number is printed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fhantom.archive.ingest import Accepted, Incoming, accept, keep
from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.world import DataFolder, Worlds
from instances import instance

MODALITIES = ("CT", "MR", "PT")


def main() -> None:
    folder, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    world = Worlds(DataFolder(folder), Settings(), Clock()).open()
    for number in range(first, first + count):
        series = number % len(MODALITIES)
        body = instance(1, series, number, Modality=MODALITIES[series])
        accepted = accept(body)
        assert isinstance(accepted, Accepted)
        keep(world, [Incoming(accepted, body)])
        print(number, flush=True)


if __name__ == "__main__":
    main()
