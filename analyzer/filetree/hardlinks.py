"""Where the hard links of one layer lead: to an entry of the layer, to a path of the chain below, or in a loop."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.filetree.entry import Kind
from analyzer.filetree.lookup import ordinal_of, rows_of


@dataclass(slots=True)
class LinkEnds:
    """By the ordinal of the link."""

    inside: dict[int, int] = field(default_factory=dict)  # → ordinal of the entry that holds the bytes
    below: dict[int, bytes] = field(default_factory=dict)  # → path to look up in the chain below
    loops: list[int] = field(default_factory=list)  # links that come back to themselves, or lead to such


def follow(paths: Sequence[bytes], kinds: bytes, links: Sequence[bytes | None]) -> LinkEnds:
    """Follows every hard link of a sorted listing, link by link and in any order of the tar.

    A path that the layer has as a folder, a whiteout or aufs bookkeeping can't be linked to: it is looked for below.
    """
    ends = LinkEnds()
    looping: set[int] = set()
    for start in rows_of(kinds, Kind.HARDLINK):
        way: dict[int, None] = {}
        at = start
        while True:
            if at in looping or at in way:
                looping.update(way)
                break
            if at in ends.inside:
                ends.inside.update(dict.fromkeys(way, ends.inside[at]))
                break
            if at in ends.below:
                ends.below.update(dict.fromkeys(way, ends.below[at]))
                break
            way[at] = None
            path = links[at] or b""
            there = ordinal_of(paths, path)
            if there is None or kinds[there] == Kind.DIR or kinds[there] > Kind.FIFO:
                ends.below.update(dict.fromkeys(way, path))
                break
            if kinds[there] != Kind.HARDLINK:
                ends.inside.update(dict.fromkeys(way, there))
                break
            at = there
    ends.loops = sorted(looping)
    return ends
