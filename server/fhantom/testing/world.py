"""One test's own world: its addresses, its faults, the clock, the journal."""

from __future__ import annotations

import time
import urllib.parse
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from fhantom.testing.journal import Expected, Journal, check, found_nothing
from fhantom.testing.servers import Server
from fhantom.world.locks import FileLock


class Fault:
    """A fault in force; as a context manager it is lifted at the end of the block."""

    def __init__(self, server: Server, told: Mapping[str, Any]) -> None:
        self._server = server
        self._hits: int | None = None
        self.id: str = told["id"]
        self.times: int | None = told["times"]
        self.told = told

    @property
    def hits(self) -> int:
        """How many requests it has struck."""
        if self._hits is not None:
            return self._hits
        known = self._server.control("GET", "faults")["faults"]
        return next((int(fault["hits"]) for fault in known if fault["id"] == self.id), 0)

    def lift(self) -> None:
        """Let requests pass again; `hits` stays readable."""
        if self._hits is None:
            self._hits = self.hits
            self._server.control("DELETE", f"faults/{self.id}")

    def __enter__(self) -> Fault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lift()


class Faults:
    """What goes wrong for the requests of one world."""

    def __init__(self, server: Server, key: str) -> None:
        self._server = server
        self._key = key
        self._made: list[Fault] = []

    def add(
        self,
        path: str | None = None,
        *,
        method: str | None = None,
        kind: str = "status",
        times: int | None = None,
        skip: int = 0,
        probability: float = 1.0,
        **fields: Any,
    ) -> Fault:
        """Let requests with this world's key fail.

        Args:
            path: which, as a shell pattern; None for all.
            kind: of the fault; `fields` are those of its kind, as `status=503` or `after_bytes=10`.
            times: how many requests it strikes; None for all.
            skip: how many pass before it begins.
        """
        match = {name: value for name, value in (("path", path), ("method", method)) if value is not None}
        fault = {
            "match": {**match, "key": self._key},
            "action": {"kind": kind, **fields},
            "times": times,
            "skip": skip,
            "probability": probability,
        }
        made = Fault(self._server, self._server.control("POST", "faults", fault))
        self._made.append(made)
        return made

    def missed(self) -> list[str]:
        """Faults with `times` that struck fewer requests than that, one line each."""
        counted = [fault for fault in self._made if fault.times is not None]
        return [
            f"{fault.told['action']['kind']} for {fault.told['match'].get('path', 'every path')}: "
            f"struck {fault.hits} of {fault.times}"
            for fault in counted
            if fault.hits < (fault.times or 0)
        ]

    def lift(self) -> None:
        """Lift those that were made here."""
        for fault in self._made:
            fault.lift()
        self._made.clear()


