"""A cache that is bounded by what its values weigh."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BoundedCache(Generic[Value]):
    """Keeps the values used last, as long as they weigh at most `capacity` together; any thread may use it.

    Args:
        capacity: greatest total weight; 0 keeps nothing.
        weigh: the weight of a value, for example its length in bytes.
    """

    def __init__(self, capacity: int, weigh: Callable[[Value], int]) -> None:
        self._capacity = capacity
        self._weigh = weigh
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        """The value, which is now the one used last; None if it is not kept."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value, and let go of those used longest ago that no longer fit."""
        weight = self._weigh(value)
        if weight > self._capacity:
            return
        with self._lock:
            if (old := self._values.pop(key, None)) is not None:
                self._weight -= self._weigh(old)
            self._values[key] = value
            self._weight += weight
            while self._weight > self._capacity:
                _, dropped = self._values.popitem(last=False)
                self._weight -= self._weigh(dropped)

    @property
    def weight(self) -> int:
        """What the kept values weigh together."""
        return self._weight
