#!/usr/bin/env python3
"""How FHIR searches grow with what is stored: p50 in ms of each at 1,000, 10,000 and 100,000 R4 resources.

    python -m benchmarks.fhir_search_growth [--sizes 1000,10000,100000] [--only NAME,NAME] [--repeats 60]

Over HTTP, by one client on a server of each size, the sizes taking turns request by request, so that whatever else
the machine does meets all of them. Beside the milliseconds stand the entries of the answers: where an answer itself
grows, so does the time to read and write it. The resources are made here: 104 for each patient, of the types, codes
and dates that Synthea's have.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.client import Connection, Target, build
from fhantom.clock import Clock
from fhantom.definitions.jsontext import dump_json, load_json
from fhantom.resources import store
from fhantom.resources.model import SearchModel
from fhantom.resources.records import Draft
from fhantom.settings import Settings
from fhantom.world import DataFolder, World, Worlds

Json = dict[str, Any]
PER_PATIENT = 104
NAMES = [
    "Abbott",
    "Bartell",
    "Casares",
    "Dibbert",
    "Erdman",
    "Feeney",
    "Gulgowski",
    "Hermann",
    "Jaskolski",
    "Kuhn",
]
CODES = [
    "8302-2",
    "29463-7",
    "39156-5",
    "8480-6",
    "8462-4",
    "2093-3",
    "2571-8",
    "18262-6",
    "2085-9",
    "72166-2",
]
LINES: dict[str, str] = {
    "token": "Patient?identifier=urn:mrn|{patient}",
    "name": "Patient?name={name}",
    "patients-100": "Patient?_count=100",
    "obs-patient-20": "Observation?patient={patient}&_count=20",
    "obs-patient-200": "Observation?patient={patient}&_count=200",
    "obs-code-date-sort": "Observation?patient={patient}&code=8302-2&date=ge2010&_sort=-date",
    "obs-chain-name": "Observation?subject:Patient.name={name}&_count=20",
    "include": "ImagingStudy?_id=study-{patient}&_include=ImagingStudy:subject",
    "revinclude": "Patient?_id={patient}&_revinclude=Encounter:patient",
    "reports-patient": "DiagnosticReport?patient={patient}",
    "has": "Patient?_has:Observation:patient:code=8302-2&_count=5",
    "has-rare": "Patient?_has:Observation:patient:code=rare",
    "has-nested": "Patient?_has:Encounter:patient:_has:Observation:encounter:code=8302-2&_count=5",
    "count-type": "Observation?_summary=count",
    "count-code": "Observation?code=8302-2&_summary=count",
    "count-code-and-date": "Observation?code=8302-2&date=ge2019&_summary=count",
    "code": "Observation?code=8302-2",
    "code-system": "Observation?code=http://loinc.org|8302-2",
    "code-system-only": "Observation?code=http://snomed.info/sct|",
    "code-include": "Observation?code=8302-2&_include=Observation:subject&_count=20",
    "codes-50": "Observation?code={codes}",
    "code-in": "Observation?status:in=http://hl7.org/fhir/ValueSet/observation-status",
    "code-below": "Observation?status:below=http://hl7.org/fhir/observation-status|amended",
    "code-text": "Observation?code:text=code 83",
    "code-and-status": "Observation?code=8302-2&status=final&category=vital-signs",
    "code-and-date": "Observation?code=8302-2&date=ge2019",
    "three-keys": "Observation?code=8302-2&date=ge2015&value-quantity=lt100",
    "patient-and-common": "Observation?patient={patient}&status=final&date=ge2001",
    "date": "Observation?date=ge2019",
    "date-window": "Observation?date=ge2019-03-10&date=le2019-03-12",
    "date-from-sort": "Observation?date=ge2019&_sort=date&_count=20",
    "date-sort": "Observation?_sort=-date&_count=20",
    "code-sort-date": "Observation?code=8302-2&_sort=-date&_count=20",
    "sort-value": "Observation?_sort=-value-quantity&_count=20",
    "sort-code": "Observation?_sort=code&_count=20",
    "sort-code-descending": "Observation?_sort=-code&_count=20",
    "sort-status-date": "Observation?_sort=status,-date&_count=20",
    "sort-subject": "Observation?_sort=subject&_count=20",
    "sort-subject-descending": "Observation?_sort=-subject&_count=20",
    "sort-id": "Observation?_sort=_id&_count=20",
    "sort-updated": "Observation?_sort=-_lastUpdated&_count=20",
    "sort-identifier": "Patient?_sort=identifier&_count=5",
    "sort-name": "Patient?_sort=family&_count=5",
    "gender": "Patient?gender=male&_count=5",
    "birthdate": "Patient?birthdate=ge1980&_sort=birthdate&_count=5",
    "quantity": "Observation?value-quantity=gt185||cm",
    "quantities-3": "Observation?value-quantity=1,2,3",
    "composite": "Observation?code-value-quantity=8302-2$gt150",
    "not": "Observation?code:not=8302-2",
    "not-none": "Observation?status:not=final",
    "missing": "Observation?value-quantity:missing=true",
    "missing-date": "Observation?date:missing=true",
    "not-missing": "Observation?value-quantity:missing=false",
    "last-updated": "Observation?_lastUpdated=ge2020&_count=20",
    "last-updated-code": "Observation?_lastUpdated=ge2020&code=8302-2&_count=20",
    "ids-50": "Observation?_id={ids}&_count=50",
    "identifiers-50": "Patient?identifier={identifiers}&_count=5",
    "names-50": "Patient?name={names}&_count=5",
    "contains": "Patient?family:contains=ib&_count=1",
    "chain-two-steps": "Observation?encounter:Encounter.subject:Patient.identifier=urn:mrn|{patient}",
    "chain-common-end": "Observation?subject:Patient.gender=male",
    "chain-two-common": "Observation?encounter:Encounter.subject:Patient.gender=male",
    "page-far": "Observation?_count=200&_offset=600",
}


def patients(count: int) -> Iterator[list[Json]]:
    """The resources of each patient, always the same."""
    chance = random.Random(1)
    for at in range(count):
        yield list(_patient(chance, f"p{at}"))


def _patient(chance: random.Random, id: str) -> Iterator[Json]:
    name = {"family": f"{chance.choice(NAMES)}{chance.randrange(1000)}", "given": [f"Given{id}"]}
    yield {
        "resourceType": "Patient",
        "id": id,
        "identifier": [{"system": "urn:mrn", "value": id}],
        "name": [name],
        "gender": chance.choice(["male", "female"]),
        "birthDate": f"{chance.randrange(1930, 2020)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}",
    }
    subject = {"reference": f"Patient/{id}"}
    for at in range(9):
        year = chance.randrange(2005, 2021)
        period = {"start": f"{year}-03-31T10:10:39Z", "end": f"{year}-03-31T10:40:39Z"}
        yield {"resourceType": "Encounter", "id": f"{id}-e{at}", "subject": subject, "period": period}
    for at in range(90):
        yield _observation(chance, f"{id}-o{at}", subject, f"{id}-e{at % 9}")
    yield {
        "resourceType": "ImagingStudy",
        "id": f"study-{id}",
        "subject": subject,
        "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"}],
    }
    for at in range(3):
        yield {"resourceType": "DiagnosticReport", "id": f"{id}-r{at}", "subject": subject, "status": "final"}


def _observation(chance: random.Random, id: str, subject: Json, encounter: str) -> Json:
    code = "rare" if chance.random() < 0.0002 else chance.choice(CODES)
    moment = f"{chance.randrange(2000, 2021)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "category": [{"coding": [{"system": "urn:category", "code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": f"Code {code}"}]},
        "subject": subject,
        "encounter": {"reference": f"Encounter/{encounter}"},
        "effectiveDateTime": f"{moment}T10:10:39Z",
        "valueQuantity": {
            "value": round(chance.uniform(10, 200), 2),
            "unit": "cm",
            "system": "http://unitsofmeasure.org",
            "code": "cm",
        },
    }


def load(world: World, first: int, upto: int) -> float:
    """Add patients up to that number; resources stored in a second."""
    with world.reading() as connection:
        model = store.model_of(world, connection, "R4")
    started, stored = time.perf_counter(), 0
    for resources in itertools.islice(patients(upto), first, None):
        drafts = [_draft(model, each) for each in resources]
        world.texts.put_many([draft.body for draft in drafts])
        with world.writing() as connection:
            store.put_many(connection, drafts, world.clock.now_ms())
        stored += len(drafts)
    return stored / (time.perf_counter() - started)


def _draft(model: SearchModel, resource: Json) -> Draft:
    """A resource as the FHIR room would have it stored."""
    kept = load_json(json.dumps({name: value for name, value in resource.items() if name != "id"}).encode())
    return model.prepare(kept, dump_json(kept), resource["id"])


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and how many patients it holds."""

    target: Target
    patients: int


