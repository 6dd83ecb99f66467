"""The DICOMweb lines: the same requests to fhantom and to Orthanc, one server after the other in one run."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import client, dicom_data
from benchmarks.client import Run, Target, build
from benchmarks.servers import Server, memory_mb

_JSON = {"Accept": "application/dicom+json"}
_STORED = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
_FRAMES = {"Accept": 'multipart/related; type="application/octet-stream"; transfer-syntax=*'}

SERIES_LINE = "WADO: series retrieve, 50 x 0.5 MB"

Paths = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the table: `unit` says whether more or less is better."""

    name: str
    clients: int
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Effort:
    """How long each line is measured: repeats, and seconds a repeat."""

    repeats: int = 5
    seconds: float = 1.0


def measure(server: Server, effort: Effort) -> Iterator[Line]:
    """Every line on one server, which is empty at the start."""
    target = server.dicomweb
    yield Line("start to first answer", 1, server.ready_seconds, "s")
    yield Line("memory, idle (PSS)", 1, memory_mb(server.pid)[0], "MB")
    yield from _qido(target, 100, effort)
    yield from _wado(target, "ct", effort)
    yield from _stow(target, effort)
    yield from _qido(target, 2000, effort)
    yield Line("memory after the run (PSS)", 1, memory_mb(server.pid)[0], "MB")


# -- STOW-RS ------------------------------------------------------------------------------------------------

_run_numbers = itertools.count(100)


def _stow(target: Target, effort: Effort) -> Iterator[Line]:
    for kind, size in (("ct", "0.5 MB"), ("small", "39 KB")):
        for clients in (1, 4):
            rates = [_store(target, kind, clients).rate for _ in range(effort.repeats)]
            yield Line(f"STOW {size}", clients, statistics.median(rates), "/s")


def _store(target: Target, kind: str, clients: int, count: int = 120) -> Run:
    number = next(_run_numbers)

    def jobs(index: int) -> list[bytes]:
        return [
            _post(target, [dicom_data.instance(kind, number, n % 3, n % 2, n)]) for n in range(index, count, clients)
        ]

    return client.run(target, clients, jobs)


def _post(target: Target, objects: list[bytes]) -> bytes:
    return build(target, "POST", "/studies", dicom_data.STOW_HEADERS, dicom_data.stow_body(objects))


# -- QIDO-RS ------------------------------------------------------------------------------------------------

_QIDO_RUN = 1


def _qido(target: Target, studies: int, effort: Effort) -> Iterator[Line]:
    _load_studies(target, studies)

    def study(k: int) -> str:
        return dicom_data.uid(_QIDO_RUN, k * 7 % studies)

    lines: dict[str, Paths] = {
        "25 by limit and offset": lambda k: f"/studies?limit=25&offset={k * 25 % max(1, studies - 25)}",
        "by StudyInstanceUID": lambda k: f"/studies?StudyInstanceUID={study(k)}",
        "by name prefix": lambda k: f"/studies?PatientName=NAME00{k % 100:02d}*",
        "by year": lambda k: f"/studies?StudyDate=20{10 + k % 15}0101-20{10 + k % 15}1231",
        "none found": lambda k: "/studies?PatientID=NOBODY",
        "series of a study": lambda k: f"/studies/{study(k)}/series",
        "instances of a study": lambda k: f"/studies/{study(k)}/instances",
    }
    if studies <= 100:
        lines = {"all": lambda k: f"/studies?limit={studies}", **lines}
    for name, path in lines.items():
        yield from _gets(target, f"QIDO, {studies} studies: {name}", path, _JSON, effort)


def _load_studies(target: Target, studies: int) -> None:
    def jobs(index: int) -> list[bytes]:
        pairs = [(study, number) for study in range(studies) for number in range(2)]
        groups = [pairs[at : at + 20] for at in range(0, len(pairs), 20)][index::2]
        return [
            _post(target, [dicom_data.instance("tiny", _QIDO_RUN, study, 0, n) for study, n in group])
            for group in groups
        ]

    client.run(target, 2, jobs)


# -- WADO-RS ------------------------------------------------------------------------------------------------


def _wado(target: Target, kind: str, effort: Effort) -> Iterator[Line]:
    number = next(_run_numbers)
    for study in range(2):
        objects = [dicom_data.instance(kind, number, study, 0, n) for n in range(50)]
        client.run(target, 1, lambda _, some=objects: [_post(target, [one]) for one in some])  # type: ignore[misc]

    def series(k: int) -> str:
        study = k % 2
        return f"/studies/{dicom_data.uid(number, study)}/series/{dicom_data.uid(number, study, 0)}"

    def instance(k: int) -> str:
        return f"{series(k)}/instances/{dicom_data.uid(number, k % 2, 0, k // 2 % 50)}"

    jpeg, png = {"Accept": "image/jpeg"}, {"Accept": "image/png"}
    cold = itertools.count()
    lines: Sequence[tuple[str, Paths, dict[str, str]]] = (
        ("metadata of 50", lambda k: f"{series(k)}/metadata", _JSON),
        ("metadata of an instance", lambda k: f"{instance(k)}/metadata", _JSON),
        (SERIES_LINE.removeprefix("WADO: "), series, _STORED),
        ("instance retrieve", instance, _STORED),
        ("frame 512 x 512", lambda k: f"{instance(k)}/frames/1", _FRAMES),
        ("rendered JPEG, repeated", lambda k: f"{instance(0)}/rendered", jpeg),
        ("rendered JPEG, another quality each", lambda k: _cold(instance(k), next(cold)), jpeg),
        ("rendered PNG", lambda k: f"{instance(k)}/rendered", png),
    )
    for name, path, headers in lines:
        yield from _gets(target, f"WADO: {name}", path, headers, effort)


def _cold(instance: str, count: int) -> str:
    # No two requests alike until a hundred instances times forty qualities are through: no cache can help.
    return f"{instance}/rendered?quality={60 + count // 100 % 40}"


def _gets(target: Target, name: str, path: Paths, headers: dict[str, str], effort: Effort) -> Iterator[Line]:
    for clients in (1, 4):

        def jobs(index: int, clients: int = clients) -> list[bytes]:
            return [build(target, "GET", path(index + k * clients), headers) for k in range(400)]

        rates = [client.run(target, clients, jobs, effort.seconds).rate for _ in range(effort.repeats)]
        yield Line(name, clients, statistics.median(rates), "/s")
