import os
from pathlib import Path
from typing import Any

import pytest

from fhantom.faults import BadFault, FaultStore, parse

STATUS = {"kind": "status", "status": 503}


@pytest.fixture
def faults(tmp_path: Path) -> FaultStore:
    return FaultStore(tmp_path / "faults.sqlite", seed=7)


def strikes(faults: FaultStore, count: int, path: str = "/fhir/Patient") -> list[bool]:
    return [faults.striking("GET", path, "key") is not None for _ in range(count)]


def test_times_two_is_exactly_two(faults: FaultStore) -> None:
    faults.add(parse({"action": STATUS, "times": 2}, ""))
    assert strikes(faults, 5) == [True, True, False, False, False]
    assert faults.all()[0].hits == 2


def test_skipped_requests_pass_first(faults: FaultStore) -> None:
    faults.add(parse({"action": STATUS, "skip": 2, "times": 1}, ""))
    assert strikes(faults, 5) == [False, False, True, False, False]


def test_the_same_seed_draws_the_same_requests(tmp_path: Path) -> None:
    def drawn(seed: int, name: str) -> list[bool]:
        faults = FaultStore(tmp_path / name, seed=seed)
        faults.add(parse({"action": STATUS, "probability": 0.5}, ""))
        return strikes(faults, 64)

    assert drawn(1, "a") == drawn(1, "b") != drawn(2, "c")
    assert 16 < sum(drawn(1, "d")) < 48


def test_a_pattern_decides_which_paths_are_struck(faults: FaultStore) -> None:
    faults.add(parse({"match": {"method": "get", "path": "/dicomweb/studies/*/instances"}, "action": STATUS}, ""))
    assert strikes(faults, 1, "/dicomweb/studies/1.2/instances") == [True]
    assert strikes(faults, 1, "/dicomweb/studies") == [False]


@pytest.mark.parametrize(
    ("headers", "environ", "expected"),
    [
        ({"Accept": "*xml*"}, {"HTTP_ACCEPT": "application/fhir+xml"}, True),
        ({"accept": "*xml*"}, {"HTTP_ACCEPT": "application/json"}, False),
        ({"X-Run": "7"}, {}, False),
        ({"Content-Type": "multipart/*"}, {"CONTENT_TYPE": "multipart/related"}, True),
        ({"X-Run": "7", "Accept": "*"}, {"HTTP_X_RUN": "7"}, False),
    ],
)
def test_headers_decide_which_requests_are_struck(
    faults: FaultStore, headers: dict[str, str], environ: dict[str, str], expected: bool
) -> None:
    faults.add(parse({"match": {"headers": headers}, "action": STATUS}, ""))
    assert (faults.striking("GET", "/fhir", "key", environ) is not None) is expected


def test_a_lifted_fault_strikes_no_more(faults: FaultStore) -> None:
    fault = faults.add(parse({"action": STATUS}, ""))
    assert faults.remove("f99") == 0
    assert faults.remove(fault.id) == 1
    assert strikes(faults, 1) == [False]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_two_workers_count_together(faults: FaultStore) -> None:
    faults.add(parse({"action": STATUS, "times": 30}, ""))
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            os._exit(sum(strikes(faults, 50)))
        children.append(child)
    counts = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert sum(counts) == 30


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ([], "fault"),
        ({"action": {"kind": "explode"}}, "action.kind"),
        ({"action": {"kind": "status"}}, "action.status"),
        ({"action": {"kind": "status", "status": 999}}, "action.status"),
        ({"action": {"kind": "status", "status": True}}, "action.status"),
        ({"action": {"kind": "status", "status": 500, "headers": {"a": "b\r\nc: d"}}}, "action.headers"),
        ({"action": {"kind": "delay", "seconds": 1}}, "action.seconds"),
        ({"action": STATUS, "times": -1}, "times"),
        ({"action": STATUS, "skip": "one"}, "skip"),
        ({"action": STATUS, "probability": 2}, "probability"),
        ({"action": {"kind": "truncate", "after_bytes": True}}, "action.after_bytes"),
        ({"action": STATUS, "match": {"path": 1}}, "match.path"),
        ({"action": STATUS, "match": {"headers": ["Accept"]}}, "match.headers"),
        ({"action": STATUS, "match": {"headers": {"Accept": 1}}}, "match.headers"),
        ({"action": STATUS, "match": {"host": "x"}}, "match.host"),
        ({"action": STATUS, "when": "now"}, "fault.when"),
    ],
)
def test_a_bad_fault_is_refused_by_the_name_of_its_field(raw: Any, field: str) -> None:
    with pytest.raises(BadFault, match=f"^{field.replace('.', '[.]')}:"):
        parse(raw, "")
