"""`python -m benchmarks.fhir --peer HAPI=http://127.0.0.1:8081/fhir`: the FHIR lines, side by side in one run.

Starts fhantom as users do (default workers, durable writes) and takes peers that run already, each empty and speaking
R4. All get the same patients by transactions; then each line is measured on one server after the other, repeat by
repeat, so that whatever else the machine does meets all of them. A peer on the JVM is warm after some thousand
requests: `--warm` sends so many before the lines. A ratio above 1 is in fhantom's favour.
"""

from __future__ import annotations

import argparse
import itertools
import json
import secrets
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from benchmarks import client, servers
from benchmarks.client import Run, Target, build
from benchmarks.fhir_search_growth import NAMES, patients
from benchmarks.servers import memory_mb

Json = dict[str, Any]
Request = Callable[[Target, int], bytes]

_GET = {"Accept": "application/fhir+json", "Cache-Control": "no-cache"}  # HAPI keeps results for a minute
_JSON = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
_REQUESTS = 300  # that a client has ready


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of request: how to build the one of a number, and how much faster than HAPI it is to be."""

    name: str
    request: Request
    wanted: tuple[float, float]
    """With one client and with four; 0 for no promise."""
    clients: tuple[int, ...] = (1, 4)
    before: Request | None = None
    """Sent once for each request beforehand; such a line is measured by a count of requests, not for some time."""


def _get(path: str) -> Request:
    """GET; `{p}` stands for a patient, another one each time, and `{name}` for a family name."""

    def request(target: Target, number: int) -> bytes:
        filled = path.format(p=f"p{number * 7 % _known}", name=NAMES[number % len(NAMES)])
        return build(target, "GET", filled, _GET)

    return request


_known = 1  # patients that every server has


def _fresh() -> int:
    """No two writes are alike, whichever process makes them."""
    return secrets.randbits(40)


def _create(target: Target, number: int) -> bytes:
    return build(target, "POST", "/Patient", _JSON, json.dumps(_person(_fresh())).encode())


def _observe(target: Target, number: int) -> bytes:
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "effectiveDateTime": "2020-01-02T03:04:05Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2", "display": "Body Height"}]},
        "subject": {"reference": f"Patient/p{number % _known}"},
        "valueQuantity": {"value": _fresh(), "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"},
    }
    return build(target, "POST", "/Observation", _JSON, json.dumps(observation).encode())


def _update(target: Target, number: int) -> bytes:
    id = f"updated{number % 48}"  # a multiple of all numbers of clients: HAPI refuses what two change at once
    return build(target, "PUT", f"/Patient/{id}", _JSON, json.dumps({**_person(_fresh()), "id": id}).encode())


def _delete(target: Target, number: int) -> bytes:
    return build(target, "DELETE", f"/Patient/gone{_round}-{number}", _JSON)


def _deletable(target: Target, number: int) -> bytes:
    id = f"gone{_round}-{number}"
    return build(target, "PUT", f"/Patient/{id}", _JSON, json.dumps({**_person(_fresh()), "id": id}).encode())


_round = 0  # of deletions: what is deleted once has to be made anew


def _transact(target: Target, number: int) -> bytes:
    person = {"resource": _person(_fresh()), "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000000"}
    entries = [{**person, "request": {"method": "POST", "url": "Patient"}}]
    for _ in range(99):
        encounter = {
            "resourceType": "Encounter",
            "status": "finished",
            "subject": {"reference": person["fullUrl"]},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "identifier": [{"system": "urn:visit", "value": f"v{_fresh()}"}],
        }
        entries.append({"resource": encounter, "request": {"method": "POST", "url": "Encounter"}})
    return build(target, "POST", "", _JSON, _bundle(entries))


def _person(number: int) -> Json:
    name = [{"family": f"New{number}", "given": ["Some", "Body"]}]
    identifier = [{"system": "urn:new", "value": f"n{number}"}]
    return {
        "resourceType": "Patient",
        "identifier": identifier,
        "name": name,
        "gender": "other",
        "birthDate": "2001-02-03",
    }


def _bundle(entries: Sequence[Json]) -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()


LINES = (
    Line("metadata", _get("/metadata"), (50, 50)),
    Line("read", _get("/Patient/{p}"), (2, 2)),
    Line("vread", _get("/Patient/{p}/_history/1"), (2, 2)),
    Line("instance history", _get("/Patient/{p}/_history"), (2, 2)),
    Line("token", _get("/Patient?identifier=urn:mrn%7C{p}"), (3, 3)),
    Line("name prefix", _get("/Patient?name={name}1"), (3, 3)),
    Line("reports of a patient", _get("/DiagnosticReport?patient={p}"), (3, 3)),
    Line("Patient page of 100", _get("/Patient?_count=100"), (10, 10)),
    Line("Observations of a patient, 20", _get("/Observation?patient={p}&_count=20"), (5, 5)),
    Line("Observations of a patient, 200", _get("/Observation?patient={p}&_count=200"), (5, 5)),
    Line("chain", _get("/Observation?subject:Patient.name={name}&_count=20"), (4, 4)),
    Line("_include", _get("/ImagingStudy?_id=study-{p}&_include=ImagingStudy:subject"), (4, 4)),
    Line("_revinclude", _get("/Patient?_id={p}&_revinclude=Encounter:patient"), (4, 4)),
    Line("code, date, _sort", _get("/Observation?patient={p}&code=8302-2&date=ge2010&_sort=-date"), (3, 3)),
    Line("_has", _get("/Patient?_has:Observation:patient:code=8302-2"), (100, 0), clients=(1,)),
    Line("_summary=count", _get("/Observation?code=8302-2&_summary=count"), (1, 1)),
    Line("$everything", _get("/Patient/{p}/$everything?_count=500"), (7, 7)),
    Line("create Patient", _create, (1, 1.5)),
    Line("create Observation", _observe, (1, 1.5)),
    Line("update", _update, (1, 1.5)),
    Line("delete", _delete, (1, 1.5), before=_deletable),
    Line("transaction of 100", _transact, (2, 2)),
)


def main() -> None:
    """Measure every line and print it as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fhir", description=__doc__.partition("\n")[0])
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=URL", help="a FHIR R4 base; repeatable")
    parser.add_argument("--patients", type=int, default=96, help="104 resources each")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--warm", type=int, default=0, help="reads of each line before it is measured on a peer")
    parser.add_argument("--only", default="", help="lines whose name begins so, separated by |")
    options = parser.parse_args()
    global _known
    _known = options.patients
    peers = {name: _target(url) for name, _, url in (peer.partition("=") for peer in options.peer)}
    with servers.fhantom() as server:
        targets = {"fhantom": replace(server.dicomweb, base="/fhir-r4"), **peers}
        for name, target in targets.items():
            rate = _load(target, options.patients)
            print(f"{name}: {rate:,.0f} resources/s of transactions of 104", file=sys.stderr)
        asked = [line for line in LINES if line.name.startswith(tuple(options.only.split("|")))]
        for target in peers.values():
            _warm(target, asked, options.warm)
        heads = ["line", "clients", *targets, *(f"x {name}" for name in peers), "wanted"]
        print(f"| {' | '.join(heads)} |\n{'| --- ' * len(heads)}|")
        for line in asked:
            for clients, wanted in zip(line.clients, line.wanted, strict=False):
                rates = _measured(targets, line, clients, options.repeats, options.seconds)
                print(_row(line.name, clients, rates, wanted), flush=True)
        print(f"memory after the run: {memory_mb(server.pid)[0]:.0f} MB (PSS)", file=sys.stderr)


