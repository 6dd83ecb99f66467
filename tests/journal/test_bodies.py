"""Bodies of requests are kept only if asked for, and no more of them than that."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from doors import Door
from fhantom.journal.entry import read
from fhantom.settings import Settings
from fhantom.site import Site
from instances import MULTIPART, instance, multipart

FHIR = {"Content-Type": "application/fhir+json"}
PATIENT = json.dumps({"resourceType": "Patient", "name": [{"family": "Müller"}]}, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True, journal_bodies=100)


def last(site: Site) -> dict[str, Any]:
    return read(*site.ring.entries()[-1])["request"]


def test_a_short_body_is_kept_whole(door: Door, module_site: Site) -> None:
    assert door.request("POST", "/fhir/Patient", FHIR, PATIENT).status == 201
    request = last(module_site)
    assert request["bodySize"] == len(PATIENT)
    digest = hashlib.sha256(PATIENT).hexdigest()
    assert request["body"] == {"text": PATIENT.decode(), "sha256": digest, "isWhole": True}


def test_of_a_long_chunked_body_the_beginning_is_kept(door: Door, module_site: Site) -> None:
    body = multipart(instance(1))
    pieces = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, pieces).status == 200
    request = last(module_site)
    assert request["bodySize"] == len(body)
    assert request["body"]["isWhole"] is False
    assert request["body"]["sha256"] == hashlib.sha256(body).hexdigest()
    assert len(request["body"].get("text", request["body"].get("base64"))) <= 136


def test_a_request_without_a_body_has_none(door: Door, module_site: Site) -> None:
    door.get("/fhir/Patient")
    assert "body" not in last(module_site)


def test_a_kept_body_stands_in_the_archive(door: Door, module_site: Site) -> None:
    door.request("POST", "/fhir/Patient", FHIR, PATIENT)
    archive = door.get("/_fhantom/requests.har", {"Host": "localhost"}).json()
    entry = archive["log"]["entries"][-1]
    assert entry["request"]["postData"] == {"mimeType": "application/fhir+json", "text": PATIENT.decode()}
    assert entry["_fhantom"]["parsed"] == {"interaction": "create", "type": "Patient"}