def path_of(line: str, patient: int, known: int) -> str:
    """Path and query of a line's request about one of the patients."""
    names = [f"{NAMES[patient % len(NAMES)]}{number}" for number in range(50)]
    words = {
        "patient": f"p{patient}",
        "name": NAMES[patient % len(NAMES)][:4],
        "codes": ",".join(CODES[number % 10] if number < 10 else f"none-{number}" for number in range(50)),
        "ids": ",".join(f"p{patient}-o{number}" for number in range(50)),
        "identifiers": ",".join(f"urn:mrn|p{(patient + number) % known}" for number in range(50)),
        "names": ",".join(names),
    }
    return "/" + LINES[line].format(**words).replace("|", "%7C").replace(" ", "%20")


def entries_of(server: Server, line: str) -> int:
    """Entries in the answer to a line's request; of one that only counts, its total."""
    target = server.target
    url = f"http://{target.host}:{target.port}{target.base}{path_of(line, 0, server.patients)}"
    with urllib.request.urlopen(urllib.request.Request(url, headers=dict(target.headers))) as response:
        bundle = json.load(response)
    found = len(bundle.get("entry") or ())
    return bundle["total"] if "_summary=count" in LINES[line] else found


def measured(running: Sequence[Server], line: str, repeats: int) -> list[float]:
    """Milliseconds that each server takes for a line, medians; the servers take turns."""
    connections = [Connection(server.target) for server in running]
    times: list[list[float]] = [[] for _ in running]
    for at in range(-3, repeats):
        for server, connection, found in zip(running, connections, times, strict=True):
            request = build(server.target, "GET", path_of(line, at * 7 % server.patients, server.patients))
            started = time.perf_counter()
            status, _ = connection.send(request)
            if status != 200:
                raise RuntimeError(f"{line} was answered with {status}")
            if at >= 0:
                found.append((time.perf_counter() - started) * 1000)
    for connection in connections:
        connection.close()
    return [statistics.median(found) for found in times]


