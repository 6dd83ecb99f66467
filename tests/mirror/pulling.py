"""What tests of pulling share: the world that is pulled from, and looks at what came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from doors import Socket
from fhantom.datasets.making.plan import Plan
from fhantom.loading.report import Fate, Report
from fhantom.mirror.client import Server
from fhantom.settings import BUILT_IN_KEY

PLAN = Plan(patients=3, seed=5, studies=2, instances=2, side=16)
ONE = "made-5-1"
MRN = "MADE5-000001"


def server(live: Socket, waits: list[float] | None = None) -> Server:
    return Server(live.origin, BUILT_IN_KEY, wait=(waits if waits is not None else []).append)


def resources(folder: Path, release: str = "R5") -> list[dict[str, Any]]:
    paths = sorted((folder / "fhir" / release).glob("*.ndjson"))
    return [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]


def refused(report: Report) -> list[tuple[str, str]]:
    return [key for key in report.counts if key[1] is Fate.REFUSED]


def fault(live: Socket, kind: str, path: str = "*", times: int | None = None, skip: int = 0, **action: Any) -> None:
    rule = {"match": {"path": path}, "action": {"kind": kind, **action}, "times": times, "skip": skip}
    answer = live.request("POST", "/_fhantom/faults", {"Content-Type": "application/json"}, json.dumps(rule).encode())
    assert answer.status < 300, answer.text
