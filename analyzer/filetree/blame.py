"""Who is to blame for a path: what each layer of a chain did to it, from the bottom up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.filetree import compare
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change, LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.waste import Cause
from analyzer.filetree.whiteout import OPAQUE_NAME, PREFIX

_DIR, _FIFO = int(Kind.DIR), int(Kind.FIFO)


@dataclass(frozen=True, slots=True)
class Event:
    """One layer did one thing to the path. A layer may hide a path and bring it again: two events, in that order."""

    layer: int  # index, 0 at the bottom
    change: Change  # NONE: entries below it imply it as a folder, without an entry of its own
    row: int | None  # of the layer's listing: the entry that it brought; None where it took the path away
    changed: tuple[str, ...] = ()  # what differs from the entry before
    cause: Cause | None = None  # why it is gone
    hider: int | None = None  # row of what took it away: a whiteout, a marker, an entry


@dataclass(slots=True)
class _State:
    """What the chain so far shows at the path."""

    visible: bool = False
    kind: int = _DIR


def blame(listings: Sequence[Listing], diffs: Mapping[int, LayerDiff], path: bytes) -> list[Event]:
    """What the layers did to `path`, bottom first; `diffs` are those of the layers that have the path, by index.

    After the events of layer n the path is visible exactly if the last of them is none that removed it.
    """
    state = _State()
    events: list[Event] = []
    for index, listing in enumerate(listings):
        events += _of_layer(index, listing, diffs.get(index), path, state)
    return events


def is_visible(events: Sequence[Event]) -> bool:
    """Whether the chain shows the path after these events."""
    return bool(events) and events[-1].change is not Change.REMOVED


def _of_layer(index: int, listing: Listing, diff: LayerDiff | None, path: bytes, state: _State) -> Iterator[Event]:
    row = listing.ordinal(path)
    conflicts = listing.conflicts
    if state.visible and (found := _hider(listing, path, row, state)) is not None:
        cause, hider = found
        yield Event(index, Change.REMOVED, None, cause=cause, hider=hider)
        state.visible = False
    if row is None:
        return
    if listing.implied[row] or row in conflicts.stand_ins:
        if row not in conflicts.idle and not state.visible:
            yield Event(index, Change.NONE, row)
            state.visible, state.kind = True, _DIR
    elif listing.kinds[row] <= _FIFO and row not in conflicts.lost and diff is not None:
        yield Event(index, Change(diff.changes[row]), row, tuple(compare.labels(diff.changed[row])))
        state.visible, state.kind = True, listing.kinds[row]


def _hider(listing: Listing, path: bytes, row: int | None, state: _State) -> tuple[Cause, int] | None:
    """What of the layer takes a visible path away before its own entry comes, and why.

    Markers come first, then whiteouts; of several the nearest.
    """
    above = _folders_above(path)
    for folder in above:
        if (hider := _mark(listing, _join(folder, OPAQUE_NAME))) is not None:
            return Cause.OPAQUE, hider
    if (hider := _mark(listing, _whiteout(path))) is not None:
        return Cause.DELETED, hider
    for folder in above[:-1]:
        if (hider := _mark(listing, _whiteout(folder))) is not None:
            return Cause.PARENT_DELETED, hider
    above_rows = [at for folder in reversed(above[:-1]) if (at := listing.ordinal(folder)) is not None]
    files_above = [at for at in above_rows if listing.kinds[at] <= _FIFO and listing.kinds[at] != _DIR]
    for lost in listing.conflicts.lost:  # what another entry of the layer replaces has replaced this before
        if lost == row:
            return Cause.SUPERSEDED if _is_same_type(listing.kinds[row], state.kind) else Cause.TYPE_CHANGED, row
        if lost in files_above:
            return Cause.TYPE_CHANGED, lost
    if files_above:
        return Cause.TYPE_CHANGED, files_above[0]
    if row is None or state.kind == _DIR:
        return None
    implied = (listing.implied[row] or row in listing.conflicts.stand_ins) and row not in listing.conflicts.idle
    return (Cause.TYPE_CHANGED, row) if implied else None


def _is_same_type(kind: int, other: int) -> bool:
    return kind == other or {kind, other} == {int(Kind.FILE), int(Kind.HARDLINK)}


def _mark(listing: Listing, path: bytes) -> int | None:
    """The row of a marker or whiteout; a folder may have such a name, too."""
    row = listing.ordinal(path)
    return row if row is not None and listing.kinds[row] in (Kind.WHITEOUT, Kind.OPAQUE) else None


def _folders_above(path: bytes) -> list[bytes]:
    """Nearest first; the last is the root, b""."""
    above = []
    while path:
        path = path.rpartition(b"/")[0]
        above.append(path)
    return above


def _whiteout(path: bytes) -> bytes:
    folder, _, name = path.rpartition(b"/")
    return _join(folder, PREFIX + name)


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name
