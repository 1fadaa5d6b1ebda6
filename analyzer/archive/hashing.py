"""Hashing in a thread of its own, beside the one that reads and parses: hashlib releases the interpreter's lock."""

import hashlib
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from hashlib import _Hash

Sha256: TypeAlias = "_Hash"

_WAITING = 4  # updates that may wait; each holds a block of memory


class Hasher:
    """A context manager: at its end all work is done, in the order in which it was given.

    Without `aside` each piece of work is done at once, which is faster for few bytes.
    """

    def __init__(self, *, aside: bool) -> None:
        self._work: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._room: SimpleQueue[None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="hasher") if aside else None
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        if self._thread:
            for _ in range(_WAITING):
                self._room.put(None)
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._thread:
            self._work.put(None)
            self._thread.join()
        if self._failure and error is None:
            raise self._failure

    def update(self, digest: Sha256, data: bytes | memoryview) -> None:
        """`data` becomes part of `digest`, soon: it must not change any more."""
        self.call(partial(digest.update, data))

    def call(self, work: Callable[[], object]) -> None:
        """Does `work` after all that was given before."""
        if self._thread:
            self._room.get()
            self._work.put(work)
        else:
            work()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 (raised again at the end, in the thread that gave the work)
                self._failure = error
            del work  # nor is its block kept while the next one is waited for
            self._room.put(None)


def new_sha256() -> Sha256:
    return hashlib.sha256()


def sha256_text(digest: Sha256) -> str:
    return f"sha256:{digest.hexdigest()}"
