"""What a test's clients sent: listed, and asserted with differences that can be read."""

from __future__ import annotations

import fnmatch
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fhantom.testing.servers import Server


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the journal has it.

    Attributes:
        path: as the client wrote it, without the query.
        query: values by name.
        understood: the query as the server understood it.
        ignored: parameters that had no influence on the answer.
        findings: what the real server would have answered otherwise; `row`, `message`, `evidence`, `fails` each.
        matches: how many results it found, None where that is not known.
        near: what an empty search nearly found, once it was asked for (`Journal.explained`).
        fault: the kind of fault that struck it.
        raw: the whole entry.
    """

    method: str
    path: str
    query: Mapping[str, list[str]]
    status: int
    headers: Mapping[str, str]
    understood: Any
    ignored: list[str]
    findings: list[Mapping[str, str]]
    fault: str | None
    matches: int | None
    near: list[str]
    raw: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        struck = f" (fault {self.fault})" if self.fault else ""
        return f"{self.method} {self.raw['request']['url']} -> {self.status}{struck}"

    def told(self) -> list[str]:
        """The request, and below it what it nearly found if it found nothing."""
        near = [f"    found nothing; {sentence}" for sentence in self.near]
        return [str(self), *(near or (["    found nothing"] if self.matches == 0 else []))]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a request must be like; what is None may be anything."""

    method: str
    path: str
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    status: int | None = None
    fault: str | None = None

    def differences(self, request: Request) -> list[str]:
        """How a request differs, one line each."""
        found = []
        if request.method != self.method.upper():
            found.append(f"method: {request.method} instead of {self.method.upper()}")
        if not fnmatch.fnmatchcase(_canonical(request.path), _canonical(self.path)):
            found.append(f"path: {request.path} instead of {self.path}")
        for name, value in (self.query or {}).items():
            values = request.query.get(name)
            if values is None:
                found.append(f"query: no {name}, instead of {name}={value}")
            elif value not in values:
                found.append(f"query: {name}={','.join(values)} instead of {name}={value}")
        for name, value in (self.headers or {}).items():
            got = request.headers.get(name.lower())
            if got is None or not fnmatch.fnmatchcase(got, value):
                found.append(f"header: {name}: {got} instead of {value}")
        if self.status is not None and request.status != self.status:
            found.append(f"status: {request.status} instead of {self.status}")
        if self.fault is not None and request.fault != self.fault:
            found.append(f"fault: {request.fault} instead of {self.fault}")
        return found

    def __str__(self) -> str:
        query = urllib.parse.urlencode(self.query or {}, safe="*,")
        parts = [f"{self.method.upper()} {self.path}{f'?{query}' if query else ''}"]
        parts += [f"{name}: {value}" for name, value in (self.headers or {}).items()]
        parts += [f"-> {self.status}"] if self.status is not None else []
        return " ".join(parts + ([f"(fault {self.fault})"] if self.fault else []))


class Journal:
    """The requests of one world, oldest first."""

    def __init__(self, server: Server, key: str, after: int) -> None:
        self._server = server
        self._key = key
        self._after = after

    def __iter__(self) -> Iterator[Request]:
        return iter(requests_of(self._server, key=self._key, after=self._after))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, index: int) -> Request:
        return [*iter(self)][index]

    def explained(self) -> list[Request]:
        """The requests, empty searches with what they nearly found."""
        return requests_of(self._server, key=self._key, after=self._after, explain="true")

    def clear(self) -> None:
        """Forget this world's requests up to now."""
        entries = list(self)
        if entries:
            self._after = int(entries[-1].raw["id"])

    def findings(self) -> list[str]:
        """What worked here and would not have on the real server, one line each."""
        return findings(self)


def requests_of(server: Server, **query: str | int) -> list[Request]:
    """What a server's journal holds, of one world or of all, oldest first."""
    asked = urllib.parse.urlencode({**query, "limit": 1_000_000})
    return [_request(entry) for entry in server.control("GET", f"requests?{asked}")["requests"]]


def findings(requests: Iterable[Request]) -> list[str]:
    """What worked here and would not have on the real server, one line each."""
    return [line for _, line in graded(requests)]


def graded(requests: Iterable[Request]) -> list[tuple[bool, str]]:
    """The same, each with whether the real server refuses it, or else answers otherwise."""
    return [
        (bool(found.get("fails")), f"{request}: {found['message']} [{found['row']}, {found['evidence']}]")
        for request in requests
        for found in request.findings
    ]


def check(requests: list[Request], expected: Expected, times: int | None) -> str | None:
    """None if `expected` was seen so many times (None: at least once), else what was seen in its place."""
    matching = [request for request in requests if not expected.differences(request)]
    if len(matching) == times or (times is None and matching):
        return None
    wanted = "at least 1" if times is None else str(times)
    lines = [f"expected {wanted}, found {len(matching)} of: {expected}"]
    if matching and len(matching) != len(requests):
        lines += ["these fit:", *(f"  {line}" for request in matching for line in request.told())]
    others = [request for request in requests if request not in matching]
    lines.append("these do not:" if others else "no other request came in" if matching else "no request came in")
    for request in sorted(others, key=lambda other: len(expected.differences(other))):
        lines += [f"  {line}" for line in request.told()]
        lines += [f"      {difference}" for difference in expected.differences(request)]
    return "\n".join(lines)


def found_nothing(requests: list[Request], expected: Expected) -> str | None:
    """None if such requests came in and all of them found something, else what they nearly found."""
    matching = [request for request in requests if not expected.differences(request)]
    empty = [request for request in matching if request.matches == 0]
    if not matching:
        return check(requests, expected, None)
    return "\n".join(line for request in empty for line in request.told()) or None


def _request(entry: Mapping[str, Any]) -> Request:
    asked = entry["request"]
    path, _, query = asked["url"].partition("?")
    return Request(
        method=asked["method"],
        path=path,
        query=urllib.parse.parse_qs(query, keep_blank_values=True),
        status=entry["response"]["status"],
        headers=asked["headers"],
        understood=entry.get("parsed"),
        ignored=entry.get("ignored", []),
        findings=entry.get("findings", []),
        fault=entry.get("fault"),
        matches=entry.get("matches"),
        near=entry.get("nearMisses", []),
        raw=entry,
    )


def _canonical(path: str) -> str:
    return path.rstrip("/") or "/"
