import json
from typing import Any

import pytest
from sqlalchemy import select

from doors import Answer, Door
from fhantom.site import Site
from fhantom.sole import tables

EVENT = {
    "Pri": "136",
    "Version": "1",
    "Timestamp": "2019-06-26 12:30:00.123456",
    "Hostname": "laptop",
    "App-name": "client",
    "Procid": "42",
    "Msg-id": "SOLE101",
    "Msg": "exam started",
}
AUDIT = """<?xml version="1.0" encoding="UTF-8"?><AuditMessage>
<EventIdentification EventOutcomeIndicator="0"><EventTypeCode csd-code="RID45813" codeSystemName="RadLex"
 originalText="Exam started"/></EventIdentification>
<ActiveParticipant UserID="tech1">
<RoleIDCode csd-code="RID11111" codeSystemName="IHE-SOLE"/></ActiveParticipant>
<ActiveParticipant UserID="x" NetworkAccessPointID="10.0.0.1"/>
<AuditSourceIdentification code="1" AuditSourceID="%s" AuditEnterpriseSiteID="site"/></AuditMessage>"""
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
PATH = "/sole/bulk-syslog-events"
INTERNAL = "Internal server error, check the server logs for more information"


def post(door: Door, *events: dict[str, Any]) -> Answer:
    return door.request("POST", PATH, JSON, json.dumps({"Events": events}).encode())


def stored(site: Site, message_id: str) -> list[str]:
    with site.worlds.open().reading() as connection:
        query = select(tables.event.c.message).where(tables.event.c.message_id == message_id)
        return list(connection.execute(query.order_by(tables.event.c.id)).scalars())


def test_an_event_is_stored_and_answered_with_204_and_nothing_else(door: Door, module_site: Site) -> None:
    before = len(stored(module_site, "SOLE101"))
    answer = post(door, EVENT)
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (204, b"", None)
    assert len(stored(module_site, "SOLE101")) == before + 1


@pytest.mark.parametrize(
    "headers",
    [
        {**JSON, "Content-Type": "application/json; charset=utf-8"},
        {**JSON, "Accept": "*/*"},
        {"Content-Type": "application/json"},
    ],
    ids=["charset", "any accept", "no accept"],
)
def test_both_headers_are_compared_letter_by_letter(door: Door, headers: dict[str, str]) -> None:
    answer = door.request("POST", PATH, headers, json.dumps({"Events": [EVENT]}).encode())
    expected = "Content-Type and Accept headers both must have a value of application/json"
    assert (answer.status, answer.reason, answer.body) == (400, expected, b"")


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[]", b"0", b'""', b"false", b"[" * 100_000])
def test_a_body_that_php_finds_equal_to_null_is_not_json(door: Door, body: bytes) -> None:
    answer = door.request("POST", PATH, JSON, body)
    assert (answer.status, answer.reason) == (400, "Submitted JSON data was NOT properly formatted")


@pytest.mark.parametrize("body", [b'{"a":1}', b'{"Events":[]}', b'{"Events":{"a":1}}', b"[1]"])
def test_a_body_without_a_list_of_events_has_no_events(door: Door, body: bytes) -> None:
    answer = door.request("POST", PATH, JSON, body)
    assert (answer.status, answer.reason) == (400, "No events in the submitted data")


@pytest.mark.parametrize(
    "change",
    [{"Hostname": None}, {"Version": "one"}, {"Timestamp": "yesterday"}, {"Msg": {}}],
    ids=["a missing field", "version", "timestamp", "an object"],
)
def test_an_event_that_the_database_would_refuse_is_an_internal_error(door: Door, change: dict[str, Any]) -> None:
    answer = post(door, {**EVENT, **change})
    assert (answer.status, answer.reason, answer.body) == (500, INTERNAL, b"")
    assert answer.headers["Content-Type"] == "text/html; charset=UTF-8"


def test_events_before_a_bad_one_stay_stored(door: Door, module_site: Site) -> None:
    name = f"partial {door.origin}"
    good, bad = {**EVENT, "Msg-id": name}, {**EVENT, "Msg-id": name, "Version": "x"}
    assert post(door, good, bad, good).status == 500
    assert stored(module_site, name) == ["exam started"]


def test_an_audit_message_yields_machines_persons_and_its_source(door: Door, module_site: Site) -> None:
    source = f"source of {door.origin}"
    assert post(door, {**EVENT, "Msg-id": source, "Msg": AUDIT % source}).status == 204
    with module_site.worlds.open().reading() as connection:
        row = connection.execute(select(tables.event).where(tables.event.c.audit_source_id == source)).one()
        people = connection.execute(
            select(tables.participant.c.kind, tables.participant.c.name, tables.participant.c.role).where(
                tables.participant.c.event_id == row.id
            )
        ).all()
    assert (row.event_type_code, row.event_type_text, row.event_outcome) == ("RID45813", "Exam started", "0")
    assert [tuple(p) for p in people] == [("person", "tech1", "RID11111"), ("machine", "10.0.0.1", None)]
    second = post(door, {**EVENT, "Msg": AUDIT % source})
    assert (second.status, second.reason) == (500, INTERNAL)


@pytest.mark.parametrize(
    "message",
    ["<?xml version='1.0'?><open>", "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"],
    ids=["not closed", "an entity"],
)
def test_an_audit_message_that_does_not_parse_is_refused(door: Door, message: str) -> None:
    answer = post(door, {**EVENT, "Msg": message})
    assert (answer.status, answer.reason) == (400, "XML message not properly formatted")


def test_other_methods_are_told_which_one_is_allowed(door: Door) -> None:
    answer = door.request("PUT", PATH, JSON, b"{}")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert answer.json() == {"message": "Method not allowed. Must be one of: POST"}
    assert door.request("GET", PATH).headers["Content-Type"].startswith("text/html")
    options = door.request("OPTIONS", PATH)
    assert (options.status, options.text) == (200, "Allowed methods: POST")


def test_an_unknown_path_is_not_found_in_the_form_asked_for(door: Door) -> None:
    assert door.get("/sole/events", {"Accept": "application/json"}).json() == {"message": "Not found"}
    answer = door.get("/sole/events")
    assert (answer.status, "Page Not Found" in answer.text) == (404, True)


def test_the_root_is_a_page(door: Door) -> None:
    assert door.get("/sole/").status == 200
