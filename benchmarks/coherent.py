"""`python -m benchmarks.coherent`: loading made-up data in the shape and proportions of the Coherent Data Set.

One patient has what a patient of the set has on average: 1,540 resources in 3.6 MB; one image is 256 x 256 x 256 words.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.startup import memory_of
from fhantom.datasets.coherent import sample_records
from fhantom.datasets.coherent.sample import brain
from fhantom.datasets.coherent.sample_people import PEOPLE, Person, made_id

Json = dict[str, Any]

_SIDE = 256
_NOTE = 950  # characters of a clinical note

# How many of each type a patient has: the published counts of the whole set through 1,278 patients.
_PER_PATIENT = {
    "Encounter": 113,
    "Observation": 524,
    "Claim": 276,
    "MedicationRequest": 164,
    "DiagnosticReport": 157,
    "DocumentReference": 113,
    "ExplanationOfBenefit": 113,
    "Procedure": 44,
    "Condition": 12,
    "Immunization": 9,
    "CarePlan": 5,
    "ImagingStudy": 3,
    "Media": 1,
}


@dataclass(frozen=True, slots=True)
class Load:
    """One run of the command.

    Attributes:
        seconds: from start to end.
        cpu: seconds of processors that its processes used.
        memory: the most that they held together, in megabytes, shared pages once.
    """

    seconds: float
    cpu: float
    memory: float


def main() -> None:
    """Make the data, load it and print rates as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coherent", description=__doc__)
    parser.add_argument("--patients", type=int, default=40)
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fhantom-coherent-") as scratch:
        folder = Path(scratch)
        resources = make_bundles(folder / "fhir", options.patients)
        size = make_images(folder / "dicom", options.images)
        print("| line | measured | CPU | most memory | promised |\n| --- | --- | --- | --- | --- |")
        for versions in ("R4", "both"):
            load = _load(folder / "fhir", folder / f"data-{versions}", options.jobs, "--versions", versions)
            rate = resources * (1 if versions == "R4" else 2) / load.seconds
            _print(f"FHIR {versions}", f"{rate:,.0f} resources/s", load, "3,000/s, 500 MB")
        load = _load(folder / "dicom", folder / "data-dicom", options.jobs)
        _print("DICOM", f"{size / 1e6 / load.seconds:,.0f} MB/s", load, "100 MB/s, 500 MB")


def _print(line: str, rate: str, load: Load, promised: str) -> None:
    print(
        f"| {line} | {rate} | {load.cpu:.1f} of {load.seconds:.1f} s | {load.memory:.0f} MB | {promised} |", flush=True
    )


def make_bundles(folder: Path, patients: int) -> int:
    """Write bundles; the number of resources in them."""
    folder.mkdir(parents=True)
    for name, bundle in sample_records.shared_bundles().items():
        (folder / f"{name}.json").write_text(json.dumps(bundle))
    count = 3
    for number in range(patients):
        person = replace(PEOPLE[2], number=number, given=f"Many{number}")
        entries = list(_entries(person))
        count += len(entries)
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        (folder / f"{person.file_name}.json").write_text(json.dumps(bundle, indent=2))
    return count


def _entries(person: Person) -> Iterator[Json]:
    made = {entry["resource"]["resourceType"]: entry for entry in sample_records.bundle(person)["entry"]}
    made |= {kind: {**made["Observation"], "resource": other(person)} for kind, other in _OTHERS.items()}
    yield made["Patient"]
    encounters = [made_id(person.id, "Encounter", str(number)) for number in range(_PER_PATIENT["Encounter"])]
    for kind, count in _PER_PATIENT.items():
        for number in range(count):
            yield _again(made[kind], person, kind, number, encounters[number % len(encounters)])


