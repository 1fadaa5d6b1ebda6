"""Layers made to cost much: the work grows with what they hold, not with how often they hide it."""

from collections.abc import Sequence
from typing import Any

import pytest

from analyzer.filetree.listing import Listing
from analyzer.filetree.overlay import UnionMount
from analyzer.filetree.spans import Spans
from tests.filetree.stacks import Entry, file, folder, listing, opaque, whiteout

FILES = 2_000
DEPTH = 60


class Counted(list[Any]):
    """Counts how often an item is looked at."""

    looks = 0

    def __getitem__(self, at: Any) -> Any:
        self.looks += 1
        return super().__getitem__(at)


def counted(*entries: Entry) -> tuple[Listing, Counted]:
    made = listing(*entries)
    paths = Counted(made.paths)
    vars(made)["paths"] = paths
    return made, paths


def nested(name: str) -> list[str]:
    """`a`, `a/a`, `a/a/a` …"""
    return ["/".join([name] * depth) for depth in range(1, DEPTH + 1)]


@pytest.mark.parametrize(
    "hiding",
    [
        [opaque(path) for path in nested("a")],
        [whiteout(path) for path in nested("a")],
        [file(path) for path in nested("a")[:1]],
    ],
    ids=["markers", "whiteouts", "a file"],
)
def test_folders_within_each_other_are_looked_through_once(hiding: Sequence[Entry]) -> None:
    made, paths = counted(*(file(f"{nested('a')[-1]}/{number}", 1) for number in range(FILES)))
    mount = UnionMount()
    mount.apply(made)
    paths.looks = 0
    mount.apply(listing(*hiding))
    assert mount.merged_size == 0
    assert paths.looks < 4 * FILES


def test_a_folder_that_many_layers_empty_is_looked_through_once() -> None:
    made, paths = counted(*(file(f"a/{number}") for number in range(FILES)))
    mount = UnionMount()
    mount.apply(made)
    paths.looks = 0
    for number in range(100):
        mount.apply(listing(folder("a"), opaque("a"), file(f"a/of-{number}")))
    assert sorted(mount.visible) == [b"a", b"a/of-99"]
    assert paths.looks < 3 * FILES


def test_runs_that_are_done_with_are_left_out() -> None:
    spans = Spans()
    for span in (range(4, 6), range(8, 9), range(3, 3), range(4, 6)):
        spans.add(span)
    assert list(spans.outside(range(2, 10))) == [range(2, 4), range(6, 8), range(9, 10)]
    assert list(spans.outside(range(4, 6))) == []
    assert list(spans.outside(range(0, 3))) == [range(0, 3)]
    spans.add(range(3, 9))
    spans.add(range(4, 6))
    assert list(spans.outside(range(2, 10))) == [range(2, 3), range(9, 10)]
    assert list(spans.outside(range(5, 8))) == []
