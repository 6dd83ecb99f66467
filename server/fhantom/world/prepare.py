"""A prepared seed: a folder with the bytes, texts and frozen rows that fill an empty data folder at once."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from fhantom.world import states
from fhantom.world.folder import SHARED, DataFolder
from fhantom.world.worlds import Worlds


def save(worlds: Worlds, target: Path) -> None:
    """Write the shared world of `worlds` to the new folder `target`; it appears whole or not at all."""
    source, temporary = worlds.folder, DataFolder(target.with_name(f"{target.name}.{uuid.uuid4().hex}"))
    temporary.create()
    worlds.open(SHARED).texts.checkpoint()
    worlds.freeze(SHARED, temporary.seed)
    _link_tree(source.blobs, temporary.blobs)
    states.copy(source.texts, temporary.texts)
    try:
        os.rename(temporary.path, target)
    except OSError:  # another process was quicker; its folder is as good
        shutil.rmtree(temporary.path)
        if not target.is_dir():
            raise


def restore(source: Path, folder: DataFolder) -> None:
    """Fill the empty data folder from a prepared seed."""
    prepared = DataFolder(source)
    folder.create()
    _link_tree(prepared.blobs, folder.blobs)
    states.copy(prepared.texts, folder.texts)
    states.copy(prepared.seed, folder.seed)  # comes last: a folder without it counts as empty


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
