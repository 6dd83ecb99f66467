"""The servers that tests run against: one inside this process, or one that several processes share."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from wsgiref.types import WSGIApplication

from fhantom.settings import BUILT_IN_KEY, Settings

TEST_PREFIX = "test-"
"""What the keys of test worlds begin with; other unknown keys get 403 as on the real server."""


class ControlFailed(Exception):
    """A control route refused; the message is the server's."""


class Server(Protocol):
    """What a test's world lives on.

    Attributes:
        origin: scheme, host and port, without a trailing slash.
        app: the application where it runs in this process, else None.
        lock: a file that whoever sets the clock locks, where others use the server at the same time.
    """

    @property
    def origin(self) -> str: ...

    @property
    def app(self) -> WSGIApplication | None: ...

    @property
    def lock(self) -> Path | None: ...

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """What the control route `/_fhantom/<path>` answers, from JSON. Raises ControlFailed."""


def settings_of(chosen: Mapping[str, Any]) -> Settings:
    """Settings of a server for tests: a world a key, and what `chosen` says."""
    usual: dict[str, Any] = {
        "ephemeral": True,
        "worlds": "per-key",
        "keys": (BUILT_IN_KEY,),
        "key_prefix": TEST_PREFIX,
        "workers": 1,
    }
    return Settings(**{**usual, **chosen})


class LocalServer:
    """The whole server inside this process; it listens from the moment when its origin is asked for."""

    lock = None

    def __init__(self, folder: Path, settings: Settings) -> None:
        from fhantom.app import create_app
        from fhantom.clock import Clock
        from fhantom.site import Site
        from fhantom.world import DataFolder, Worlds

        clock = Clock()
        data = DataFolder(folder)
        _fill(data, settings)
        self.site = Site(settings, Worlds(data, settings, clock), clock)
        self.app: WSGIApplication = create_app(self.site)
        self._listening: tuple[str, Callable[[], None]] | None = None
        self._folder = folder

    @property
    def origin(self) -> str:
        """The address of a free port, on which a thread listens from now on."""
        if self._listening is None:
            self._listening = _listen(self.app)
        return self._listening[0]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """What the control route answers; no socket is needed for it."""
        from fhantom.testing.calling import call

        content = b"" if body is None else json.dumps(body).encode()
        url = f"http://localhost/_fhantom/{path}"
        received = call(self.app, method, url, [("Content-Type", "application/json")], content)
        return _answered(received.status, received.body, path)

    def close(self) -> None:
        """Stop listening and remove the data."""
        if self._listening is not None:
            self._listening[1]()
        self.site.close()
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class RemoteServer:
    """A server of another process, which other workers use too."""

    origin: str
    lock: Path | None
    app: WSGIApplication | None = None

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """What the control route answers."""
        parts = urllib.parse.urlsplit(self.origin)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        content = None if body is None else json.dumps(body)
        try:
            connection.request(method, f"/_fhantom/{path}", content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return _answered(response.status, response.read(), path)
        finally:
            connection.close()


def _answered(status: int, body: bytes, path: str) -> Any:
    answer = json.loads(body) if body else None
    if status >= 400:
        message = answer.get("message") if isinstance(answer, dict) else answer
        raise ControlFailed(f"/_fhantom/{path}: {message}")
    return answer


def _fill(folder: Any, settings: Settings) -> None:
    """Put the seed into an empty data folder."""
    from fhantom.cli import folders
    from fhantom.clock import Clock
    from fhantom.datasets.samples import seed_of
    from fhantom.loading.prepared import PreparedSeeds
    from fhantom.world import prepare

    seed = seed_of(settings.seed)
    prepared = PreparedSeeds(settings.cache or folders.user_cache(), Clock())
    if not prepared.is_writable:
        prepared = PreparedSeeds(folder.path.with_name(f"{folder.path.name}-seed"), Clock())
    found = prepared.find(seed) or prepared.make(seed, lambda done, of: None)
    prepare.restore(found, folder)


def _listen(app: WSGIApplication) -> tuple[str, Callable[[], None]]:
    """The origin of a threaded server that answers from now on, and what ends it."""
    from werkzeug.serving import ThreadedWSGIServer

    from fhantom.cli.threaded_server import QuietHandler

    server = ThreadedWSGIServer("127.0.0.1", 0, app, handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()

    def end() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    return f"http://127.0.0.1:{server.server_port}", end
