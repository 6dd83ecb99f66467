"""FHIR answers without Flask's contexts and responses; what goes wrong is told as it is everywhere."""

from __future__ import annotations

import pytest

from doors import Door


@pytest.mark.parametrize("root", ["/fhir", "/fhir-r4"])
def test_a_body_that_is_cut_off_is_told_as_an_operation_outcome(door: Door, root: str) -> None:
    headers = {"Content-Type": "application/fhir+json", "Content-Encoding": "gzip"}
    answer = door.request("POST", f"{root}/Patient", headers, b"\x1f\x8b\x08\x00 no gzip")
    assert answer.status == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_failure_of_ours_is_told_as_an_operation_outcome(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(exchange: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("fhantom.fhir.routes.dispatch", fail)
    answer = door.request("GET", "/fhir/Patient/siimandy", {})
    assert answer.status == 500
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "nobody foresaw" not in answer.body.decode()
