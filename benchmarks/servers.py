"""Starting and stopping what is measured, each on a free port with storage of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import Target

KEY = "benchmark"
_PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where its DICOMweb root is, and the process that started it."""

    name: str
    dicomweb: Target
    pid: int
    ready_seconds: float


def orthanc_is_installed() -> bool:
    """Whether Debian's `orthanc` and `orthanc-dicomweb` are here."""
    return shutil.which("Orthanc") is not None and _PLUGIN.exists()


@contextmanager
def fhantom(*arguments: str) -> Iterator[Server]:
    """fhantom with its default workers and durable writes, empty unless told otherwise."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="fhantom-bench-") as folder:
        command = [sys.executable, "-m", "fhantom", "serve", "--port", str(port), "--key", KEY]
        command += ["--data", f"{folder}/data", *(arguments or ("--seed", "none"))]
        headers = (("apikey", KEY),)
        target = Target("127.0.0.1", port, "/dicomweb", headers)
        with _started("fhantom", command, target, "/fhir/metadata", {"apikey": KEY}) as server:
            yield server


@contextmanager
def orthanc() -> Iterator[Server]:
    """Debian's Orthanc with its DICOMweb plugin and default settings."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="orthanc-bench-") as folder:
        configuration = Path(folder) / "orthanc.json"
        configuration.write_text(
            json.dumps(
                {
                    "StorageDirectory": f"{folder}/storage",
                    "IndexDirectory": f"{folder}/storage",
                    "HttpPort": port,
                    "DicomServerEnabled": False,
                    "RemoteAccessAllowed": False,
                    "AuthenticationEnabled": False,
                    "Plugins": [str(_PLUGIN)],
                }
            )
        )
        target = Target("127.0.0.1", port, "/dicom-web")
        with _started("Orthanc", ["Orthanc", str(configuration)], target, "/system", {}) as server:
            yield server


@contextmanager
def _started(
    name: str, command: Sequence[str], target: Target, probe: str, headers: dict[str, str]
) -> Iterator[Server]:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait_for(f"http://{target.host}:{target.port}{probe}", headers, process)
        yield Server(name, target, process.pid, time.perf_counter() - start)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_for(url: str, headers: dict[str, str], process: subprocess.Popen[bytes]) -> None:
    request = urllib.request.Request(url, headers=headers)
    for _ in range(6000):
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                response.read()
            return
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with {process.returncode}") from None
            time.sleep(0.01)
    raise RuntimeError(f"no answer from {url}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def memory_mb(pid: int) -> tuple[float, float]:
    """Proportional and plain resident memory of a process and its children in MB (Linux)."""
    pss = rss = 0
    for member in _family(pid):
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:] if line.split()[1].isdigit()}
        pss += fields.get("Pss", 0)
        rss += fields.get("Rss", 0)
    return pss / 1024, rss / 1024


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [member for child in children for member in _family(int(child))]
