"""What never changes, kept in memory for a while: the last values looked at, up to a weight."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memo(Generic[Value]):
    """Values by digest or by what they follow from, shared by the threads of a process; the least lately used go first.

    `weigh` says how heavy a value is (entries, say). One that is heavier than `most` alone is not kept.
    """

    def __init__(self, most: int, weigh: Callable[[Value], int]) -> None:
        self._most = most
        self._weigh = weigh
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    @property
    def is_empty(self) -> bool:
        return not self._kept

    def get(self, digest: Hashable) -> Value | None:
        with self._lock:
            value = self._kept.get(digest)
            if value is not None:
                self._kept.move_to_end(digest)
            return value

    def put(self, digest: Hashable, value: Value) -> None:
        weight = self._weigh(value)
        if weight > self._most:
            return
        with self._lock:
            if digest in self._kept:
                return
            self._kept[digest] = value
            self._weight += weight
            while self._weight > self._most:
                _, oldest = self._kept.popitem(last=False)
                self._weight -= self._weigh(oldest)

    def drop(self, digest: Hashable) -> None:
        """Forgets a value that is not so any more."""
        with self._lock:
            value = self._kept.pop(digest, None)
            if value is not None:
                self._weight -= self._weigh(value)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._weight = 0
