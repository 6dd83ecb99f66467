"""`fhantom seed download`: what is public of a data set, onto the disk."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from fhantom.cli.failure import Failure
from fhantom.datasets.downloads import REMOTES, Remote


def add(seeds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = seeds.add_parser(
        "download",
        help="fetch what is public of a data set; a fetch that broke off goes on",
        description="Fetch what is public of a data set. The addresses are as its makers publish them; nobody has tried"
        " them from here.",
    )
    parser.add_argument("dataset", choices=tuple(REMOTES), metavar="NAME", help=", ".join(REMOTES))
    parser.add_argument("--to", default=".", metavar="DIR", help="the folder (default: this one)")
    parser.add_argument("--file", action="append", metavar="NAME", help="this file, repeatable (default: those with *)")
    parser.add_argument("--list", action="store_true", help="list the files and fetch nothing")
    parser.add_argument("--mirror", metavar="URL", help="another host that has the same paths")
    parser.set_defaults(run=_download)


def _download(parsed: argparse.Namespace) -> int:
    remotes = REMOTES[parsed.dataset]
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
    return replace(remote, url=mirror.rstrip("/") + urlsplit(remote.url).path) if mirror else remote


def _fetch(remote: Remote, folder: Path) -> Path:
    from fhantom.cli.progress import Bar
    from fhantom.datasets.downloading import Unavailable, WrongContent, fetch

    bar = Bar()
    try:
        path = fetch(remote, folder, lambda done, of: bar(f"{remote.name} bytes", done, of))
    except (Unavailable, WrongContent) as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"cannot write to {folder}: {error.strerror or error}") from None
    finally:
        bar.close()
    print(f"{path} is here, {path.stat().st_size} bytes")
    return path