def _target(url: str) -> Target:
    parts = urlsplit(url)
    return Target(parts.hostname or "127.0.0.1", parts.port or 80, parts.path.rstrip("/"))


def _load(target: Target, count: int) -> float:
    def jobs(index: int) -> list[bytes]:
        bundles = []
        for resources in itertools.islice(patients(count), index, None, 2):
            urls = [f"{each['resourceType']}/{each['id']}" for each in resources]
            entries = [
                {
                    "resource": {**_NEEDED.get(each["resourceType"], {}), **each},
                    "request": {"method": "PUT", "url": url},
                }
                for each, url in zip(resources, urls, strict=True)
            ]
            bundles.append(build(target, "POST", "", _JSON, _bundle(entries)))
        return bundles

    return client.run(target, 2, jobs).rate * 104


_NEEDED: dict[str, Json] = {
    "Encounter": {"status": "finished", "class": {"code": "AMB"}},
    "ImagingStudy": {"status": "available"},
    "DiagnosticReport": {"code": {"text": "report"}},
}
"""Elements that R4 requires and the searches do not need."""


def _warm(target: Target, lines: Sequence[Line], count: int) -> None:
    for line in lines:
        if count and 4 in line.clients:
            _run(target, line, 2, None, count // 2)


def _run(target: Target, line: Line, clients: int, seconds: float | None, count: int = _REQUESTS) -> Run:
    def jobs_of(request: Request) -> client.Jobs:
        return lambda index: [request(target, index + number * clients) for number in range(count)]

    if line.before is None:
        return client.run(target, clients, jobs_of(line.request), seconds)
    global _round
    _round += 1
    client.run(target, clients, jobs_of(line.before))
    return client.run(target, clients, jobs_of(line.request))


def _measured(targets: dict[str, Target], line: Line, clients: int, repeats: int, seconds: float) -> dict[str, float]:
    """Requests a second of each server, the median of its repeats."""
    rates: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(repeats):
        for name, target in targets.items():
            rates[name].append(_run(target, line, clients, seconds).rate)
    return {name: statistics.median(found) for name, found in rates.items()}


def _row(name: str, clients: int, rates: dict[str, float], wanted: float) -> str:
    ours, *theirs = rates.values()
    cells = [f"{rate:.4g} /s" for rate in rates.values()] + [f"{ours / rate:.2f}" for rate in theirs]
    return f"| {' | '.join([name, str(clients), *cells, f'{wanted:g}' if wanted else ''])} |"


if __name__ == "__main__":
    main()
