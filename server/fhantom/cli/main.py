"""The subcommands of `fhantom` and their arguments; what they do is imported when it is asked for."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fhantom import __version__
from fhantom.cli import options, seed_commands
from fhantom.cli.failure import Failure

_STARTED = time.monotonic()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status of the process."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if parsed.run is None:
        parser.print_help()
        return 2
    try:
        status: int = parsed.run(parsed)
        return status
    except Failure as error:
        print(f"fhantom: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fhantom", description="A local stand-in for the SIIM Hackathon server.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"fhantom {__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="")

    serve = commands.add_parser("serve", help="start the server", allow_abbrev=False)
    options.add_arguments(serve)
    serve.set_defaults(run=_serve)

    health = commands.add_parser("healthcheck", help="ask a running server whether it is ready; status 0 if so")
    health.add_argument("--url", help="where it listens (default: this machine, at the port of FHANTOM_PORT)")
    health.add_argument("--port", type=int, metavar="N", help="the port, where it listens on this machine")
    health.add_argument("--timeout", type=float, default=5.0, metavar="N", help="seconds to wait for an answer")
    health.set_defaults(run=_healthcheck)

    seed_commands.add(commands)
    _add_exec(commands)
    _add_keys(commands)
    _add_compare(commands)
    _add_snapshot(commands)
    _add_viewer(commands)
    return parser


def _add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    compare = commands.add_parser("compare", help="what a live server answers otherwise than this one")
    compare.add_argument("--with", dest="url", metavar="URL", help="the server, as https://hackathon.siim.org")
    compare.add_argument("--list", action="store_true", help="only list the questions, and ask nobody")
    compare.add_argument(
        "--key-env", default="SIIM_API_KEY", metavar="NAME", help="variable that holds the key (default: %(default)s)"
    )
    compare.add_argument(
        "--service",
        action="append",
        default=[],
        metavar="NAME[=PATH]",
        help="ask only this service, which lies at that path, as dicomweb=/dicom-web; repeatable",
    )
    compare.add_argument("--write", action="store_true", help="also write to FHIR, and remove it again")
    compare.add_argument("--save", type=Path, metavar="FILE", help="keep what was learned for serve --profile")
    compare.add_argument(
        "--pace", type=float, default=1.0, metavar="N", help="seconds between two requests; less only on this machine"
    )
    compare.set_defaults(run=_compare)


def _add_snapshot(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    snapshot = commands.add_parser("snapshot", help="carry a data state as one file")
    actions = snapshot.add_subparsers(title="actions", metavar="", required=True)
    for name, help in (("save", "write the present state to a file"), ("load", "go to the state of a file")):
        action = actions.add_parser(name, help=help)
        action.add_argument("file", type=Path, metavar="FILE")
        action.add_argument("--url", help="of a running server (default: the data folder, which no server may use)")
        action.add_argument("--world", metavar="KEY", help="the key whose world is meant (default: the shared world)")
        options.add_arguments(action, groups=("data", "keys"))
        action.set_defaults(run=_snapshot, action=name)


def _add_exec(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    execute = commands.add_parser(
        "exec",
        help="run a command beside a server of its own",
        usage="fhantom exec [options] -- COMMAND [ARGUMENT ...]",
        allow_abbrev=False,
    )
    options.add_arguments(execute)
    execute.add_argument(
        "command", nargs="*", metavar="COMMAND", help="it finds the server by SIIM_BASE_URL and others"
    )
    execute.set_defaults(run=_exec)


def _add_keys(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    keys = commands.add_parser("keys", help="make keys for a room full of people")
    actions = keys.add_subparsers(title="actions", metavar="", required=True)
    make = actions.add_parser("make", help="new keys, a sheet to print and a file for serve --config")
    make.add_argument("count", type=int, metavar="N", help="how many")
    make.add_argument("--out", default="keys.html", metavar="FILE", help="the sheet (default: keys.html)")
    make.add_argument("--config", metavar="FILE", help="the settings (default: beside the sheet, as .toml)")
    make.add_argument(
        "--url", default="http://localhost:8080", help="the server's address as people see it (default: %(default)s)"
    )
    make.add_argument(
        "--worlds", choices=("per-key", "shared"), default="per-key", help="a world a key, or one for all"
    )
    make.set_defaults(run=_keys_make)


def _add_viewer(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    viewer = commands.add_parser("viewer", help="install OHIF for /vna/, which has a small viewer of its own without")
    actions = viewer.add_subparsers(title="actions", metavar="", required=True)
    install = actions.add_parser("install", help="fetch OHIF from npm's registry, 50 MB, and unpack what is needed")
    install.add_argument("--from", dest="package", metavar="FILE", help="a package that was fetched before")
    for action in (install, actions.add_parser("remove", help="take it away again")):
        action.add_argument("--to", dest="folder", metavar="DIR", help="the folder (default: beside the user's data)")
    install.set_defaults(run=_viewer_install)
    action.set_defaults(run=_viewer_remove)


def _serve(parsed: argparse.Namespace) -> int:
    gc.disable()  # what a start imports stays; looking for garbage in it takes a tenth of its time
    from fhantom.cli.serve import serve

    return serve(options.load(vars(parsed), os.environ), started=_STARTED, seed_given=parsed.seed is not None)


def _healthcheck(parsed: argparse.Namespace) -> int:
    from fhantom.cli.healthcheck import healthcheck

    settings = options.load({}, os.environ)
    scheme = "https" if settings.tls else "http"
    return healthcheck(parsed.url or f"{scheme}://127.0.0.1:{parsed.port or settings.port}", parsed.timeout)


def _compare(parsed: argparse.Namespace) -> int:
    from fhantom.cli import compare

    if parsed.list:
        return compare.list_questions()
    if not parsed.url:
        raise Failure("compare needs --with URL")
    wanted = compare.Wanted(parsed.url, parsed.key_env, parsed.service, parsed.pace, parsed.write, parsed.save)
    return compare.run(wanted, os.environ)


def _snapshot(parsed: argparse.Namespace) -> int:
    from fhantom.cli import snapshot

    settings = options.load(vars(parsed), os.environ)
    act = snapshot.save if parsed.action == "save" else snapshot.load
    return act(parsed.file, parsed.url, parsed.world, settings)


def _exec(parsed: argparse.Namespace) -> int:
    from fhantom.cli.exec import execute

    settings = options.load(vars(parsed), os.environ)
    return execute(parsed.command, options.as_arguments(vars(parsed)), settings.keys[0], os.environ)


def _keys_make(parsed: argparse.Namespace) -> int:
    from fhantom.cli.keys import make

    sheet = Path(parsed.out)
    config = Path(parsed.config) if parsed.config else sheet.with_suffix(".toml")
    return make(parsed.count, parsed.url, sheet, config, parsed.worlds)


def _viewer_install(parsed: argparse.Namespace) -> int:
    from fhantom.cli.viewer import install

    return install(*(Path(path) if path else None for path in (parsed.folder, parsed.package)))


def _viewer_remove(parsed: argparse.Namespace) -> int:
    from fhantom.cli.viewer import remove

    return remove(Path(parsed.folder) if parsed.folder else None)
