"""A gateway in front of an application that tells what reached it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from doors import Door, InProcess, listening
from fhantom.gateway import Gateway
from fhantom.site import Site

OpenGateway = Callable[..., Door]


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answers with what the gateway passed on; reads the whole body first."""
    size = 0
    if environ["REQUEST_METHOD"] == "POST":
        length = environ.get("CONTENT_LENGTH")
        size = len(environ["wsgi.input"].read(int(length) if length else -1))
    world = environ.get("fhantom.world")
    body = json.dumps(
        {
            "path": environ["PATH_INFO"],
            "query": environ["QUERY_STRING"],
            "origin": environ["fhantom.origin"],
            "request_id": environ["fhantom.request_id"],
            "world": world and world.key,
            "size": size,
        }
    ).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture(params=["in process", "socket"])
def gateway(request: pytest.FixtureRequest, site: Site) -> Iterator[OpenGateway]:
    """`gateway(rate_limit=2)` opens a door to the echo behind a gateway with these settings."""
    with ExitStack() as stack:

        def open_gateway(**settings: Any) -> Door:
            changed = replace(site, settings=replace(site.settings, **settings))
            guarded = Gateway(echo, changed)
            stack.callback(guarded.close)
            if request.param == "in process":
                return InProcess(guarded)
            return stack.enter_context(listening(guarded))

        yield open_gateway
