"""When the real server tells how many matches there are.

It reads matches in steps and tells the total once a step has reached the end. A first page makes it read
max(13, page size) matches; a page that needs more makes it read up to 503, then 2003, then all. What a page
itself sets off is not told before the next one.
"""

from __future__ import annotations

_FIRST_STEP = 13
_STEPS = (503, 2003)


def known(offset: int, count: int) -> int | None:
    """Matches up to which the total is told on the page that begins at `offset`; None for any number."""
    for step in (max(_FIRST_STEP, count), *_STEPS):
        if offset <= step:
            return step
    return None


def told(total: int, offset: int, count: int) -> int | None:
    """The total where the real server would tell it on that page, else None."""
    most = known(offset, count)
    return total if most is None or total <= most else None
