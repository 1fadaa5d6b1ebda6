"""From the members of a tar, in its order, to the sorted columns of a listing."""

from array import array
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Protocol

from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.whiteout import kind_of

IMPLIED_MODE = 0o755
"""Of a folder that entries imply; it is owned by 0:0 (domain.md, overlay rule 3)."""

_RANGE = {"H": (0, (1 << 16) - 1), "q": (-(1 << 63), (1 << 63) - 1)}


class Budget(Protocol):
    """The limits of archive.budget, as far as a listing needs them."""

    def check(self, field: str, value: int, what: str) -> None:
        """Raises if `value` is over the limit `field`."""


def arrange(members: Members, budget: Budget) -> tuple[dict[str, Sequence[Any]], list[int]]:
    """The columns of the listing, and for each row its place among the members (implied rows: past the end).

    Rows are sorted by path in plain byte order, so a folder comes before what lies in it. Of a path that stands
    twice the last counts. Raises the budget's error for `max_implied_folders`, and for `max_layer_bytes` where
    the sizes that sparse files claim add up past it and past 63 bits.
    """
    folders = [path.rpartition(b"/")[0] for path in members.paths]
    count = len(members.paths)
    place = dict(zip(members.paths, range(count), strict=True))
    implied = _implied_folders(place, folders, budget)
    place.update(zip(implied, range(count, count + len(implied)), strict=True))
    folders += [path.rpartition(b"/")[0] for path in implied]
    paths = sorted(place)
    places = list(map(place.__getitem__, paths))
    kinds = [*members.kinds, *(kind_of(path) if kind_of(path) is Kind.AUFS else Kind.DIR for path in implied)]
    columns: dict[str, Sequence[Any]] = {"path": paths, "kind": bytes(_gather(kinds, places))}
    for name, (given, value, code) in _given(members).items():
        column = _gather([*given, *[value] * len(implied)] if implied else given, places)
        columns[name] = _packed(column, code) if code else column
    columns["implied"] = bytes(at >= count for at in places) if implied else bytes(len(places))
    ordinals = dict(zip(paths, range(len(paths)), strict=True))
    ordinals[b""] = -1
    parents = list(map(ordinals.__getitem__, _gather(folders, places)))
    totals, below = accumulate(parents, columns["size"])
    size = sum(columns["size"])
    if size > _RANGE["q"][1]:
        budget.check("max_layer_bytes", size, "The sum of the sizes that the layer's entries claim")
    columns |= {"parent": array("i", parents), "total": array("q", totals), "below": array("i", below)}
    return columns, places


def _given(members: Members) -> dict[str, tuple[Sequence[Any], Any, str]]:
    """By column: the members' values, that of an implied folder, and the type code of what numbers are packed in."""
    return {
        "mode": (members.modes, IMPLIED_MODE, "H"),
        "uid": (members.uids, 0, "q"),
        "gid": (members.gids, 0, "q"),
        "size": (members.sizes, 0, "q"),
        "mtime": (members.mtimes, 0, "q"),
        "link": (members.links, None, ""),
        "sha256": (members.sha256s, None, ""),
        "xattrs": (members.xattrs, None, ""),
        "offset": (members.offsets, -1, "q"),
    }


def accumulate(parents: Sequence[int], sizes: Sequence[int]) -> tuple[list[int], list[int]]:
    """For each row of a sorted listing the bytes of its subtree, itself included, and the entries below it."""
    totals, below = list(sizes), [0] * len(sizes)
    for ordinal in range(len(sizes) - 1, -1, -1):
        parent = parents[ordinal]
        if parent >= 0:
            totals[parent] += totals[ordinal]
            below[parent] += below[ordinal] + 1
    return totals, below


def _implied_folders(known: Mapping[bytes, int], folders: Sequence[bytes], budget: Budget) -> list[bytes]:
    """Folders that paths lie in and the layer has no entry for. A long name counts as several, for its memory."""
    implied: set[bytes] = set()
    spent = 0
    for folder in set(folders):
        name = folder
        while name and name not in known and name not in implied:
            implied.add(name)
            spent += 1 + (len(name) >> 8)
            budget.check("max_implied_folders", spent, "The number of folders that the layer implies")
            name = name.rpartition(b"/")[0]
    return list(implied)


def _gather(values: Sequence[Any], places: Sequence[int]) -> Sequence[Any]:
    if len(places) < 2:  # itemgetter gives a bare value for one
        return [values[at] for at in places]
    gathered: Sequence[Any] = itemgetter(*places)(values)
    return gathered


def _packed(values: Sequence[int], code: str) -> Sequence[int]:
    """A header can claim numbers that no system has: they become the nearest that the column holds."""
    try:
        return array(code, values)
    except OverflowError:
        low, high = _RANGE[code]
        return array(code, [min(max(value, low), high) for value in values])
