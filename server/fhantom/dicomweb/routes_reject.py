"""Rejecting objects by POST, as OHIF does: a route of dcm4chee's, no part of PS3.18.

What is rejected is taken out. The codes are those of IHE's Imaging Object Change Management.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from fhantom.archive import removing
from fhantom.archive.retrieve import row_ids_of
from fhantom.dicomweb.portability import depart
from fhantom.dicomweb.routes_wado import INSTANCE, SERIES, STUDY
from fhantom.dicomweb.wado_places import Place, instances_at
from fhantom.errors import BadRequest
from fhantom.site import Site
from fhantom.wire.context import world_of

# PS3.16 CID 7011: quality, patient safety, incorrect modality worklist entry, data retention expired.
_REASONS = frozenset(f"{code}^DCM" for code in ("113001", "113037", "113038", "113039"))


def register(blueprint: Blueprint, site: Site) -> None:
    """Add the route at each level."""
    del site
    for level in (STUDY, SERIES, INSTANCE):
        blueprint.add_url_rule(f"{level}/reject/<reason>", f"reject {level}", reject, methods=["POST"])


def reject(reason: str, study: str, series: str | None = None, instance: str | None = None) -> Response:
    """Take out a study, a series or an instance."""
    depart(request.environ, "reject")
    if reason not in _REASONS:
        raise BadRequest(f"The reason is one of {', '.join(sorted(_REASONS))}: {reason[:40]}")
    world = world_of(request.environ)
    instances_at(world, Place(study, series, instance))
    with world.reading() as connection:
        found = row_ids_of(connection, study, series, instance)
    removing.remove(world, found)
    return Response(status=204)
