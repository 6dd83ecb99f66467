"""The subcommands of `fhantom` and their arguments; what they do is imported when it is asked for."""

from __future__ import annotations

import argparse
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
    health.add_argument("--timeout", type=float, default=5.0, metavar="N", help="seconds to wait for an answer")
    health.set_defaults(run=_healthcheck)

    seed_commands.add(commands)
    _add_exec(commands)
    _add_keys(commands)
    return parser


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


def _serve(parsed: argparse.Namespace) -> int:
    from fhantom.cli.serve import serve

    return serve(options.load(vars(parsed), os.environ), started=_STARTED, seed_given=parsed.seed is not None)


def _healthcheck(parsed: argparse.Namespace) -> int:
    from fhantom.cli.healthcheck import healthcheck

    settings = options.load({}, os.environ)
    scheme = "https" if settings.tls else "http"
    return healthcheck(parsed.url or f"{scheme}://127.0.0.1:{settings.port}", parsed.timeout)


def _exec(parsed: argparse.Namespace) -> int:
    from fhantom.cli.exec import execute

    settings = options.load(vars(parsed), os.environ)
    return execute(parsed.command, options.as_arguments(vars(parsed)), settings.keys[0], os.environ)


def _keys_make(parsed: argparse.Namespace) -> int:
    from fhantom.cli.keys import make

    sheet = Path(parsed.out)
    config = Path(parsed.config) if parsed.config else sheet.with_suffix(".toml")
    return make(parsed.count, parsed.url, sheet, config, parsed.worlds)
