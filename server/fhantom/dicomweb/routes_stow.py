"""STOW-RS (PS3.18 10.5): storing instances."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, request

from fhantom.archive.ingest import Accepted, Reason, Refusal, keep
from fhantom.archive.storing import is_of_other_patient
from fhantom.dicomweb import stow_answer, stow_receive
from fhantom.dicomweb.addresses import service_of, warn
from fhantom.dicomweb.portability import DEPARTURES, depart
from fhantom.dicomweb.stow_answer import Report
from fhantom.dicomweb.stow_receive import Received
from fhantom.errors import BadRequest
from fhantom.site import Site
from fhantom.wire.context import partial_stow_of, world_of
from fhantom.wire.notes import notes_of
from fhantom.world import World, cursor_of

_BATCH_BYTES = 8 * 1024 * 1024
_BATCH_PARTS = 256


def register(blueprint: Blueprint, site: Site) -> None:
    """Add the store resources to `blueprint`."""
    del site

    @blueprint.post("/studies", endpoint="store")
    @blueprint.post("/studies/<study>", endpoint="store in study")
    def store(study: str | None = None) -> Response:
        world, service = world_of(request.environ), service_of(request.environ)
        content_type = request.headers.get("Content-Type", "")
        encoding = request.headers.get("Content-Encoding", "")
        strict = world.settings.strict
        for row in stow_receive.departures(content_type, encoding):
            _tell(row, strict=strict)
        if strict and stow_receive.is_unrelated(content_type):
            return Response(b"")
        received = stow_receive.parts(world, content_type, encoding, request.stream.read)
        fault = partial_stow_of(request.environ)
        if fault is not None:
            received = _struck(received, *fault)
        report = Report()
        try:
            for batch in _batches(_told(received, strict=strict)):
                _store(world, batch, study, report)
        except BadRequest as error:
            _tell("stow-malformed", strict=strict)
            if not strict:
                if not report.stored and not report.refused:
                    raise
                # What was complete before the body went wrong is stored, so the client must be told of it.
                report.malformed = True
                report.warnings.append(error.message)
        _tell_of_studies(world, report)
        notes_of(request.environ).understood = {
            "study": study,
            "stored": len(report.stored),
            "refused": len(report.refused),
        }
        return _answer(report, service, strict=strict)


def _tell(row: str, *, strict: bool) -> None:
    """Note the row, or refuse; not where a strict server goes on as the real one does."""
    if not strict or DEPARTURES[row].status is not None or not DEPARTURES[row].imitated:
        depart(request.environ, row)


def _tell_of_studies(world: World, report: Report) -> None:
    if any(refusal.empty for refusal in report.refused):
        depart(request.environ, "stow-uid-empty")
    if any(refusal.misspelt for refusal in report.refused):
        depart(request.environ, "stow-uid-form")
    studies = {accepted.study_instance_uid: accepted for accepted in report.stored}
    with world.reading() as connection:
        cursor = cursor_of(connection)
        if any(is_of_other_patient(cursor, accepted) for accepted in studies.values()):
            depart(request.environ, "stow-other-patient")


def _told(received: Iterator[Received], *, strict: bool) -> Iterator[Received]:
    """The parts, with the rows that they come under told."""
    for part in received:
        for row in part.departures:
            _tell(row, strict=strict)
        yield part


def _struck(received: Iterator[Received], instance: int, reason: int) -> Iterator[Received]:
    """The parts, the n-th of them refused for a reason that a test has asked for."""
    for number, part in enumerate(received, 1):
        result = part.result
        if number == instance and isinstance(result, Accepted):
            part.discard()
            result = Refusal(reason, "a fault was asked for", result.sop_class_uid, result.sop_instance_uid)
            part = Received(result)
        yield part


def _answer(report: Report, service: str, *, strict: bool) -> Response:
    form = stow_answer.choose(request.headers.get("Accept", ""))
    if form == stow_answer.XML:
        depart(request.environ, "stow-xml")
    body = stow_answer.encode(report, form, service, strict=strict)
    response = Response(body, status=report.status, content_type=form)
    warn(response, service, report.warnings)
    return response


def _batches(received: Iterator[Received]) -> Iterator[list[Received]]:
    """Parts that are stored together: all of a small request, some of a large one."""
    batch: list[Received] = []
    try:
        for part in received:
            batch.append(part)
            if len(batch) >= _BATCH_PARTS or sum(one.size for one in batch) >= _BATCH_BYTES:
                yield batch
                batch = []
    except BadRequest:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _store(world: World, batch: list[Received], study: str | None, report: Report) -> None:
    try:
        results = [_in_study(part.result, study) for part in batch]
        kept = [part for part, result in zip(batch, results, strict=True) if isinstance(result, Accepted)]
        outcomes = iter(keep(world, [part.incoming() for part in kept], world.settings.duplicates))
        for result in results:
            if isinstance(result, Refusal):
                report.refuse(result)
            else:
                report.add(result, next(outcomes))
    finally:
        for part in batch:
            part.discard()


def _in_study(result: Accepted | Refusal, study: str | None) -> Accepted | Refusal:
    """The object, unless the request is for another study (PS3.18 10.5.1.1)."""
    if isinstance(result, Refusal) or study in (None, result.study_instance_uid):
        return result
    text = f"{result.sop_instance_uid} belongs to study {result.study_instance_uid}"
    return Refusal(Reason.PROCESSING_FAILURE, text, result.sop_class_uid, result.sop_instance_uid)
