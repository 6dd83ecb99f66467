"""`fhantom seed export` and `fhantom seed make`: seed folders, which `fhantom seed folder` and `serve --seed` read."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from fhantom.cli import options
from fhantom.cli.failure import Failure

if TYPE_CHECKING:
    from fhantom.datasets.making.plan import Plan

_LARGEST_SIDE = 2048


def add(seeds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both commands to `fhantom seed`."""
    export = seeds.add_parser("export", help="write what a world holds as a seed folder")
    _add_out(export)
    export.add_argument("--world", metavar="KEY", help="the world of this key, where each key has its own")
    options.add_arguments(export, groups=("data",))
    export.set_defaults(run=_export)

    make = seeds.add_parser("make", help="write a synthetic world for load tests as a seed folder")
    _add_out(make)
    make.add_argument("--patients", type=int, default=10, metavar="N", help="how many (default: %(default)s)")
    make.add_argument("--seed", type=int, default=1, metavar="N", help="another one makes other people")
    make.add_argument("--studies", type=int, default=2, metavar="N", help="of each patient (default: %(default)s)")
    make.add_argument("--instances", type=int, default=4, metavar="N", help="of each study (default: %(default)s)")
    make.add_argument("--modalities", default="CT,MR,DX", metavar="TEXT", help="drawn from (default: %(default)s)")
    make.add_argument("--side", type=int, default=64, metavar="N", help="rows and columns (default: %(default)s)")
    make.add_argument("--index-only", action="store_true", help="what searches tell of the images, without the images")
    make.set_defaults(run=_make)


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, metavar="DIR", help="a folder that does not exist yet, or an empty one")


def _export(parsed: argparse.Namespace) -> int:
    from fhantom.cli.progress import Bar
    from fhantom.cli.seed import worlds_of
    from fhantom.datasets.folder import exporting
    from fhantom.world import SHARED

    folder = _empty(parsed.out)
    bar = Bar()
    with worlds_of(options.load(vars(parsed), os.environ)) as worlds:
        try:
            told = exporting.export(worlds.open(parsed.world or SHARED), folder, bar)
        except OSError as error:
            raise Failure(f"cannot write to {folder}: {error.strerror or error}") from None
    bar.close()
    if told.has_people:
        print(f"{folder} may tell of people who exist: handle it as such")
    print(f"{len(told.files)} files in {folder}; to load them: fhantom seed folder --from {folder}")
    return 0


def _make(parsed: argparse.Namespace) -> int:
    from fhantom.cli.progress import Bar
    from fhantom.datasets.making.making import make

    plan = _plan(parsed)
    folder = _empty(parsed.out)
    bar = Bar()
    try:
        told = make(plan, folder, bar)
    except OSError as error:
        raise Failure(f"cannot write to {folder}: {error.strerror or error}") from None
    bar.close()
    print(f"{len(told.files)} files in {folder}; to load them: fhantom seed folder --from {folder}")
    return 0


def _plan(parsed: argparse.Namespace) -> Plan:
    from fhantom.datasets.making.plan import Plan
    from fhantom.datasets.making.studies import MODALITIES

    for name in ("patients", "studies", "instances", "side"):
        if getattr(parsed, name) < (0 if name == "studies" else 1):
            raise Failure(f"--{name} must be at least 1")
    if parsed.side > _LARGEST_SIDE:
        raise Failure(f"--side must be at most {_LARGEST_SIDE}")
    modalities = tuple(word.strip() for word in parsed.modalities.split(","))
    for modality in modalities:
        if modality not in MODALITIES:
            raise Failure(f"--modalities are of {', '.join(MODALITIES)}, not {modality!r}")
    return Plan(
        patients=parsed.patients,
        seed=parsed.seed,
        studies=parsed.studies,
        instances=parsed.instances,
        modalities=modalities,
        side=parsed.side,
        has_pixels=not parsed.index_only,
    )


def _empty(name: str) -> Path:
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Failure(f"{name} is not empty")
    except OSError as error:
        raise Failure(f"cannot write to {name}: {error.strerror}") from None
    return folder
