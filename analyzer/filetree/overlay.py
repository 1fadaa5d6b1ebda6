"""The union mount of a chain: layers applied one on top of the other (domain.md, "Overlay rules").

Within a layer opaque markers come first, then whiteouts, then entries, wherever in the tar they stand. Of several
markers or whiteouts that hide one path, the nearest to it counts: the deepest is applied first.

A layer of plain additions is one update of the view; entries are looked at one by one only where a path was there.
"""

from collections.abc import Sequence

from analyzer.filetree import compare
from analyzer.filetree.dive import DiveTally
from analyzer.filetree.entry import Kind
from analyzer.filetree.hardlinks import follow
from analyzer.filetree.inodes import Loss
from analyzer.filetree.irregular import capped
from analyzer.filetree.layerdiff import Change, LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.lookup import rows_of
from analyzer.filetree.view import View
from analyzer.filetree.waste import Cause, Dead
from analyzer.filetree.whiteout import is_bare, target
from analyzer.oci.findings import Finding, Severity, escape

_MARKER, _WHITEOUT, _ENTRY = range(3)  # phases
_DIR, _FILES = int(Kind.DIR), {int(Kind.FILE), int(Kind.HARDLINK)}  # plain numbers: enums cost too much by the million
_NAMES_ONLY = (Kind.WHITEOUT, Kind.OPAQUE, Kind.AUFS)
_MODIFIED, _UNCHANGED = int(Change.MODIFIED), int(Change.UNCHANGED)


class UnionMount(View):
    """The state of a chain; holds its listings. To go on with a stored chain, apply its listings again."""

    def __init__(self) -> None:
        super().__init__()
        self.dive = DiveTally()
        self.size = 0  # sum of the layers' sizes, in bytes
        self.waste = dict.fromkeys(Cause, 0)  # bytes by cause

    @property
    def entries(self) -> int:
        """Visible paths that some layer has an entry for: no root, no implied folder."""
        return len(self.visible) - self.implied

    @property
    def merged_size(self) -> int:
        """Bytes that the merged view shows: size less waste."""
        return self.size - sum(self.waste.values())

    def apply(self, listing: Listing) -> LayerDiff:
        """Puts a layer on top, and tells what it changed."""
        self.listings.append(listing)
        return _Application(self).run()


