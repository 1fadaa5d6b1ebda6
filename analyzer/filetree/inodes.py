"""Names of one inode, across layers: which entry holds the bytes, and how many names still show it."""

from collections.abc import Iterable
from typing import NamedTuple

from analyzer.filetree.waste import Cause


class Loss(NamedTuple):
    """A name that a layer took away. The last to go in a layer sorts last: markers, whiteouts, then entries."""

    phase: int
    path: bytes
    name: int  # the ref of the name's entry
    cause: Cause
    hider: int


class Inodes:
    """Entries are told by refs: layer index and ordinal in one number. Only inodes that a hard link names are kept."""

    def __init__(self) -> None:
        self._holder: dict[int, int] = {}  # hard link → entry that holds the bytes
        self._names: dict[int, int] = {}  # that entry → names that are visible or about to be
        self._lost: dict[int, list[Loss]] = {}  # that entry → names lost in the layer at hand

    def links(self) -> Iterable[tuple[int, int]]:
        """All hard links that lead somewhere, each with the entry that holds the bytes."""
        return self._holder.items()

    def holder(self, ref: int) -> int:
        """The entry that holds the bytes of a name: itself, but for a hard link that leads somewhere."""
        return self._holder.get(ref, ref)

    def link(self, name: int, holder: int) -> None:
        """One more name for the inode of `holder`, which has at least one."""
        self._holder[name] = holder
        self._names[holder] = self._names.get(holder, 1) + 1

    def is_shared(self, ref: int) -> bool:
        return bool(self._names) and self.holder(ref) in self._names

    def lose(self, loss: Loss) -> None:
        """A name of a shared inode is gone, at least until the layer's end."""
        holder = self.holder(loss.name)
        self._names[holder] -= 1
        self._lost.setdefault(holder, []).append(loss)

    def settle(self) -> list[tuple[int, Loss]]:
        """At a layer's end: the entries whose last name went in it, with the loss that counts (domain.md, "All names
        of one inode"): that of the name that holds the bytes if it went in this layer, else the last.
        """
        dead = []
        for holder, losses in self._lost.items():
            for loss in losses:
                self._holder.pop(loss.name, None)
            if self._names[holder] == 0:
                del self._names[holder]
                dead.append((holder, max(losses, key=lambda loss: (loss.name == holder, loss))))
        self._lost.clear()
        return dead
