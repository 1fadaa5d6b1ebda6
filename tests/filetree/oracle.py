"""The rules of the union mount, written down plainly: loops and dictionaries, and of the product only its kinds.

For each layer the whole state is gone through again and again. Slow, and easy to hold against the rules.
"""

from typing import Any

from analyzer.filetree.entry import Kind
from tests.filetree.oracle_words import (
    ENTRY,
    OPAQUE,
    ORDINARY,
    WHITEOUT,
    Key,
    Shown,
    Step,
    folders_above,
    hidden_by,
    is_bare,
    is_below,
    type_of,
)
from tests.filetree.stacks import Entry


class Oracle:
    def __init__(self) -> None:
        self.shown: dict[bytes, Shown] = {}
        self.entries: dict[Key, Entry] = {}
        self.dead: set[Key] = set()
        self.sightings: dict[bytes, list[int]] = {}

    def apply(self, tar: list[Entry]) -> Step:
        self.layer = 1 + max((layer for layer, _ in self.entries), default=-1)
        self.step = Step()
        self.losses: list[tuple[int, bytes, Key, bool, str, bytes]] = []
        last: dict[bytes, int] = {entry.path: at for at, entry in enumerate(tar)}
        entries = {path: tar[at] for path, at in last.items()}
        self.entries.update({(self.layer, path): entry for path, entry in entries.items()})
        self.entries[self.layer, b"?"] = Entry(b"?")  # so that an empty layer counts as one
        inodes = {path: self.inode_of(path, entries) for path, entry in entries.items() if entry.kind in ORDINARY}
        self.see(entries)
        self.opaque([entry for entry in entries.values() if entry.kind == Kind.OPAQUE])
        self.whiteouts([entry for entry in entries.values() if entry.kind == Kind.WHITEOUT and not is_bare(entry)])
        lost = self.lost(entries, last)
        for path in sorted(lost, key=lambda path: last[path]):
            entry = entries[path]
            if path in self.shown:
                there = self.shown[path]
                if there.folder and entry.kind == Kind.DIR:
                    if there.entry is not None:
                        self.take(path, "superseded", path, ENTRY, removed=True)
                else:
                    same = there.entry is not None and type_of(there.entry) == type_of(entry)
                    for below in [name for name in self.shown if is_below(name, path)]:
                        self.take(below, "type_changed", path, ENTRY, removed=True)
                    self.take(path, "superseded" if same else "type_changed", path, ENTRY, removed=True)
            self.losses.append(
                (ENTRY, path, inodes[path], inodes[path] == (self.layer, path), "type_changed", lost[path])
            )
        alive = {path: entry for path, entry in entries.items() if entry.kind in ORDINARY and path not in lost}
        implied = set()
        for path, entry in entries.items():
            if path in lost or entry.kind == Kind.AUFS:
                continue
            for above in folders_above(path):
                if above in alive and alive[above].kind != Kind.DIR:
                    break  # a whiteout below a file of its own layer
                if above not in alive:
                    implied.add(above)
        for path in sorted(set(alive) | implied):
            if path in alive:
                self.show(path, alive[path], inodes[path])
            else:
                self.imply(path)
        self.settle(inodes)
        self.step.shown = dict(self.shown)
        self.step.dive = self.dive()
        assert all(above in self.shown for path in self.shown for above in folders_above(path))
        return self.step

    def inode_of(self, path: bytes, entries: dict[bytes, Entry]) -> Key:
        """Follows hard links inside the layer, then into what was shown before it."""
        at, way = path, {path}
        while entries[at].kind == Kind.HARDLINK:
            link = entries[at].link
            assert link is not None
            there = entries.get(link)
            if there is None or there.kind == Kind.DIR or there.kind not in ORDINARY:
                shown = self.shown.get(link)
                if shown is not None and not shown.folder:
                    assert shown.inode is not None
                    return shown.inode
                if entries[path].link == link:
                    self.step.dangling.add(path)
                return self.layer, path
            if link in way:
                return self.layer, path
            way.add(link)
            at = link
        return self.layer, at

    def take(self, path: bytes, cause: str, hider: bytes, phase: int, removed: bool) -> None:
        shown = self.shown.pop(path)
        if shown.entry is None:
            return
        self.step.removed += removed
        assert shown.inode is not None
        self.losses.append((phase, path, shown.inode, shown.inode == (shown.layer, path), cause, hider))

    def opaque(self, markers: list[Entry]) -> None:
        for path in list(self.shown):
            over = [marker for marker in markers if is_below(path, hidden_by(marker))]
            if over:
                nearest = max(over, key=lambda marker: len(hidden_by(marker)))
                self.take(path, "opaque", nearest.path, OPAQUE, removed=True)
                self.step.changes[nearest.path] = "removed"

    def whiteouts(self, whiteouts: list[Entry]) -> None:
        before = set(self.shown)
        for path in list(self.shown):
            over = [entry for entry in whiteouts if path == hidden_by(entry) or is_below(path, hidden_by(entry))]
            if over:
                nearest = max(over, key=lambda entry: len(hidden_by(entry)))
                cause = "deleted" if hidden_by(nearest) == path else "parent_deleted"
                self.take(path, cause, nearest.path, WHITEOUT, removed=True)
        for entry in whiteouts:
            if hidden_by(entry) in before:
                self.step.changes[entry.path] = "removed"

    def lost(self, entries: dict[bytes, Entry], last: dict[bytes, int]) -> dict[bytes, bytes]:
        """Of an entry that is no folder and one below it, the earlier in the tar → what takes its place."""
        lost: dict[bytes, bytes] = {}
        for path in sorted(entries):
            if entries[path].kind not in ORDINARY:
                continue
            for above in reversed(folders_above(path)):
                if above in entries and entries[above].kind in ORDINARY and entries[above].kind != Kind.DIR:
                    if last[above] > last[path]:
                        if path not in lost or not is_below(path, lost[path]):
                            lost[path] = above
                    elif above not in lost:
                        lost[above] = path
        return lost

    def imply(self, path: bytes) -> None:
        there = self.shown.get(path)
        if there is not None and there.folder:
            return
        if there is not None:
            self.take(path, "type_changed", path, ENTRY, removed=True)
        self.shown[path] = Shown(self.layer, True, None, None)

    def show(self, path: bytes, entry: Entry, inode: Key) -> None:
        folder = entry.kind == Kind.DIR
        there = self.shown.get(path)
        if there is None:
            self.step.changes[path] = "added"
        else:
            same = there.folder and folder
            if there.entry is not None and not there.folder and not folder:
                same = type_of(there.entry) == type_of(entry)
            differs = self.differs(there, inode, same)
            if folder and there.folder and not differs - {"mtime"}:
                self.step.changes[path] = "unchanged"
            else:
                self.step.changes[path] = "modified"
                self.step.changed[path] = differs
            if not folder:
                for below in [name for name in self.shown if is_below(name, path)]:
                    self.take(below, "type_changed", path, ENTRY, removed=True)
            self.take(path, "superseded" if same else "type_changed", path, ENTRY, removed=False)
        self.shown[path] = Shown(self.layer, folder, entry, inode)

    def differs(self, there: Shown, inode: Key, same: bool) -> set[str]:
        new = self.entries[inode]
        differs = set() if same else {"type"}
        if there.entry is None:
            old = Entry(b"", Kind.DIR, mode=0o755, mtime=new.mtime)
        else:
            assert there.inode is not None
            if there.inode == inode:
                return differs
            old = self.entries[there.inode]
        if old.mode != new.mode:
            differs.add("mode")
        if (old.uid, old.gid) != (new.uid, new.gid):
            differs.add("owner")
        if old.mtime != new.mtime:
            differs.add("mtime")
        if (old.xattrs or {}) != (new.xattrs or {}):
            differs.add("xattrs")
        if same and new.kind != Kind.DIR:
            if old.kind == new.kind == Kind.SYMLINK:
                if old.link != new.link:
                    differs.add("link")
            elif old.kind == new.kind == Kind.FILE:
                if new.sha256 is None or new.sha256 != old.sha256:
                    differs.add("content")
            elif old.kind != new.kind or new.kind == Kind.HARDLINK:
                differs.add("content")
        return differs

    def settle(self, inodes: dict[bytes, Key]) -> None:
        """An object is dead when none of its names is shown any more."""
        shown = {there.inode for there in self.shown.values() if there.inode is not None}
        for inode in {inode for _, _, inode, *_ in self.losses}:
            if inode in shown:
                continue
            losses = [loss for loss in self.losses if loss[2] == inode]
            of_holder = [loss for loss in losses if loss[3]]
            *_, cause, hider = max(of_holder or losses, key=lambda loss: loss[:2])
            assert inode not in self.dead
            self.dead.add(inode)
            self.step.dead[inode] = (cause, hider)

    def see(self, entries: dict[bytes, Entry]) -> None:
        for path, entry in entries.items():
            if entry.kind == Kind.WHITEOUT and not is_bare(entry):
                target, size = hidden_by(entry), 0
                if target in self.shown and self.shown[target].folder:
                    for name, there in self.shown.items():
                        if is_below(name, target) and there.entry is not None and there.entry.kind == Kind.FILE:
                            size += there.entry.size
                self.sightings.setdefault(target, []).append(size)
            elif entry.kind in ORDINARY and entry.kind != Kind.DIR:
                self.sightings.setdefault(path, []).append(entry.size if entry.kind == Kind.FILE else 0)

    def dive(self) -> tuple[int, int, int]:
        seen: Any = self.sightings.values()
        return (
            sum(sum(sizes) for sizes in seen),
            sum(min(sizes) for sizes in seen),
            sum(sum(sizes) for sizes in seen if len(sizes) > 1),
        )
