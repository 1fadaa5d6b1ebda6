"""Hashing in a thread of its own, beside the one that reads and parses: hashlib releases the interpreter's lock."""

import hashlib
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from hashlib import _Hash

Sha256: TypeAlias = "_Hash"

_WAITING = 4  # updates that may wait; each holds a block of memory


class Hasher:
    """A context manager: at its end every update is made, in the order in which they came.

    Without `aside` each is made at once, in the thread that asks for it.
    """

    def __init__(self, *, aside: bool) -> None:
        self._updates: SimpleQueue[tuple[Sha256, bytes] | None] = SimpleQueue()
        self._room: SimpleQueue[None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="hasher") if aside else None

    def __enter__(self) -> Self:
        if self._thread:
            for _ in range(_WAITING):
                self._room.put(None)
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._thread:
            self._updates.put(None)
            self._thread.join()

    def update(self, digest: Sha256, data: bytes) -> None:
        """`data` becomes part of `digest`, soon."""
        if self._thread:
            self._room.get()
            self._updates.put((digest, data))
        else:
            digest.update(data)

    def _run(self) -> None:
        while (update := self._updates.get()) is not None:
            digest, data = update
            digest.update(data)
            del update, data  # the block is not kept while the next one is waited for
            self._room.put(None)


def new_sha256() -> Sha256:
    return hashlib.sha256()


def sha256_text(digest: Sha256) -> str:
    return f"sha256:{digest.hexdigest()}"