class _Application:
    """One layer on its way onto a mount."""

    def __init__(self, mount: UnionMount) -> None:
        self.mount = mount
        self.depth = len(mount.listings) - 1
        self.base = self.depth << 32
        self.listing = mount.listings[-1]
        self.changes = bytearray(b"\x01") * len(self.listing)
        self.changed = bytearray(len(self.listing))
        self.removed = 0
        self.dead: list[Dead] = []

    def run(self) -> LayerDiff:
        mount, kinds = self.mount, self.listing.kinds
        findings = self._link() if Kind.HARDLINK in kinds else []
        whiteouts = [row for row in rows_of(kinds, Kind.WHITEOUT) if not is_bare(self.listing.paths[row])]
        hidden = [target(self.listing.paths[row]) for row in whiteouts]
        figures = mount.dive.add(self.listing, zip(hidden, mount.file_bytes_below(hidden, self.depth), strict=True))
        hiders = self._hide(rows_of(kinds, Kind.OPAQUE), _MARKER) | self._hide(whiteouts, _WHITEOUT)
        self._lose_conflicts()
        self._show()
        for row in hiders:
            self.changes[row] = Change.REMOVED
        for holder, loss in mount.inodes.settle():
            self._bury(holder, loss.cause, loss.hider)
        self.dead.sort()
        diff = LayerDiff(bytes(self.changes), bytes(self.changed), self.removed, self.dead, figures, findings)
        mount.size += self.listing.size
        for cause, size in diff.dead_bytes.items():
            mount.waste[cause] += size
        return diff

    def _link(self) -> list[Finding]:
        """Gives the inodes the names that this layer's hard links add; targets of lower layers are those before it."""
        listing, mount = self.listing, self.mount
        ends = follow(listing.paths, listing.kinds, listing.links)
        for row, holder in ends.inside.items():
            mount.inodes.link(self.base | row, self.base | holder)
        dangling = []
        for row, path in sorted(ends.below.items()):
            ref = mount.visible.get(path)
            if ref is not None and not mount.is_folder(ref):
                mount.inodes.link(self.base | row, mount.inodes.holder(ref))
            elif path == listing.links[row]:
                what = "is a folder" if ref is not None else "is in neither its layer nor a lower one"
                dangling.append((listing.paths[row], f"The hard link's target {escape(path)} {what}; it has no bytes."))
        return capped("dangling-hardlink", Severity.WARNING, iter(dangling))

    def _hide(self, rows: Sequence[int], phase: int) -> set[int]:
        """Applies markers or whiteouts, the deepest first; returns those that hid something."""
        paths, hiders = self.listing.paths, set()
        for row in sorted(rows, key=lambda row: (-paths[row].count(b"/"), row)):
            path = target(paths[row])
            if phase == _MARKER:
                hid = (not path or path in self.mount.visible) and self._take_below(path, Cause.OPAQUE, row, phase)
            else:
                hid = self._take(path, Cause.DELETED, Cause.PARENT_DELETED, row, phase)
            if hid:
                hiders.add(row)
        return hiders

    def _lose_conflicts(self) -> None:
        """Entries that another of this layer replaces are dead on arrival; what they replaced themselves stays gone."""
        mount, listing = self.mount, self.listing
        for row, stays in listing.conflicts.lost.items():
            path, ref = listing.paths[row], mount.visible.get(listing.paths[row])
            if ref is not None:
                same = self._is_same_type(ref, row)
                below = None if same and mount.is_folder(ref) else Cause.TYPE_CHANGED
                self._take(path, Cause.SUPERSEDED if same else Cause.TYPE_CHANGED, below, row, _ENTRY)
            self._lose(self.base | row, path, Cause.TYPE_CHANGED, stays, _ENTRY)

    def _show(self) -> None:
        """Puts the entries and implied folders into the view."""
        mount, listing, visible = self.mount, self.listing, self.mount.visible
        paths, base = listing.paths, self.base
        before = list(map(visible.get, paths)) if visible else []
        visible.update(zip(paths, range(base, base + len(paths)), strict=True))
        implied = {*rows_of(listing.implied, 1), *listing.conflicts.stand_ins}
        absent = {row for kind in _NAMES_ONLY for row in rows_of(listing.kinds, kind)}
        absent |= listing.conflicts.idle | listing.conflicts.lost.keys()
        mount.stand_ins |= {base | row for row in listing.conflicts.stand_ins}
        for row in absent:
            self.changes[row] = Change.NONE
            if row not in listing.conflicts.stand_ins:
                self._restore(row, before[row] if before else None)
        for row in implied - listing.conflicts.idle:
            self.changes[row] = Change.NONE
            mount.implied += 1
        for row, ref in enumerate(before):
            if ref is None:
                continue
            if row in implied:
                if row not in listing.conflicts.idle:
                    self._imply(row, ref)
            elif row not in absent:
                self._replace(row, ref)

    def _restore(self, row: int, ref: int | None) -> None:
        path = self.listing.paths[row]
        if ref is None:
            del self.mount.visible[path]
        else:
            self.mount.visible[path] = ref

    def _imply(self, row: int, ref: int) -> None:
        """A folder that entries imply, where something stood: only a folder stays."""
        if self.mount.is_folder(ref):
            self.mount.visible[self.listing.paths[row]] = ref
            self.mount.implied -= 1
        else:
            self.removed += self._lose(ref, self.listing.paths[row], Cause.TYPE_CHANGED, row, _ENTRY)

    def _replace(self, row: int, ref: int) -> None:
        """An entry over an existing path."""
        mount, path = self.mount, self.listing.paths[row]
        was_folder, is_folder = mount.is_folder(ref), self.listing.kinds[row] == _DIR
        same = self._is_same_type(ref, row)
        old_holder, new_holder = mount.inodes.holder(ref), mount.inodes.holder(self.base | row)
        (old, i), (new, j) = mount.row(old_holder), mount.row(new_holder)
        if mount.is_implied(ref):
            mask = compare.of_implied(new, j)
        elif old_holder == new_holder:
            mask = 0  # another name of the same inode
        else:
            mask = compare.attributes(old, i, new, j)
            if same:
                mask |= compare.content(old, i, new, j)
        if not same:
            mask |= compare.TYPE
            if was_folder:
                self._take_below(path, Cause.TYPE_CHANGED, row, _ENTRY)
        if is_folder and mask | compare.MTIME == compare.MTIME:
            self.changes[row] = _UNCHANGED
        else:
            self.changes[row], self.changed[row] = _MODIFIED, mask
        self._lose(ref, path, Cause.SUPERSEDED if same else Cause.TYPE_CHANGED, row, _ENTRY)

    def _is_same_type(self, ref: int, row: int) -> bool:
        """Whether a row is of the type of what stands at its path."""
        kind = self.listing.kinds[row]
        if self.mount.is_folder(ref):
            return kind == _DIR
        old, ordinal = self.mount.row(ref)
        return old.kinds[ordinal] == kind or {old.kinds[ordinal], kind} == _FILES

    def _take(self, path: bytes, cause: Cause, cause_below: Cause | None, row: int, phase: int) -> bool:
        """Takes a path out of the view, and all below it unless `cause_below` is None. Whether there was one."""
        ref = self.mount.visible.pop(path, None)
        if ref is None:
            return False
        if cause_below is not None and self.mount.is_folder(ref):
            self._take_below(path, cause_below, row, phase)
        self.removed += self._lose(ref, path, cause, row, phase)
        return True

    def _take_below(self, folder: bytes, cause: Cause, row: int, phase: int) -> bool:
        """Takes all of lower layers that is below a folder out of the view. Whether there was anything."""
        taken = False
        for path, ref in self.mount.empty(folder, self.depth):
            del self.mount.visible[path]
            self.removed += self._lose(ref, path, cause, row, phase)
            taken = True
        return taken

    def _lose(self, ref: int, path: bytes, cause: Cause, hider: int, phase: int) -> bool:
        """A name that is not shown any more. Whether it was an entry, not an implied folder."""
        mount = self.mount
        if mount.is_implied(ref):
            mount.implied -= 1
            return False
        if mount.inodes.is_shared(ref):
            mount.inodes.lose(Loss(phase, path, ref, cause, hider))
        else:
            self._bury(ref, cause, hider)
        return True

    def _bury(self, holder: int, cause: Cause, hider: int) -> None:
        listing, ordinal = self.mount.row(holder)
        self.dead.append(Dead(holder >> 32, ordinal, listing.sizes[ordinal], cause, hider))
