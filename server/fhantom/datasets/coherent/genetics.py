"""Genetic panels: a CSV a patient, kept as a Binary with a DocumentReference that says what is in it.

What was found is told by Observations in the bundles already. The panel lists every variant that was looked at, most
of them without meaning; as resources they would outnumber all that a clinician looks for, so it stays a file.
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from fhantom.bridge.converting import convert
from fhantom.bridge.mapping import Resource
from fhantom.datasets.coherent.mending import dna_id
from fhantom.datasets.job import Job, licence_of
from fhantom.datasets.keeping import keep
from fhantom.datasets.labels import labelled
from fhantom.datasets.pieces import Piece, Unfit, read
from fhantom.definitions import Version
from fhantom.loading.report import Fate
from fhantom.resources import store

KIND = "genetic panels"

_COLUMNS = frozenset(
    ("INDEX", "CHROMOSOME", "LOCATION", "GENE", "VARIANT")
)  # of those that GeneticTestingEditor writes
_AT_ONCE = 100


def keep_panels(job: Job, panels: Mapping[str, Piece], versions: Sequence[Version]) -> None:
    """Store the panels of patients who are there."""
    made: list[Resource] = []
    for done, (patient, piece) in enumerate(sorted(panels.items()), start=1):
        with job.world.reading() as connection:
            is_known = any(store.read(connection, version, "Patient", patient) for version in versions)
        try:
            if not is_known:
                raise Unfit(f"Patient/{patient} is not there")
            made += _resources(piece, patient, read(piece))
        except Unfit as reason:
            job.note(KIND, Fate.REFUSED, piece.name, str(reason))
        if len(made) >= _AT_ONCE or done == len(panels):
            _keep(job, made, versions)
            made.clear()
            job.progress(KIND, done, len(panels))


def _keep(job: Job, made: Iterable[Resource], versions: Sequence[Version]) -> None:
    own = [labelled(resource, job.dataset, licence_of(job.dataset)) for resource in made]
    for version in versions:
        resources = own if version == "R4" else [one for resource in own if (one := convert("R4", resource))]
        keep(job, version, resources)


def _resources(piece: Piece, patient: str, content: bytes) -> list[Resource]:
    """The file, and what is in it. Raises Unfit."""
    variants, genes = _contents(content)
    id, name = dna_id(patient), piece.name.rsplit("/", 1)[-1]
    return [
        {
            "resourceType": "Binary",
            "id": id,
            "contentType": "text/csv",
            "securityContext": {"reference": f"Patient/{patient}"},
            "data": base64.b64encode(content).decode(),
        },
        {
            "resourceType": "DocumentReference",
            "id": id,
            "status": "current",
            "type": {"text": "Genetic panel"},
            "subject": {"reference": f"Patient/{patient}"},
            "description": f"{variants} variants in {genes} genes",
            "content": [{"attachment": {"contentType": "text/csv", "url": f"Binary/{id}", "title": name}}],
        },
    ]


def _contents(content: bytes) -> tuple[int, int]:
    """How many variants, and in how many genes. Raises Unfit."""
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        if not set(rows.fieldnames or ()) >= _COLUMNS:
            raise Unfit("it has not the columns of a genetic panel")
        genes = [row["GENE"] for row in _whole(rows)]
    except UnicodeDecodeError:
        raise Unfit("it is not UTF-8") from None
    except csv.Error as error:
        raise Unfit(f"it is no CSV: {error}") from None
    return len(genes), len(set(genes))


def _whole(rows: csv.DictReader[str]) -> Iterable[dict[str, str]]:
    for row in rows:
        if None in row or None in row.values():
            raise Unfit(f"line {rows.line_num} has not as many values as there are columns")
        yield row
