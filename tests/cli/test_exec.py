"""`fhantom exec`, run as the process that it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ASK = """
import json, os, urllib.request
request = urllib.request.Request(
    os.environ["SIIM_FHIR_URL"] + "/metadata", headers={"apikey": os.environ["SIIM_API_KEY"]})
with urllib.request.urlopen(request) as answer:
    status = answer.status
print(json.dumps({"status": status, **{n: v for n, v in os.environ.items() if n.startswith(("SIIM_", "FHANTOM_"))}}))
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fhantom", "exec", *arguments]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A home of its own, and no settings."""
    own = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "FHANTOM_SEED": "none"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FHANTOM_", "SIIM_"))}
    return {**clean, **own}


def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), env=environ, capture_output=True, text=True, timeout=120)


def test_the_command_is_told_where_the_server_is_and_reaches_it(environ: dict[str, str]) -> None:
    done = run(environ, "--", sys.executable, "-c", ASK)
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"], told["SIIM_API_KEY"]) == (0, 200, "fhantom-local-key")
    base = told["SIIM_BASE_URL"]
    assert (told["FHANTOM_URL"], told["SIIM_DICOMWEB_URL"]) == (base, f"{base}/dicomweb")
    assert (told["SIIM_FHIR_R4_URL"], told["SIIM_WADO_URL"]) == (f"{base}/fhir-r4", f"{base}/wadouri")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(base, timeout=5)


def test_options_are_those_of_serve(environ: dict[str, str]) -> None:
    done = run(environ, "--key", "mine", "--worlds=per-key", "--no-cors", "--", sys.executable, "-c", ASK)
    assert json.loads(done.stdout)["SIIM_API_KEY"] == "mine"


def test_the_exit_status_is_the_commands(environ: dict[str, str]) -> None:
    assert run(environ, "--", sys.executable, "-c", "raise SystemExit(7)").returncode == 7


def test_a_command_that_a_signal_ended_is_told_as_shells_do(environ: dict[str, str]) -> None:
    program = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert run(environ, "--", sys.executable, "-c", program).returncode == 128 + signal.SIGKILL


def test_a_command_that_does_not_exist_is_told(environ: dict[str, str]) -> None:
    done = run(environ, "--", "no-such-command")
    assert done.returncode == 127
    assert done.stderr.endswith("fhantom: there is no command no-such-command\n")


def test_without_a_command_nothing_is_started(environ: dict[str, str]) -> None:
    done = run(environ)
    assert (done.returncode, done.stdout) == (1, "")
    assert "fhantom exec -- pytest" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_signals_reach_the_command(environ: dict[str, str], number: signal.Signals) -> None:
    program = (
        "import signal, sys\n"
        f"signal.signal({number:d}, lambda *_: sys.exit(42))\n"
        "print('waiting', flush=True)\n"
        "signal.pause()"
    )
    arguments = command("--", sys.executable, "-c", program)
    with subprocess.Popen(
        arguments, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(number)
        assert process.wait(timeout=60) == 42
