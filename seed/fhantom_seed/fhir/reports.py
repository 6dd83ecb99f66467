"""DiagnosticReport: readings from facts/reports.toml, dermoscopies from facts/skin.tsv."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from fhantom_seed import facts
from fhantom_seed.facts import SkinLesion, StudyFact
from fhantom_seed.fhir.parts import (
    SIIM,
    Part,
    Resource,
    coding,
    concept,
    narrative,
    narrative_html,
    reference,
    terminology,
)

KEY_IMAGE = re.compile(r"\{(\d+)\.(\d+)\}")
CATEGORIES = {
    "radiology": terminology("v2-0074", "RAD", "Radiology"),
    "pathology": concept("loinc", "LP7839-6", "Pathology"),
    "surgical pathology": terminology("v2-0074", "SP", "Surgical Pathology"),
}


def resources() -> Iterator[Resource]:
    # Of two ImagingStudies with one accession number, the one whose id it is has the report.
    studies = {study.id: study for study in facts.studies()}
    for row in facts.prose("reports")["report"]:
        yield _reading(row, studies.get(row["id"]))
    for lesion in facts.skin_lesions():
        yield _dermoscopy(lesion, studies[lesion.study])


def _report(id: str, patient: str, identifier: Part, category: str, code: Part) -> Resource:
    return {
        "resourceType": "DiagnosticReport",
        "id": id,
        "identifier": [identifier],
        "status": "final",
        "category": [CATEGORIES[category]],
        "code": code,
        "subject": reference(f"Patient/{patient}"),
    }


def _accession(id: str) -> Part:
    return {"use": "usual", "system": "http://www.siim.org/", "value": id}


def _reading(row: dict[str, Any], study: StudyFact | None) -> Resource:
    patient = row.get("patient") or (study.patient if study else "")
    identifier = _accession((study and study.accession) or row["id"])
    if local := row.get("accession_type"):
        kind = terminology("v2-0203", "ACSN", "Accession ID")
        identifier = {"use": "usual", "type": kind, "system": "http://example.org/DiagnosticReport"}
        identifier["value"] = local
    report = _report(row["id"], patient, identifier, row.get("category", "radiology"), _code(row))
    report["effectiveDateTime"] = row["effective"]
    if "issued" in row:
        report["issued"] = row["issued"]
    report["performer"] = [reference(row["performer"]) if "performer" in row else SIIM]
    if results := [o["id"] for o in facts.rows("observations") if o["report"] == row["id"]]:
        report["result"] = [reference(f"Observation/{id}") for id in results]
    if "conclusion" in row:
        report["conclusion"] = row["conclusion"]
    if "conclusion_code" in row:
        report["conclusionCode"] = [concept("sct", *row["conclusion_code"].split(" ", 1))]
    return {**report, "text": _reading_text(row, study)}


def _code(row: dict[str, Any]) -> Part:
    codings = [coding(*text.split(" ", 2)) for text in row.get("codes", [])]
    return {"coding": codings, "text": row["title"]} if codings else {"text": row["title"]}


def _reading_text(row: dict[str, Any], study: StudyFact | None) -> Part:
    """Indication, technique, findings and impression; key images as links that readers' pages can follow."""
    if "conclusion" not in row:
        return narrative(row["title"])
    paragraphs = []
    for label in ("indication", "technique"):
        if label in row:
            paragraphs.append(f"{label.title()}: {escape(row[label])}")
    uid = study.uid if study else ""
    paragraphs += [KEY_IMAGE.sub(lambda m: _link(uid, *m.groups()), escape(f)) for f in row.get("findings", [])]
    paragraphs.append("Impression: " + "<br/>".join(escape(row["conclusion"]).split("\n")))
    return narrative_html("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))


def _link(study_uid: str, series: str, image: str) -> str:
    """The interactive-report link of the published dataset: it names the key image by its identifier."""
    name = f"ImagingSelection/{study_uid}.{series}.{image}"
    return f'<span id="{name}" class="reportLink">series {series}, image {image}</span>'


def _dermoscopy(lesion: SkinLesion, study: StudyFact) -> Resource:
    if lesion.site:
        text = f"Skin of {lesion.site}; {lesion.procedure}. Result: {lesion.diagnosis}. {lesion.note}".strip()
    else:
        text = "There is no report."
    report = _report(lesion.study, study.patient, _accession(study.accession), "radiology", {"text": "Unknown"})
    return {
        **report,
        "text": narrative(text),
        "effectiveDateTime": study.started,
        "issued": lesion.issued,
        "performer": [SIIM],
        "conclusion": text,
    }
