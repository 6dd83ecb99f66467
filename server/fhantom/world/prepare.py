"""A prepared seed: a folder with one loaded world, from which an empty data folder is filled at once."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from fhantom.world.folder import DataFolder
from fhantom.world.worlds import SHARED, Worlds


def save(worlds: Worlds, target: Path) -> None:
    """Write the shared world of `worlds` to the new folder `target`; it appears whole or not at all."""
    world = worlds.open(SHARED)
    world.database.checkpoint()
    world.texts.checkpoint()
    temporary = target.with_name(f"{target.name}.{uuid.uuid4().hex}")
    _copy(worlds.folder, DataFolder(temporary))
    try:
        os.rename(temporary, target)
    except OSError:  # another process was quicker; its folder is as good
        shutil.rmtree(temporary)
        if not target.is_dir():
            raise


def restore(source: Path, folder: DataFolder) -> None:
    """Fill the empty data folder from a prepared seed."""
    _copy(DataFolder(source), folder)


def _copy(source: DataFolder, target: DataFolder) -> None:
    target.create()
    _link_tree(source.blobs, target.blobs)
    shutil.copyfile(source.texts, target.texts)
    # The world's file comes last: a folder without it counts as empty.
    name = f"{SHARED}.sqlite"
    shutil.copyfile(source.worlds / name, target.worlds / f"{name}.part")
    os.rename(target.worlds / f"{name}.part", target.worlds / name)


def _link_tree(source: Path, target: Path) -> None:
    # Blobs never change, so a second name costs nothing; another file system needs a copy.
    for folder in source.iterdir():
        (target / folder.name).mkdir(exist_ok=True)
        for entry in os.scandir(folder):
            destination = target / folder.name / entry.name
            if destination.exists():
                continue
            try:
                os.link(entry.path, destination)
            except OSError:
                shutil.copyfile(entry.path, destination)
