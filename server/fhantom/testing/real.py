"""The real server as a target of the same tests: what only fhantom can do skips the test that asks for it."""

from __future__ import annotations

import time
import urllib.parse
from pathlib import Path
from typing import Any, NoReturn
from wsgiref.types import WSGIApplication

import pytest

from fhantom.testing.world import Fhantom

KEY_VARIABLE = "SIIM_API_KEY"
DEFAULT_URL = "https://hackathon.siim.org"


class RealServer:
    """A server without control routes; its journal is what the plugin's own clients noted of their requests."""

    app: WSGIApplication | None = None
    lock: Path | None = None

    def __init__(self, origin: str) -> None:
        self.origin = origin.rstrip("/")
        self._noted: list[dict[str, Any]] = []

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The requests that were noted; everything else skips the test."""
        route, _, query = path.partition("?")
        if (method, route) != ("GET", "requests"):
            self._lacks(f"{method} /_fhantom/{route}")
        after = int(urllib.parse.parse_qs(query).get("after", ["0"])[0])
        found = [entry for entry in self._noted if int(entry["id"]) > after]
        if not found:
            self._lacks("journal, and no client of the plugin noted a request")
        return {"requests": found, "dropped": 0}

    def note(self, method: str, url: str, headers: dict[str, str], status: int) -> None:
        """Keep one request for the journal."""
        parts = urllib.parse.urlsplit(url)
        request = {
            "method": method,
            "url": f"{parts.path}?{parts.query}" if parts.query else parts.path,
            "headers": {name.lower(): "***" if name.lower() == "apikey" else value for name, value in headers.items()},
        }
        self._noted.append({"id": str(time.time_ns()), "request": request, "response": {"status": status}})

    def _lacks(self, what: str) -> NoReturn:
        pytest.skip(f"the real server has no {what}")


class RealWorld(Fhantom):
    """The one state that all keys of the real server share; nothing is undone at the end."""

    is_real = True

    def drop(self) -> None:
        """Nothing was made that could be removed."""
