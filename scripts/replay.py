"""Start a server for each set of recorded answers, load what the recordings need, replay them, print the scores.

    python scripts/replay.py [SHARED] [--only orthanc,strict,r5,r4] [--verbose]

SHARED is the folder of reference material (default: `../shared` beside the checkout). `strict` is Orthanc again, beside
a server that is started with `--strict`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
KEY = "replay"
HEADER = f"apikey={KEY}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--only", default="orthanc,strict,r5,r4")
    parser.add_argument("--verbose", action="store_true", help="print every case that differs")
    options = parser.parse_args()
    golden = options.shared / "golden"
    if not golden.is_dir():
        parser.error(f"there are no recordings at {golden}")
    for name in options.only.split(","):
        with server(*(("--strict",) if name == "strict" else ())) as origin:
            report = orthanc(golden, origin, name) if name in ("orthanc", "strict") else hapi(golden, origin, name)
        print(f"{name}: {report if options.verbose else report.strip().splitlines()[-1]}", flush=True)
    return 0


@contextmanager
def server(*settings: str) -> Iterator[str]:
    """A real server, empty, for as long as the block lasts."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "fhantom", "serve", "--ephemeral", "--seed", "none"]
    process = subprocess.Popen([*command, "--port", str(port), "--key", KEY, *settings], stdout=subprocess.DEVNULL)
    origin = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{origin}/_fhantom/ready").close()
                break
            time.sleep(0.05)
        yield origin
    finally:
        process.terminate()
        process.wait()


def orthanc(golden: Path, origin: str, name: str) -> str:
    """Replay what Orthanc answered; `name` says which list of deliberate differences counts."""
    load = golden / "orthanc" / "load_data.py"
    run(load, f"{origin}/dicomweb", "/dev/null", "--header", HEADER)
    roots = ("--map", "/dicom-web=/dicomweb", "--map", "/wado=/wadouri")
    return run(golden / "replay.py", origin, golden / "orthanc" / "cases.jsonl.gz", *roots, *common(name))


def hapi(golden: Path, origin: str, release: str) -> str:
    """Replay what HAPI answered in one release of FHIR."""
    root = {"r5": "/fhir", "r4": "/fhir-r4"}[release]
    run(golden / "hapi" / "load_data.py", f"{origin}{root}", release, "/dev/null", "--header", HEADER)
    module = module_at(golden / "replay_fhir.py")
    plain = module.plain

    # The comparison takes any address with the server's root for the server's own, http://hl7.org/fhir too. Below
    # another root than the recorded one that would be true of one side only, so other hosts are veiled first.
    def fair(text: str, own: str) -> str:
        return str(plain(re.sub(r"https?://(?!localhost|127\.)(?=[^/\s\"<>]+/fhir)", "elsewhere:", text), own))

    module.plain = fair
    arguments = [origin, str(golden / "hapi" / f"{release}.jsonl.gz"), "--map", f"/fhir={root}", *common("hapi")]
    before, sys.argv = sys.argv, ["replay_fhir.py", *arguments]
    try:
        with contextlib.redirect_stdout(io.StringIO()) as report, contextlib.suppress(SystemExit):
            module.main()
    finally:
        sys.argv = before
    return report.getvalue()


def common(peer: str) -> tuple[str, ...]:
    known = "orthanc_strict" if peer == "strict" else f"{peer}_deliberate"
    return ("--header", HEADER, "--deliberate", str(ROOT / "tests" / "golden" / f"{known}.toml"))


def run(script: Path, *arguments: str | Path) -> str:
    command = [sys.executable, str(script), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def module_at(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
