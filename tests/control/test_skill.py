"""The skill file for coding agents: short, true, and every request in it works."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from doors import Door, InProcess
from fhantom.app import create_app
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site
from instances import MULTIPART, instance, multipart

LOCAL = {"Host": "localhost"}


def skill(door: Door) -> str:
    answer = door.get("/_fhantom/SKILL.md", LOCAL)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    return answer.text


def test_it_is_short_enough_to_read_whole_and_has_its_front_matter(door: Door) -> None:
    text = skill(door)
    assert text.startswith("---\nname: fhantom\ndescription: ")
    assert len(text) < 4000


def test_it_tells_what_is_stored_now(door: Door) -> None:
    body = multipart(instance(1, 1, 1), instance(1, 1, 2))
    assert door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, body).status == 200
    assert "2 instances, 1 studies" in skill(door)


def test_every_request_in_it_works(door: Door) -> None:
    text = skill(door)
    origin = re.search(r"^# fhantom \S+ at (\S+)$", text, re.MULTILINE)
    assert origin is not None
    found = re.findall(rf"`(GET|POST|PUT|DELETE) {re.escape(origin[1])}(/_fhantom/[^`]+)`", text)
    assert len(found) >= 7
    order = ("PUT", "GET", "POST", "DELETE")
    (fault,) = re.findall(r'`(\{"match".*?\})`', text)
    for method, path in sorted(found, key=lambda pair: order.index(pair[0])):
        body = fault.encode() if (method, path) == ("POST", "/_fhantom/faults") else b""
        assert door.request(method, path, LOCAL, body).status in (200, 201, 204), (method, path)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, f"export SIIM_API_KEY={BUILT_IN_KEY}"),
        ({"keys": ("secret-of-a-team",)}, "Every request carries the header"),
        ({"any_key": True}, "takes every key"),
        ({"worlds": "per-key"}, "Each key has a data state of its own"),
    ],
    ids=["built-in key", "other key", "any key", "worlds"],
)
def test_it_says_what_the_settings_mean_and_no_key_but_the_built_in_one(
    site: Site, settings: dict[str, object], told: str
) -> None:
    changed = replace(site, settings=replace(site.settings, **settings))  # type: ignore[arg-type]
    text = InProcess(create_app(changed)).get("/_fhantom/SKILL.md", LOCAL).text
    assert told in text
    assert "secret-of-a-team" not in text