class ClockHand:
    """Sets the server's clock; it shows the real time again after the test.

    A server has one clock. Where workers share the server, tests that set it wait for one another.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._held: ExitStack | None = None

    def now(self) -> datetime:
        """What the clock shows."""
        return datetime.fromisoformat(self._server.control("GET", "clock")["now"])

    def set(self, moment: datetime | str, *, speed: float = 0.0) -> None:
        """Show `moment`, and go on from there at a speed: 0 stands still, 1 runs as real time does."""
        self._take()
        shown = moment if isinstance(moment, str) else moment.isoformat()
        self._server.control("PUT", "clock", {"now": shown, "tick": speed})

    def advance(self, seconds: float | timedelta) -> None:
        """Move the clock forward."""
        self._take()
        amount = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        self._server.control("POST", "clock/advance", {"seconds": amount})

    def release(self) -> None:
        """Show the real time again."""
        if self._held is not None:
            self._server.control("PUT", "clock", {"now": None})
            self._held.close()
            self._held = None

    def _take(self) -> None:
        if self._held is None:
            self._held = ExitStack()
            if self._server.lock is not None:
                self._held.enter_context(FileLock(self._server.lock)())


class Fhantom:
    """A world that one test has for itself.

    Attributes:
        key: the apikey that it belongs to.
        headers: what every request to it needs.
        faults: what is to go wrong.
        clock: the server's clock.
        journal: what was sent with the key.
        is_real: the server is the real one, which lacks most of this.
    """

    is_real = False

    def __init__(self, server: Server, key: str) -> None:
        self.server = server
        self.key = key
        self.headers = {"apikey": key}
        self.faults = Faults(server, key)
        self.clock = ClockHand(server)
        self.journal = Journal(server, key, time.time_ns())

    @property
    def url(self) -> str:
        """The server's address without a trailing slash."""
        return self.server.origin

    @property
    def fhir_url(self) -> str:
        """Base of FHIR R5."""
        return f"{self.url}/fhir"

    @property
    def fhir_r4_url(self) -> str:
        """Base of FHIR R4."""
        return f"{self.url}/fhir-r4"

    @property
    def dicomweb_url(self) -> str:
        """Base of QIDO-RS, WADO-RS and STOW-RS."""
        return f"{self.url}/dicomweb"

    @property
    def wado_url(self) -> str:
        """Address of WADO-URI."""
        return f"{self.url}/wadouri"

    @property
    def sole_url(self) -> str:
        """Base of IHE SOLE."""
        return f"{self.url}/sole"

    def reset(self, to: str = "seed") -> dict[str, int]:
        """Put the data back to `seed`, to `empty` or to `snapshot:NAME`; return what was undone."""
        removed: dict[str, int] = self._control("POST", "reset", to=to, only="data")["removed"]
        return removed

    def snapshot(self, name: str) -> None:
        """Keep the present state under a name."""
        self._control("PUT", f"snapshots/{urllib.parse.quote(name, '')}")

    def restore(self, name: str) -> None:
        """Go back to a kept state."""
        self._control("POST", f"snapshots/{urllib.parse.quote(name, '')}/restore")

    def info(self) -> dict[str, Any]:
        """What the server says of itself and this world."""
        answer: dict[str, Any] = self._control("GET", "info")
        return answer

    def assert_requested(
        self,
        method: str,
        path: str,
        *,
        times: int | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
        fault: str | None = None,
    ) -> None:
        """Fail unless such a request came in: exactly `times`, or at least once.

        Args:
            path: a shell pattern, as `/dicomweb/studies/*`; a slash at the end makes no difference.
            query: parameters that must be there; others may be.
            headers: likewise; values are shell patterns.
            status: of the answer.
            fault: the kind of fault that struck it.
        """
        __tracebackhide__ = True
        expected = Expected(method, path, query, headers, status, fault)
        if check(list(self.journal), expected, times) is not None:
            raise AssertionError(check(self.journal.explained(), expected, times))

    def assert_not_requested(self, method: str, path: str, **expected: Any) -> None:
        """Fail if such a request came in."""
        __tracebackhide__ = True
        self.assert_requested(method, path, times=0, **expected)

    def assert_found(self, method: str, path: str, *, query: Mapping[str, str] | None = None) -> None:
        """Fail if such a search came in and found nothing, or none came in; tell what it nearly found."""
        __tracebackhide__ = True
        problem = found_nothing(self.journal.explained(), Expected(method, path, query))
        if problem is not None:
            raise AssertionError(problem)

    def assert_faults_hit(self) -> None:
        """Fail if a fault with `times` struck fewer requests than that."""
        __tracebackhide__ = True
        _none(self.faults.missed(), "faults that did not strike as often as they should have")

    def assert_portable(self) -> None:
        """Fail if a request worked here that would have failed on the real server."""
        __tracebackhide__ = True
        _none(self.journal.findings(), "requests that the real server would have answered otherwise")

    def drop(self) -> None:
        """Remove the world and whatever was made for it."""
        self.faults.lift()
        self.clock.release()
        self._control("DELETE", "worlds")

    def _control(self, method: str, path: str, **query: str) -> Any:
        return self.server.control(method, f"{path}?{urllib.parse.urlencode({**query, 'key': self.key})}")


def _none(problems: list[str], what: str) -> None:
    __tracebackhide__ = True
    if problems:
        raise AssertionError("\n".join([f"{what}:", *(f"  {problem}" for problem in problems)]))
