"""Fetching files over networks that break: resumed where they stopped, and checked before they get their name."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from fhantom.datasets.downloads import Remote

Told = Callable[[int, int], None]
"""Is told how many bytes are there, and of how many (0 if nobody knows)."""

_CHUNK = 1 << 20
_ATTEMPTS, _OFFLINE_ATTEMPTS = 8, 3  # in a row that bring not one byte, and that find nobody
_TIMEOUT = 30.0
_MD5 = re.compile(r'"([0-9a-f]{32})"')  # S3's ETag of a file that was sent in one part; of others it has a hyphen
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


class Unavailable(Exception):
    """The file cannot be had now: no network, no such file, or a server that refuses; the message is for the user."""


class Refused(Unavailable):
    """The server has no such file, or does not give it to us; others may come all the same."""


class WrongContent(Exception):
    """What came is not what was announced; it was thrown away."""


@dataclass(frozen=True, slots=True)
class _State:
    """What is known of a file that is half here."""

    etag: str = ""
    size: int = 0


def fetch(remote: Remote, folder: Path, told: Told, *, pause: float = 1.0) -> Path:
    """Fetch a file into a folder, or the rest of it; a file that is there already is not fetched again.

    Args:
        pause: seconds between two attempts, doubled each time.

    Raises:
        Unavailable: nothing more comes; what did come stays, and the next call goes on from there.
        WrongContent: size or digest differ from what was announced.
        OSError: the folder cannot be written to.
    """
    target = folder / remote.name
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part, note = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.json")
    failures = 0
    while True:
        before = _length(part)
        try:
            state = _fetch_some(remote, part, note, told)
            break
        except (http.client.HTTPException, TimeoutError, ConnectionError, urllib.error.URLError) as error:
            if isinstance(error, urllib.error.HTTPError) and error.code < 500:
                raise Refused(f"{remote.url} answers {error.code} {error.reason}") from None
            failures = 0 if _length(part) > before else failures + 1
            if failures == (_OFFLINE_ATTEMPTS if _is_offline(error) else _ATTEMPTS):
                raise Unavailable(_no_network(remote, error, _length(part))) from None
            time.sleep(pause * 2 ** min(failures, 5))
    note.unlink(missing_ok=True)
    _check(remote, part, state)
    return part.rename(target)


def _fetch_some(remote: Remote, part: Path, note: Path, told: Told) -> _State:
    """Fetch to the end of the file, or until the connection breaks."""
    have, state = _length(part), _read(note)
    headers = {"User-Agent": "fhantom", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        if state.etag:
            headers["If-Range"] = state.etag  # another file by now comes from its beginning (RFC 9110 13.1.5)
    request = urllib.request.Request(remote.url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
            span = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            begin = int(span[1]) if answer.status == 206 and span else 0
            size = int(span[2]) if span else int(answer.headers.get("Content-Length") or 0)
            state = _State(answer.headers.get("ETag", ""), size)
            note.write_text(json.dumps({"etag": state.etag, "size": state.size}))
            with open(part, "r+b" if begin else "wb") as file:
                file.seek(begin)
                file.truncate()
                _copy(answer, file, begin, size, told)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing is left to send (RFC 9110 15.5.17)
            return state
        raise
    return state


def _copy(answer: http.client.HTTPResponse, file: IO[bytes], have: int, size: int, told: Told) -> None:
    # read1 hands over what has come when the connection breaks, where read would throw it away.
    while chunk := answer.read1(_CHUNK):
        file.write(chunk)
        have += len(chunk)
        told(have, size)
    if have < size:
        raise ConnectionError(f"the connection ended {size - have} bytes too early")


def _check(remote: Remote, part: Path, state: _State) -> None:
    size = remote.size if remote.size is not None else state.size
    if size and _length(part) != size:
        wrong = f"it has {_length(part)} bytes, not {size}"
    else:
        etag = _MD5.fullmatch(state.etag)
        wrong = _differs(part, remote.digest or (f"md5:{etag[1]}" if etag else "")) or remote.flaw(part)
    if wrong:
        part.unlink()
        raise WrongContent(f"{remote.name} is not what was announced: {wrong}; it was thrown away")


def _differs(part: Path, digest: str) -> str:
    """How a file differs from its digest, empty if it does not or there is none."""
    if not digest:
        return ""
    name, _, wanted = digest.partition(":")
    with open(part, "rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.new(name, usedforsecurity=False)).hexdigest()
    return "" if found == wanted else f"its {name} is {found}, not {wanted}"


def _is_offline(error: Exception) -> bool:
    """Whether no connection came about at all, which further attempts seldom change."""
    return isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError)


def _no_network(remote: Remote, error: Exception, have: int) -> str:
    host = urlsplit(remote.url).hostname
    reason = getattr(error, "reason", None) or error
    kept = f" {have} bytes are here already and are kept for the next attempt." if have else ""
    return f"there is no network, or {host} cannot be reached ({reason}).{kept}"


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _read(note: Path) -> _State:
    try:
        return _State(**json.loads(note.read_text()))
    except (OSError, ValueError, TypeError):
        return _State()
