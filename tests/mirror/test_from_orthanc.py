"""Pulling from a real Orthanc."""

from __future__ import annotations

from pathlib import Path

import pytest

from fhantom.datasets.folder import manifest
from fhantom.datasets.making.making import make
from fhantom.datasets.making.plan import Plan
from fhantom.loading.report import Fate
from fhantom.mirror.client import Server
from fhantom.mirror.pull import Order, pull
from vna.peer import DICOMWEB, PROGRAM, orthanc

PLAN = Plan(patients=3, seed=5, studies=2, instances=3, side=16)

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(PROGRAM is None or not DICOMWEB.exists(), reason="needs orthanc and orthanc-dicomweb"),
]


def test_what_orthanc_holds_comes_back_byte_for_byte(tmp_path: Path) -> None:
    make(PLAN, tmp_path / "made")
    (tmp_path / "orthanc").mkdir()
    with orthanc(tmp_path / "orthanc", [DICOMWEB]) as door:
        for path in sorted((tmp_path / "made").rglob("*.dcm")):
            assert door.request("POST", "/instances", body=path.read_bytes()).status == 200
        order = Order(door.origin, patient="MADE5-*", fhir=(), dicomweb="/dicom-web")
        report = pull(order, Server(door.origin), tmp_path / "pulled")
        told = pull(
            Order(door.origin, patient="*1", dicomweb="/dicom-web", has_pixels=False),
            Server(door.origin),
            tmp_path / "told",
        )
    assert report.counts["DICOM", Fate.STORED] == PLAN.patients * PLAN.studies * PLAN.instances
    digests = [
        {file.path: file.sha256 for file in manifest.read(tmp_path / name).of("DICOM")} for name in ("made", "pulled")
    ]
    assert digests[0] == digests[1]
    assert told.counts["DICOM metadata", Fate.STORED] == PLAN.studies * PLAN.instances
