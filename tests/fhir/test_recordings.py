"""The recorded requests of a real HAPI FHIR 8.8.0, replayed: every answer is the same but for words."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from doors import InProcess, listening
from fhantom.app import create_app
from fhantom.site import Site

DELIBERATE = Path(__file__).resolve().parents[1] / "golden" / "hapi_deliberate.toml"
LARGEST_SHARE = 0.03  # of cases that may be answered otherwise on purpose


def module_at(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown_at(root: str, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The server with `/fhir-r4` shown as `/fhir`.

    The comparison takes every address that ends like the root, `http://hl7.org/fhir` too, for the server's own, and
    so can only be fair to a server at the recorded root.
    """

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        environ["PATH_INFO"] = path.replace("/fhir", root, 1) if path.startswith("/fhir") else path
        began: list[Any] = []
        body = b"".join(app(environ, lambda *arguments: began.extend(arguments)))
        body = body.replace(root.encode(), b"/fhir")
        headers = [(name, value.replace(root, "/fhir")) for name, value in began[1]]
        headers = [(name, value) for name, value in headers if name != "Content-Length"]
        start_response(began[0], [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return call


@pytest.mark.parametrize(("name", "root"), [("r5", "/fhir"), ("r4", "/fhir-r4")], ids=["R5", "R4"])
def test_every_recorded_answer_is_given_again(name: str, root: str, site: Site, shared: Path) -> None:
    golden = shared / "golden"
    requests = module_at(golden / "hapi" / "load_data.py")
    app = create_app(site)
    door = InProcess(app)
    for method, path, body, media_type, file in getattr(requests, f"{name}_requests")():
        answer = door.request(method, f"{root}/{path}".rstrip("/"), {"Content-Type": media_type}, body)
        assert answer.status < 300, (file, answer.text)
    with listening(shown_at(root, app)) as socket:
        command = [
            sys.executable,
            str(golden / "replay_fhir.py"),
            socket.origin,
            str(golden / "hapi" / f"{name}.jsonl.gz"),
            "--header",
            "apikey=fhantom-local-key",
            "--deliberate",
            str(DELIBERATE),
            "--require",
            "100",
        ]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    totals = next(line for line in run.stdout.splitlines() if line.startswith("all ")).split()
    same, wording, deliberate, stale = map(int, totals[1:5])
    assert stale == 0, "a deliberate case is the same after all: take it out of the list"
    assert deliberate <= LARGEST_SHARE * (same + wording + deliberate)
