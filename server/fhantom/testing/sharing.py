"""One server for all workers of pytest-xdist: the first one that wants it starts it, the controller ends it.

`python -m fhantom.testing.sharing FOLDER PID` is that server. What it is to be like stands in `settings.json` of the
folder; once it answers, `server.json` tells where. It ends by itself when the process PID is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fhantom.testing.servers import LocalServer, RemoteServer, settings_of
from fhantom.world.locks import FileLock

Finding = tuple[bool, str]

_PARTING = 10.0  # seconds that it may take to end
_PATIENCE = 120.0  # seconds for the very first start, which loads the seed


def join(folder: Path, chosen: Mapping[str, Any], controller: int) -> RemoteServer:
    """The server whose state lies in `folder`, started if nobody has; it lives as long as `controller`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(folder / "starting.lock")():
        told = folder / "server.json"
        if not told.exists():
            _start(folder, chosen, controller, told)
        return RemoteServer(json.loads(told.read_text())["origin"], folder / "clock.lock")


def leave(folder: Path, last: Callable[[RemoteServer], list[Finding]]) -> list[Finding]:
    """End the server whose state lies in `folder`, if there is one; `last` may ask it something before."""
    answer: list[Finding] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        told = json.loads((folder / "server.json").read_text())
        answer = last(RemoteServer(told["origin"], None))
        os.kill(told["pid"], signal.SIGTERM)
        deadline = time.monotonic() + _PARTING
        while (folder / "server.json").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)
    return answer


def _start(folder: Path, chosen: Mapping[str, Any], controller: int, told: Path) -> None:
    (folder / "settings.json").write_text(json.dumps(dict(chosen), default=str))
    command = [sys.executable, "-m", "fhantom.testing.sharing", str(folder), str(controller)]
    with open(folder / "server.log", "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + _PATIENCE
    while not told.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server for tests did not start:\n{(folder / 'server.log').read_text()}")
        time.sleep(0.02)
    process.returncode = 0  # it is the controller's to end, and no child to be waited for


def main(folder: Path, controller: int) -> None:
    """Serve until told to end, or until the controller is gone."""
    chosen = json.loads((folder / "settings.json").read_text())
    chosen = {name: tuple(value) if isinstance(value, list) else value for name, value in chosen.items()}
    server = LocalServer(folder / "data", settings_of(chosen))
    end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    told = folder / "server.json"
    told.with_suffix(".new").write_text(json.dumps({"origin": server.origin, "pid": os.getpid()}))
    os.replace(told.with_suffix(".new"), told)
    while not end.wait(timeout=0.5) and _lives(controller):
        pass
    server.close()
    told.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
