"""What never changes, kept in memory for a while: the last values looked at, up to a weight."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memo(Generic[Value]):
    """Values by digest, shared by the threads of a process; the least lately used go first.

    `weigh` says how heavy a value is (entries, say). One that is heavier than `most` alone is not kept.
    """

    def __init__(self, most: int, weigh: Callable[[Value], int]) -> None:
        self._most = most
        self._weigh = weigh
        self._kept: OrderedDict[str, Value] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def get(self, digest: str) -> Value | None:
        with self._lock:
            value = self._kept.get(digest)
            if value is not None:
                self._kept.move_to_end(digest)
            return value

    def put(self, digest: str, value: Value) -> None:
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