def fill(path: Path, count: int) -> None:
    """Make a data folder whose shared world holds so many patients."""
    folder = DataFolder(path)
    folder.create()
    worlds = Worlds(folder, Settings(ephemeral=True), Clock())
    rate = load(worlds.open(), 0, count)
    worlds.close()
    print(f"{count * PER_PATIENT:,} resources; {rate:,.0f} stored in a second", file=sys.stderr)


def main() -> None:
    """Fill a server of each size, measure every line and print it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--only", default=",".join(LINES))
    parser.add_argument("--repeats", type=int, default=60)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    with ExitStack() as stack:
        running = []
        for size in sizes:
            path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fhantom-growth-"))) / "data"
            fill(path, size // PER_PATIENT)
            started = stack.enter_context(servers.fhantom("--seed", "none", "--data", str(path)))
            running.append(Server(replace(started.dicomweb, base="/fhir-r4"), size // PER_PATIENT))
        print("| search | " + " | ".join(f"{size:,}" for size in sizes) + " | growth | entries |")
        print("| --- |" + " --- |" * (len(sizes) + 2))
        for line in arguments.only.split(","):
            medians = measured(running, line, arguments.repeats)
            cells = " | ".join(f"{median:.2f}" for median in medians)
            entries = " ".join(f"{entries_of(server, line):,}" for server in running)
            print(f"| {line} | {cells} | {medians[-1] / medians[0]:.2f} | {entries} |", flush=True)


if __name__ == "__main__":
    main()
