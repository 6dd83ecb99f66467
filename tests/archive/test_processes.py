"""Several processes that store into one world, and processes that are killed while they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fhantom.archive.retrieve import InstanceRow, instances_of
from fhantom.clock import Clock
from fhantom.settings import Settings
from fhantom.world import DataFolder, World, Worlds
from instances import ROOT

_PROCESS = Path(__file__).with_name("storing_process.py")
_STUDY = f"{ROOT}.1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = DataFolder(tmp_path / "data")
    data.create()
    worlds = Worlds(data, Settings(), Clock())
    worlds.open()
    worlds.close()
    return tmp_path / "data"


def start(folder: Path, first: int, count: int) -> subprocess.Popen[str]:
    paths = [str(_PROCESS.parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, str(_PROCESS), str(folder), str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def opened(folder: Path) -> World:
    return Worlds(DataFolder(folder), Settings(), Clock()).open()


def rows_of(world: World) -> list[InstanceRow]:
    with world.reading() as connection:
        return instances_of(connection, _STUDY)


def check_whole(world: World) -> None:
    """Every row has its bytes and its metadata, and the counts are those of the rows."""
    rows = rows_of(world)
    for row in rows:
        assert row.blob is not None
        assert row.sop_instance_uid.encode() in world.blobs.read(row.blob)
        assert row.sop_instance_uid.encode() in world.texts.get(row.metadata)
    with world.reading() as connection:
        counts = connection.exec_driver_sql("SELECT number_of_series, number_of_instances, modalities FROM study").all()
        by_series = connection.exec_driver_sql(
            "SELECT series_instance_uid, number_of_instances FROM series ORDER BY series_instance_uid"
        ).all()
    series = sorted({row.series_instance_uid for row in rows})
    expected = [(uid, sum(row.series_instance_uid == uid for row in rows)) for uid in series]
    assert [tuple(row) for row in by_series] == expected
    assert [tuple(row[:2]) for row in counts] == ([(len(series), len(rows))] if rows else [])


def test_processes_that_store_into_one_study_lose_nothing_and_count_right(folder: Path) -> None:
    # Each pair of processes stores the same objects, so that they also meet as duplicates.
    processes = [start(folder, first, 30) for first in (0, 0, 30, 30)]
    assert [process.wait(120) for process in processes] == [0] * 4
    for process in processes:
        assert process.stdout is not None
        process.stdout.close()
    world = opened(folder)
    check_whole(world)
    assert len(rows_of(world)) == 60
    with world.reading() as connection:
        (modalities,) = connection.exec_driver_sql("SELECT modalities FROM study").scalars()
    assert modalities == '"CT","MR","PT"'


def killed(folder: Path, first: int, acknowledged: int) -> set[int]:
    """What a process had acknowledged when it was killed right after that many objects."""
    process = start(folder, first, 10_000)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(acknowledged)]
    process.send_signal(signal.SIGKILL)
    lines += process.stdout.readlines()
    process.stdout.close()
    process.wait()
    return {int(line) for line in lines if line.endswith("\n")}


@pytest.mark.parametrize("kills", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_a_killed_process_loses_nothing_that_it_acknowledged(folder: Path, kills: int) -> None:
    acknowledged: set[int] = set()
    for kill in range(kills):
        acknowledged |= killed(folder, kill * 10_000, 3 + kill % 5)
    world = opened(folder)
    check_whole(world)
    stored = {row.sop_instance_uid for row in rows_of(world)}
    expected = {f"{ROOT}.1.{number % 3}.{number}" for number in acknowledged}
    assert expected <= stored
