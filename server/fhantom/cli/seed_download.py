"""`fhantom seed download`: what is public of a data set, onto the disk."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fhantom.cli.failure import Failure
from fhantom.datasets.downloads import REMOTES, Remote

if TYPE_CHECKING:
    from fhantom.datasets.downloading import Told
    from fhantom.datasets.series.places import Place
    from fhantom.loading.report import Fate

_BY_SERIES = ("tcia", "idc")
"""Data sets of which nobody fetches all, but the series that a manifest or a table names."""


def add(seeds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    names = (*REMOTES, *_BY_SERIES)
    parser = seeds.add_parser(
        "download",
        help="fetch what is public of a data set; a fetch that broke off goes on",
        description="Fetch what is public of a data set. The addresses are as its makers publish them; nobody has tried"
        " them from here.",
    )
    parser.add_argument("dataset", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--to", default=".", metavar="DIR", help="the folder (default: this one)")
    parser.add_argument("--file", action="append", metavar="NAME", help="this file, repeatable (default: those with *)")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        help="of tcia and idc: the manifest (.tcia, .s5cmd) or table (CSV, JSON) that names the series",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="of tcia and idc: at most so many series")
    parser.add_argument("--list", action="store_true", help="list the files or series and fetch nothing")
    parser.add_argument("--mirror", metavar="URL", help="another host that has the same paths")
    parser.set_defaults(run=_download)


def _download(parsed: argparse.Namespace) -> int:
    if parsed.mirror and urlsplit(parsed.mirror).scheme not in ("http", "https"):
        raise Failure(f"--mirror is an address like https://host, not {parsed.mirror!r}")
    if parsed.limit is not None and parsed.limit < 1:
        raise Failure("--limit must be at least 1")
    if parsed.dataset in _BY_SERIES:
        return _download_series(parsed)
    remotes = REMOTES[parsed.dataset]
    if parsed.source or parsed.limit:
        raise Failure(f"--from and --limit choose among the series of {' and '.join(_BY_SERIES)}; --file names files")
    if parsed.list:
        for remote in remotes:
            print(f"{'*' if remote.is_wanted else ' '} {remote.name}: {remote.about}; {remote.url} (untried)")
        return 0
    wanted = [remote for remote in remotes if (remote.name in parsed.file if parsed.file else remote.is_wanted)]
    unknown = set(parsed.file or ()) - {remote.name for remote in remotes}
    if unknown:
        raise Failure(f"there is no file {', '.join(sorted(unknown))}; --list names those that there are")
    paths = [_fetch(_elsewhere(remote, parsed.mirror), Path(parsed.to)) for remote in wanted]
    for source in [path for path in paths if path.suffix == ".zip"] or [parsed.to]:
        print(f"fhantom seed {parsed.dataset} --from {source}")
    return 0


def _elsewhere(remote: Remote, mirror: str | None) -> Remote:
    if not mirror:
        return remote
    place = urlsplit(remote.url)
    return replace(remote, url=f"{mirror.rstrip('/')}{place.path}{'?' if place.query else ''}{place.query}")


@contextmanager
def _progress(what: str) -> Iterator[Told]:
    """Show how many bytes have come."""
    from fhantom.cli.progress import Bar

    bar = Bar()
    try:
        yield lambda done, of: bar(f"{what} bytes", done, of)
    finally:
        bar.close()


def _fetch(remote: Remote, folder: Path) -> Path:
    from fhantom.datasets.downloading import Unavailable, WrongContent, fetch

    try:
        with _progress(remote.name) as told:
            path = fetch(remote, folder, told)
    except (Unavailable, WrongContent) as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"cannot write to {folder}: {error.strerror or error}") from None
    print(f"{path} is here, {path.stat().st_size} bytes")
    return path


def _download_series(parsed: argparse.Namespace) -> int:
    from fhantom.datasets.job import Unusable
    from fhantom.datasets.series.fetching import places_named

    if parsed.file or not parsed.source:
        raise Failure(
            f"name the series of {parsed.dataset} by --from, a manifest or a table, as `seed {parsed.dataset}`"
            " takes it; `fhantom seed idc --write-manifest` chooses and writes one"
        )
    try:
        places = places_named(Path(parsed.source), _tell_of_bad_row)[: parsed.limit]
    except Unusable as reason:
        raise Failure(str(reason)) from None
    if parsed.list:
        for place in places:
            print(f"{place.name}: {place.address} (untried)")
        return 0
    lacking = sum(not _fetch_series(place, Path(parsed.to), parsed.mirror) for place in places)
    if lacking:
        raise Failure(f"{lacking} of {len(places)} series did not come; the same command asks for them again")
    print(f"fhantom seed {parsed.dataset} --from {parsed.to}")
    return 0


def _tell_of_bad_row(kind: str, fate: Fate, name: str, reason: str) -> None:
    print(f"  {name}: {reason}")


def _fetch_series(place: Place, folder: Path, mirror: str | None) -> bool:
    """Fetch one series; what is wrong with it is printed, what would be wrong with all is a Failure."""
    from fhantom.datasets.downloading import Refused, Unavailable, WrongContent
    from fhantom.datasets.series.fetching import fetch_series

    redirect: Callable[[Remote], Remote] = lambda remote: _elsewhere(remote, mirror)  # noqa: E731
    try:
        with _progress(place.name) as told:
            fetched = fetch_series(place, folder, told, redirect)
    except (Refused, WrongContent) as error:
        print(f"  {place.name}: {error}")
        return False
    except Unavailable as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"cannot write to {folder}: {error.strerror or error}") from None
    print(f"{folder / place.name} is here, {fetched.files} files, {fetched.size} bytes")
    return True
