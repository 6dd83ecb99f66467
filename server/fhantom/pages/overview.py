"""What the first page says of the server, and the licences of what is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from fhantom import __version__
from fhantom.archive.tables import instance, study
from fhantom.definitions import load
from fhantom.resources import store
from fhantom.world import facts, provenance, snapshots

_STUDIES, _INSTANCES = study.info["counted_as"], instance.info["counted_as"]


@dataclass(frozen=True, slots=True)
class Service:
    """One of the servers behind the gateway: its name, path, version and what it holds.

    Attributes:
        type: the resource type that its pages begin with; empty for a service without pages.
    """

    name: str
    path: str
    version: str
    holds: str
    type: str = ""


def services(connection: Connection) -> tuple[Service, ...]:
    """The services that a client speaks to."""
    held = snapshots.counts(connection)
    resources = {version: sum(store.counts(connection, version).values()) for version in ("R5", "R4")}
    return (
        Service("FHIR R5", "/fhir", load("R5").fhir_version, f"{resources['R5']:,} resources", "Patient"),
        Service("FHIR R4", "/fhir-r4", load("R4").fhir_version, f"{resources['R4']:,} resources", "Patient"),
        Service("DICOMweb", "/dicomweb", "", f"{held[_STUDIES]:,} studies, {held[_INSTANCES]:,} instances"),
        Service("WADO-URI", "/wadouri", "", "the same objects"),
        Service("Orthanc's REST", "/vna", "", "the same objects"),
        Service("IHE SOLE", "/sole", "", f"{held.get('events', 0):,} events"),
        Service("fhantom", "/_fhantom", __version__, "journal, reset, faults, clock"),
    )


@dataclass(frozen=True, slots=True)
class Licence:
    """Under what terms something loaded may be used."""

    title: str
    licence: str
    source: str
    note: str


_SEEDS = {
    "embedded": Licence(
        "The ten SIIM patients, embedded",
        "MIT",
        "https://github.com/ImagingInformatics/hackathon-dataset",
        "Facts of the fictitious patients are from that repository (MIT License, Society for Imaging Informatics in "
        "Medicine); all texts and images are made by fhantom's own code. Nobody's data is in it.",
    ),
}


def licences(connection: Connection) -> list[Licence]:
    """Of the seed and of each data set loaded since, one entry a licence."""
    seed = facts.get(connection, "seed") or ""
    found = [_SEEDS[seed]] if seed in _SEEDS else []
    for dataset in provenance.loaded(connection):
        held = ", ".join(f"{count:,} {kind}" for kind, count in sorted(dataset.counts.items()))
        found += [
            Licence(dataset.title, name, dataset.page, f"{attribution}. Loaded {dataset.loaded_at}: {held}.")
            for name, _, attribution in dataset.licences
        ]
    return found
