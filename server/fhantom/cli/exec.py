"""`fhantom exec -- COMMAND`: a server for as long as a command runs, which is told by its environment where it is."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from fhantom.cli.failure import Failure

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_PASSED_ON = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
_TYPED = {getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)}
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126  # what shells answer


def execute(command: Sequence[str], serve_arguments: Sequence[str], key: str, environ: Mapping[str, str]) -> int:
    """Run `command` beside a server of its own; return its exit status, as a shell would tell it.

    The server keeps its data in a temporary folder and listens on a free port. Raises Failure if it does not start.
    """
    if not command:
        raise Failure("exec needs a command: fhantom exec -- pytest")
    running: list[subprocess.Popen[bytes]] = []
    with _passing_signals(running), _server(serve_arguments, {**environ, "SIIM_API_KEY": key}) as url:
        try:
            process = subprocess.Popen(command, env={**environ, **variables(url, key)})
        except FileNotFoundError:
            print(f"fhantom: there is no command {command[0]}", file=sys.stderr)
            return _NOT_FOUND
        except OSError as error:
            print(f"fhantom: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
            return _NOT_EXECUTABLE
        running.append(process)
        status = process.wait()
    return status if status >= 0 else 128 - status


def variables(url: str, key: str) -> dict[str, str]:
    """The environment that tells a program where the server is."""
    return {
        "SIIM_API_KEY": key,
        "SIIM_BASE_URL": url,
        "SIIM_FHIR_URL": f"{url}/fhir",
        "SIIM_FHIR_R4_URL": f"{url}/fhir-r4",
        "SIIM_DICOMWEB_URL": f"{url}/dicomweb",
        "SIIM_WADO_URL": f"{url}/wadouri",
        "FHANTOM_URL": url,
    }


@contextmanager
def _server(arguments: Sequence[str], environ: Mapping[str, str]) -> Iterator[str]:
    """The address of a server for as long as the block lasts."""
    serve = [sys.executable, "-m", "fhantom", "serve", "--port", "0", "--ephemeral", *arguments]
    # A group of its own: Ctrl-C is for the command, and the server ends after it.
    server = subprocess.Popen(serve, env=dict(environ), stdout=subprocess.PIPE, text=True, start_new_session=True)
    with server:
        try:
            assert server.stdout is not None
            words = server.stdout.readline().split()
            if len(words) < 2 or words[0] != "ready":
                raise Failure("the server did not start")
            yield words[1]
        finally:
            server.terminate()


@contextmanager
def _passing_signals(running: Sequence[subprocess.Popen[bytes]]) -> Iterator[None]:
    """Give signals to the command; before it runs they end this process in order."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        if not running:
            raise SystemExit(128 + number)
        # What is typed at a terminal has reached the command already.
        if number not in _TYPED or not sys.stdin.isatty():
            running[0].send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
