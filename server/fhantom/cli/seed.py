"""`fhantom seed`: what can be loaded, what has been, and loading it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fhantom.cli import folders
from fhantom.cli.failure import Failure
from fhantom.cli.progress import Bar
from fhantom.clock import Clock
from fhantom.loading import hackathon
from fhantom.settings import Settings
from fhantom.world import DataFolder, DataFolderInUse, DataTooNew, Worlds, facts

# What `fhantom seed` and `fhantom serve --seed` know by name.
KNOWN = (
    ("embedded", "the ten SIIM patients in R5 and R4, with synthetic images (serve starts with it)"),
    ("hackathon", "a clone of ImagingInformatics/hackathon-dataset, FHIR R5 and DICOM"),
)


def list_seeds(settings: Settings) -> int:
    """Print what can be loaded and what the data folder holds."""
    path = settings.data or folders.user_data()
    loaded: dict[str, str | None] = {}
    if DataFolder(path).is_empty:
        print(f"{path} is empty")
    else:
        with _worlds(settings) as worlds, worlds.open().reading() as connection:
            seed = facts.get(connection, "seed") or "none"
            loaded = {name: facts.get(connection, f"loaded:{name}") for name, _ in KNOWN}
        print(f"{path} began as the seed {seed}")
    for name, text in KNOWN:
        print(f"{name:10} {text}")
        if loaded.get(name):
            print(f"{'':10} loaded: {loaded[name]}")
    return 0


def load_hackathon(settings: Settings, source: str, jobs: int) -> int:
    """Load a clone of the hackathon-dataset repository; 1 if nothing of it could be loaded."""
    folder = Path(source)
    if not folder.is_dir():
        raise Failure(f"there is no folder {source}")
    bar = Bar()
    with _worlds(settings) as worlds:
        report = hackathon.load(worlds, settings, folder, jobs, bar)
    bar.close()
    for line in report.lines():
        print(line)
    if not report.counts:
        raise Failure(f"{source} holds neither FHIR nor DICOM files")
    return 0 if report.has_loaded else 1


@contextmanager
def _worlds(settings: Settings) -> Iterator[Worlds]:
    """The worlds of the data folder; a server may be using them at the same time."""
    if settings.ephemeral:
        raise Failure("--ephemeral data goes with its server; load into it with serve --seed DIR")
    folder = DataFolder(settings.data or folders.user_data())
    try:
        try:
            folder.hold()
        except DataFolderInUse:
            print(f"fhantom: a server is using {folder.path}; it sees what is loaded at once", file=sys.stderr)
        folder.create()
        worlds = Worlds(folder, settings, Clock())
        worlds.open()
    except DataTooNew as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"cannot use the data folder {folder.path}: {error.strerror}") from None
    try:
        yield worlds
    finally:
        worlds.close()
        folder.release()
