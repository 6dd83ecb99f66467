"""`fhantom seed` and its commands: one a data set, all with the same manners."""

from __future__ import annotations

import argparse
import os

from fhantom.cli import options, seed_download, seed_folders, seed_pull
from fhantom.datasets.catalogue import DATASETS, FOLDERS, Dataset, Option

_ALIASES = {"siim": ("hackathon",)}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `fhantom seed`."""
    seed = commands.add_parser("seed", help="load data sets")
    seeds = seed.add_subparsers(title="data sets", metavar="", required=True)

    listing = seeds.add_parser("list", help="what can be loaded, and what has been")
    _add_world(listing)
    listing.set_defaults(run=_list)

    sample = seeds.add_parser("sample", help="write a small sample of a data set's shape, to try its loader with")
    sample.add_argument("dataset", choices=tuple(DATASETS), metavar="NAME", help=", ".join(DATASETS))
    sample.add_argument("folder", metavar="DIR", help="a folder that does not exist yet")
    sample.set_defaults(run=_sample)

    seed_download.add(seeds)
    seed_folders.add(seeds)
    seed_pull.add(seeds)
    for dataset in (*DATASETS.values(), *FOLDERS):
        _add_dataset(seeds, dataset)


def _add_dataset(seeds: argparse._SubParsersAction[argparse.ArgumentParser], dataset: Dataset) -> None:
    parser = seeds.add_parser(
        dataset.name,
        aliases=_ALIASES.get(dataset.name, ()),
        help=dataset.title,
        description=f"{dataset.title}. {dataset.licence}; {dataset.attribution}. {dataset.page}",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--from", dest="source", required=not dataset.installed, default="", metavar="PATH", help=dataset.accepts
    )
    parser.add_argument("--limit", type=_positive, metavar="N", help=f"at most so many {dataset.counts}")
    parser.add_argument(
        "--jobs", type=int, default=0, metavar="N", help="processes that read DICOM (default: one a processor)"
    )
    parser.add_argument(
        "--stop", action="store_true", help="stop at the first thing that is refused, instead of going on"
    )
    for option in dataset.options:
        _add_option(parser, option)
    _add_world(parser)
    parser.set_defaults(run=_load, dataset=dataset)


def _add_option(parser: argparse.ArgumentParser, option: Option) -> None:
    dest = f"option_{option.name}"
    if option.choices:
        parser.add_argument(option.flag, dest=dest, choices=option.choices, default=option.default, help=option.help)
    elif option.metavar:
        parser.add_argument(option.flag, dest=dest, metavar=option.metavar, default=option.default, help=option.help)
    else:
        parser.add_argument(option.flag, dest=dest, action="store_true", help=option.help)


def _add_world(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--world", metavar="KEY", help="the world of this key, where each key has its own")
    options.add_arguments(parser, groups=("data",))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


def _list(parsed: argparse.Namespace) -> int:
    from fhantom.cli.seed import list_seeds

    return list_seeds(options.load(vars(parsed), os.environ), parsed.world)


def _sample(parsed: argparse.Namespace) -> int:
    from fhantom.cli.seed import write_sample

    return write_sample(DATASETS[parsed.dataset], parsed.folder)


def _load(parsed: argparse.Namespace) -> int:
    from fhantom.cli.seed import Order, load

    order = Order(
        dataset=parsed.dataset,
        source=parsed.source,
        world=parsed.world,
        limit=parsed.limit,
        processes=parsed.jobs or os.cpu_count() or 1,
        stops=parsed.stop,
        options={option.name: getattr(parsed, f"option_{option.name}") for option in parsed.dataset.options},
    )
    return load(options.load(vars(parsed), os.environ), order)
