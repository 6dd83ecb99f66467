"""`fhantom snapshot`: a world's state to a file and back, of a data folder at rest or of a running server."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import urllib.parse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from fhantom.cli import folders
from fhantom.cli.failure import Failure
from fhantom.clock import Clock
from fhantom.errors import FhantomError
from fhantom.settings import Settings
from fhantom.world import SHARED, DataFolder, DataFolderInUse, DataTooNew, Worlds, snapshots

_CHUNK = 1 << 20
_TIMEOUT = 600.0


def save(file: Path, url: str | None, world: str | None, settings: Settings) -> int:
    """Write the present state of a world to `file`, which appears whole or not at all."""
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb") as target:
            for piece in _of_server(url, world, settings) if url else _of_folder(world, settings):
                target.write(piece)
        os.replace(temporary, file)
    except OSError as error:
        raise Failure(f"cannot write {file}: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)
    print(f"saved {file}, {file.stat().st_size} bytes")
    return 0


def load(file: Path, url: str | None, world: str | None, settings: Settings) -> int:
    """Put a world to the state of `file`."""
    try:
        if url:
            _to_server(file, url, world, settings)
        else:
            _to_folder(file, world, settings)
    except FileNotFoundError:
        raise Failure(f"there is no file {file}") from None
    print(f"loaded {file}")
    return 0


def _of_folder(world: str | None, settings: Settings) -> Iterator[bytes]:
    with _held(settings) as worlds, _told():
        if worlds.folder.is_empty:
            raise Failure(f"{worlds.folder.path} holds no data")
        name, key = _passing_name(), world or SHARED
        snapshots.save(worlds, key, name)
        try:
            yield from snapshots.export(worlds, key, name)
        finally:
            snapshots.remove(worlds, key, name)


def _to_folder(file: Path, world: str | None, settings: Settings) -> None:
    with _held(settings) as worlds, _told(), open(file, "rb") as stream:
        name, key = _passing_name(), world or SHARED
        worlds.open(key)  # where there is no data yet, this makes its schema
        snapshots.take_in(worlds, key, name, stream)
        snapshots.restore(worlds, key, name)
        snapshots.remove(worlds, key, name)


@contextmanager
def _held(settings: Settings) -> Iterator[Worlds]:
    """The worlds of the data folder, which no server has meanwhile."""
    folder = DataFolder(settings.data or folders.user_data())
    try:
        folder.check()
        folder.hold()
        folder.create()
    except DataFolderInUse as error:
        raise Failure(f"{error}; give its address with --url") from None
    except DataTooNew as error:
        raise Failure(str(error)) from None
    try:
        with closing(Worlds(folder, settings, Clock())) as worlds:
            yield worlds
    finally:
        folder.release()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FhantomError as error:
        raise Failure(error.message) from None


def _of_server(url: str, world: str | None, settings: Settings) -> Iterator[bytes]:
    server, name = _Server(url, world, settings), _passing_name()
    server.ask("PUT", f"snapshots/{name}")
    try:
        with server.asked("GET", f"snapshots/{name}/file") as answer:
            yield from iter(lambda: answer.read(_CHUNK), b"")
    finally:
        server.ask("DELETE", f"snapshots/{name}")


def _to_server(file: Path, url: str, world: str | None, settings: Settings) -> None:
    server, name = _Server(url, world, settings), _passing_name()
    server.ask("PUT", f"snapshots/{name}/file", file)
    try:
        server.ask("POST", f"snapshots/{name}/restore")
    finally:
        server.ask("DELETE", f"snapshots/{name}")


class _Server:
    """The control routes of a running server, on behalf of one world."""

    def __init__(self, url: str, world: str | None, settings: Settings) -> None:
        self._parts = urllib.parse.urlsplit(url)
        self._query = f"?{urllib.parse.urlencode({'key': world})}" if world else ""
        self._headers = {"X-Fhantom-Token": settings.control_token} if settings.control_token else {}

    def ask(self, method: str, path: str, file: Path | None = None) -> None:
        """Make a request whose answer is not needed."""
        with self.asked(method, path, file) as answer:
            answer.read()

    @contextmanager
    def asked(self, method: str, path: str, file: Path | None = None) -> Iterator[http.client.HTTPResponse]:
        """The answer, as long as the block lasts. Raises Failure with what the server says."""
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        with closing(kind(self._parts.hostname or "", self._parts.port, timeout=_TIMEOUT)) as connection:
            try:
                with open(file or os.devnull, "rb") as body:
                    connection.request(method, f"/_fhantom/{path}{self._query}", body if file else None, self._headers)
                answer = connection.getresponse()
            except (ConnectionError, TimeoutError, http.client.HTTPException) as error:
                raise Failure(f"no answer from {self._parts.geturl()}: {error}") from None
            if answer.status >= 400:
                raise Failure(_message(answer.read()) or f"status {answer.status}")
            yield answer


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return ""


def _passing_name() -> str:
    return f"file-{secrets.token_hex(8)}"
