"""A real Orthanc beside the tests, for as long as a block lasts."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from doors import Answer, Socket

PROGRAM = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin")

DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


@contextmanager
def orthanc(folder: Path, plugins: Sequence[Path] = ()) -> Iterator[Socket]:
    """An empty Orthanc on a free port; it takes no key."""
    assert PROGRAM is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "Name": "fhantom",
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "HttpPort": port,
        "DicomServerEnabled": False,
        "AuthenticationEnabled": False,
        "RemoteAccessAllowed": False,
        "Plugins": [str(plugin) for plugin in plugins],
    }
    configuration = folder / "orthanc.json"
    configuration.write_text(json.dumps(settings))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([PROGRAM, str(configuration)], stdout=log, stderr=log)
        try:
            door = Socket("127.0.0.1", port)
            _wait(door, process)
            yield door
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(door: Socket, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            answer: Answer = door.get("/system")
        except (OSError, http.client.HTTPException):
            assert process.poll() is None and time.monotonic() < until, "Orthanc does not start"
            time.sleep(0.05)
            continue
        assert answer.status == 200
        return
