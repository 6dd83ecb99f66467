"""Work of several threads done at once: what arrives while some is under way is done together, next.

A commit costs the same for one object as for ten, most of it waiting for the disk. Nobody waits for company: a
thread that comes alone does its work at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True, eq=False)
class _Ticket(Generic[Item, Result]):
    items: Sequence[Item]
    results: Sequence[Result] | None = None
    error: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return self.results is not None or self.error is not None


class Together(Generic[Item, Result]):
    """Calls `work` with the items of every thread that waits; it returns one result for each item, in order."""

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]]) -> None:
        self._work = work
        self._arrivals = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Ticket[Item, Result]] = []

    def do(self, items: Sequence[Item]) -> Sequence[Result]:
        """The results for these items; what their own work raises, and nothing that another thread's did."""
        ticket: _Ticket[Item, Result] = _Ticket(items)
        with self._arrivals:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.is_done:  # else the thread before took it along
                with self._arrivals:
                    tickets, self._waiting = self._waiting, []
                self._do_all(tickets)
        if ticket.error is not None:
            raise ticket.error
        assert ticket.results is not None
        return ticket.results

    def _do_all(self, tickets: Sequence[_Ticket[Item, Result]]) -> None:
        if len(tickets) > 1:
            try:
                results = self._work([item for ticket in tickets for item in ticket.items])
            except Exception:  # whose fault it was shows when each is done by itself
                pass
            else:
                found = iter(results)
                for ticket in tickets:
                    ticket.results = [next(found) for _ in ticket.items]
                return
        for ticket in tickets:
            try:
                ticket.results = self._work(ticket.items)
            except BaseException as error:
                ticket.error = error
