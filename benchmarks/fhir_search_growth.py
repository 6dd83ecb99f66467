#!/usr/bin/env python3
"""How FHIR searches grow with what is stored: p50 in ms of each at 1,000, 10,000 and 100,000 R4 resources.

    python benchmarks/fhir_search_growth.py [--sizes 1000,10000,100000] [--only NAME,NAME] [--explain]

In process and without HTTP: parameters are understood, the search carried out, the texts read. The resources are
made here: 104 for each patient, of the types, codes and dates that Synthea's have.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fhantom.clock import Clock
from fhantom.resources import store
from fhantom.resources.understanding import understand
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
LINES: dict[str, tuple[str, str]] = {
    "token": ("Patient", "identifier=urn:mrn|{patient}"),
    "name": ("Patient", "name={name}"),
    "patients-100": ("Patient", "_count=100"),
    "obs-patient-20": ("Observation", "patient={patient}&_count=20"),
    "obs-patient-200": ("Observation", "patient={patient}&_count=200"),
    "obs-code-date-sort": ("Observation", "patient={patient}&code=8302-2&date=ge2010&_sort=-date"),
    "obs-chain-name": ("Observation", "subject:Patient.name={name}&_count=20"),
    "include": ("ImagingStudy", "_id=study-{patient}&_include=ImagingStudy:subject"),
    "revinclude": ("Patient", "_id={patient}&_revinclude=Encounter:patient"),
    "reports-patient": ("DiagnosticReport", "patient={patient}"),
    "has": ("Patient", "_has:Observation:patient:code=8302-2"),
    "has-rare": ("Patient", "_has:Observation:patient:code=rare"),
    "count-type": ("Observation", "_summary=count"),
    "count-code": ("Observation", "code=8302-2&_summary=count"),
    "code": ("Observation", "code=8302-2"),
    "code-system": ("Observation", "code=http://loinc.org|8302-2"),
    "date": ("Observation", "date=ge2019"),
    "date-sort": ("Observation", "_sort=-date&_count=20"),
    "code-sort-date": ("Observation", "code=8302-2&_sort=-date&_count=20"),
    "code-and-status": ("Observation", "code=8302-2&status=final&category=vital-signs"),
    "gender": ("Patient", "gender=male"),
    "birthdate": ("Patient", "birthdate=ge1980&_sort=birthdate"),
    "quantity": ("Observation", "value-quantity=gt185||cm"),
    "composite": ("Observation", "code-value-quantity=8302-2$gt150"),
    "not": ("Observation", "code:not=8302-2"),
    "missing": ("Observation", "value-quantity:missing=true"),
    "last-updated": ("Observation", "_lastUpdated=ge2020&_count=20"),
    "page-far": ("Observation", "_count=200&_offset=600"),
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
    for at, resources in enumerate(patients(upto)):
        if at < first:
            continue
        drafts = [model.prepare(each, json.dumps(each).encode(), each["id"]) for each in resources]
        world.texts.put_many([draft.body for draft in drafts])
        with world.writing() as connection:
            store.put_many(connection, drafts, world.clock.now_ms())
        stored += len(drafts)
    return stored / (time.perf_counter() - started)


def ask(world: World, line: str, patient: int) -> float:
    """Milliseconds that one search takes."""
    resource_type, query = LINES[line]
    words = {
        "patient": f"p{patient}",
        "name": NAMES[patient % len(NAMES)][:4] + NAMES[patient % len(NAMES)][4:],
    }
    pairs = [pair.partition("=")[::2] for pair in query.format(**words).split("&")]
    started = time.perf_counter()
    with world.reading() as connection:
        model = store.model_of(world, connection, "R4")
        page = store.search(world, connection, understand(model, resource_type, pairs))
        store.bodies(world, (*page.matches, *page.includes))
    return (time.perf_counter() - started) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--only", default=",".join(LINES))
    parser.add_argument("--repeats", type=int, default=30)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    lines = arguments.only.split(",")
    results: dict[str, list[float]] = {line: [] for line in lines}
    with tempfile.TemporaryDirectory() as path:
        folder = DataFolder(Path(path))
        folder.create()
        worlds = Worlds(folder, Settings(), Clock())
        world, known = worlds.open(), 0
        for size in sizes:
            rate = load(world, known, size // PER_PATIENT)
            known = size // PER_PATIENT
            print(f"{size:,} resources; {rate:,.0f} stored in a second", file=sys.stderr)
            for line in lines:
                times = [ask(world, line, at * 7 % known) for at in range(arguments.repeats)]
                results[line].append(statistics.median(times))
        worlds.close()
    print("| search | " + " | ".join(f"{size:,}" for size in sizes) + " | growth |")
    print("| --- |" + " --- |" * (len(sizes) + 1))
    for line, medians in results.items():
        cells = " | ".join(f"{median:.2f}" for median in medians)
        print(f"| {line} | {cells} | {medians[-1] / medians[0]:.1f} |")


if __name__ == "__main__":
    main()