def _again(entry: Json, person: Person, kind: str, number: int, encounter: str) -> Json:
    """Another resource of a kind, with an id and a day of its own."""
    id = made_id(person.id, kind, str(number))
    found = {**entry["resource"], "id": id}
    if "encounter" in found:
        found["encounter"] = {"reference": f"urn:uuid:{encounter}"}
    if "context" in found:
        found["context"] = {"encounter": [{"reference": f"urn:uuid:{encounter}"}]}
    if kind == "DocumentReference":
        text = base64.b64encode(f"{number} ".encode() * (_NOTE // 4)).decode()
        found["content"] = [{"attachment": {"contentType": "text/plain", "data": text}}]
    if "claim" in found:
        found["claim"] = {"reference": f"urn:uuid:{made_id(person.id, 'Claim', str(number))}"}
    if "effectiveDateTime" in found:
        found["effectiveDateTime"] = f"{1960 + number % 60}-{1 + number % 12:02}-11T08:08:25-04:00"
    if "identifier" in found:
        value = f"urn:oid:1.2.840.99999999.{person.number}.{number}"
        found["identifier"] = [{**found["identifier"][0], "value": value}]
    return {**entry, "fullUrl": f"urn:uuid:{id}", "resource": found}


def _about(person: Person, kind: str, **more: Any) -> Json:
    return {
        "resourceType": kind,
        "subject": {"reference": f"urn:uuid:{person.id}"},
        "encounter": {"reference": ""},
        **more,
    }


def _code(system: str, code: str, text: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


_SNOMED, _RXNORM = "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"

# Types that the sample has none of.
_OTHERS: dict[str, Callable[[Person], Json]] = {
    "MedicationRequest": lambda person: _about(
        person,
        "MedicationRequest",
        status="stopped",
        intent="order",
        medicationCodeableConcept=_code(_RXNORM, "313782", "Acetaminophen 325 MG Oral Tablet"),
        authoredOn="1999-11-22T09:00:00-05:00",
    ),
    "Procedure": lambda person: _about(
        person,
        "Procedure",
        status="completed",
        code=_code(_SNOMED, "430193006", "Medication Reconciliation (procedure)"),
        performedPeriod={"start": "1999-11-22T09:00:00-05:00", "end": "1999-11-22T09:15:00-05:00"},
    ),
    "Condition": lambda person: _about(
        person,
        "Condition",
        code=_code(_SNOMED, "25064002", "Headache (finding)"),
        onsetDateTime="1999-11-22T09:00:00-05:00",
    ),
    "Immunization": lambda person: {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": _code("http://hl7.org/fhir/sid/cvx", "140", "Influenza, seasonal"),
        "patient": {"reference": f"urn:uuid:{person.id}"},
        "encounter": {"reference": ""},
        "occurrenceDateTime": "1999-11-22T09:00:00-05:00",
    },
    "CarePlan": lambda person: _about(person, "CarePlan", status="active", intent="order"),
}


def make_images(folder: Path, images: int) -> int:
    """Write images of noise; their size in bytes."""
    folder.mkdir(parents=True)
    noise, size = random.Random(1499), 0
    for number in range(images):
        person = replace(PEOPLE[0], number=number, given=f"Many{number}")
        content = brain(person, _SIDE, _SIDE, noise.randbytes(2 * _SIDE**3))
        (folder / f"{person.file_name}{person.study_instance_uid}.dcm").write_bytes(content)
        size += len(content)
    return size


def _load(source: Path, data: Path, jobs: int, *more: str) -> Load:
    command = [sys.executable, "-m", "fhantom", "seed", "coherent", "--from", str(source)]
    command += ["--data", str(data), "--jobs", str(jobs), *more]
    began, cpu, most = time.monotonic(), _cpu(), 0.0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None:
        with contextlib.suppress(OSError):  # a process may end between two looks
            most = max(most, memory_of(process.pid).proportional)
        time.sleep(0.1)
    seconds = time.monotonic() - began
    printed = process.stdout.read().decode() if process.stdout else ""
    if process.returncode or "refused" in printed:
        raise SystemExit(printed)
    return Load(seconds, _cpu() - cpu, most)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
