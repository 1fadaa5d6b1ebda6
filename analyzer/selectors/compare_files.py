"""The paths that differ between two images: which are asked for, by folder, and as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from analyzer.filetree.compare import LABELS, labels
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change
from analyzer.filetree.merged import Merged
from analyzer.filetree.viewdiff import ABSENT, Side, ViewDiff
from analyzer.selectors.compare import Comparison
from analyzer.selectors.entry_select import named
from analyzer.selectors.listings import merged_of

CHANGES = {change.label: change for change in (Change.ADDED, Change.MODIFIED, Change.REMOVED)}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which paths: below a folder, with a text in the path or by a glob, of one change, of one thing that changed."""

    at: bytes = b""
    q: str = ""
    change: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What differs in a file or folder of the folder that is looked at. Bytes are summed over all below it."""

    name: bytes
    path: bytes
    is_folder: bool  # whether anything below it differs
    added: Side
    modified: Side
    removed: Side

    @property
    def grown(self) -> int:
        return sum(side.second - side.first for side in (self.added, self.modified, self.removed))


@dataclass(frozen=True, slots=True)
class FileRow:
    """A path that differs. Sizes in bytes; layers by index; None where that side has no such path."""

    path: bytes
    change: str
    changed: tuple[str, ...]
    kinds: tuple[str | None, str | None]
    first_size: int | None
    second_size: int | None
    first_layer: int | None
    second_layer: int | None


class Files:
    """The paths of a comparison whose views are both known."""

    def __init__(self, compared: Comparison, diff: ViewDiff) -> None:
        self.compared = compared
        self.diff = diff

    def __len__(self) -> int:
        return len(self.diff)

    @cached_property
    def views(self) -> tuple[Merged, Merged]:
        tops = self.compared.first.image.top_chain, self.compared.second.image.top_chain
        if tops[0] is None or tops[1] is None:
            raise LookupError("a view is not known")
        return merged_of(tops[0]), merged_of(tops[1])

    def picked(self, asked: Asked) -> list[int]:
        """The numbers of the rows that are asked for, by path. Unknown words match nothing."""
        import pyarrow as pa

        diff = self.diff
        span = diff.below(asked.at)
        rows: Sequence[int] = span
        if asked.q:
            holds = named(pa.array(diff.paths[span.start : span.stop], pa.binary()), asked.q)
            rows = [span.start + number for number, matches in enumerate(holds) if matches]
        if asked.change:
            change = CHANGES.get(asked.change, Change.NONE)
            rows = [row for row in rows if diff.changes[row] == change]
        if asked.what:
            bit = 1 << LABELS.index(asked.what) if asked.what in LABELS else 0
            rows = [row for row in rows if diff.masks[row] & bit]
        return list(rows)

    def parts(self, folder: bytes) -> list[Part]:
        """What lies in the folder and differs, or has something below that does: that first which weighs most."""
        diff, above = self.diff, folder + b"/" if folder else b""
        found = []
        for name, spans in diff.parts(folder).items():
            totals = diff.totals_of(*spans)
            path = above + name
            found.append(
                Part(
                    name,
                    path,
                    any(diff.paths[span.stop - 1] != path for span in spans),
                    totals[Change.ADDED],
                    totals[Change.MODIFIED],
                    totals[Change.REMOVED],
                )
            )
        return sorted(found, key=_place)

    def what(self) -> list[tuple[str, int]]:
        """What differs of the paths that both have, with the number of paths."""
        counted = ((label, sum(mask >> bit & 1 for mask in self.diff.masks)) for bit, label in enumerate(LABELS))
        return [(label, count) for label, count in counted if count]

    def by_weight(self, picked: Sequence[int]) -> list[int]:
        """The same rows, those first that have most bytes on both sides together; equal ones by path."""
        weights = self.diff.first_sizes, self.diff.second_sizes
        return sorted(picked, key=lambda row: (-weights[0][row] - weights[1][row], row))

    def heaviest(self, most: int) -> list[int]:
        return self.by_weight(range(len(self.diff)))[:most]

    def rows(self, picked: Sequence[int]) -> list[FileRow]:
        return [self._row(number) for number in picked]

    def _row(self, number: int) -> FileRow:
        diff = self.diff
        rows = diff.first[number], diff.second[number]
        sizes = diff.first_sizes[number], diff.second_sizes[number]
        sides = [
            (None, None, None) if row == ABSENT else (Kind(view.kinds[row]).label, size, view.layers[row])
            for view, row, size in zip(self.views, rows, sizes, strict=True)
        ]
        return FileRow(
            path=diff.paths[number],
            change=Change(diff.changes[number]).label,
            changed=tuple(labels(diff.masks[number])),
            kinds=(sides[0][0], sides[1][0]),
            first_size=sides[0][1],
            second_size=sides[1][1],
            first_layer=sides[0][2],
            second_layer=sides[1][2],
        )


def files_of(compared: Comparison) -> Files | None:
    """None where one of the images lacks a layer, so that nobody knows what its containers see."""
    return Files(compared, compared.files) if compared.files is not None else None


def _place(part: Part) -> tuple[int, int, bytes]:
    """The most bytes first; of what weighs the same, the most paths."""
    sides = (part.added, part.modified, part.removed)
    return -sum(side.first + side.second for side in sides), -sum(side.paths for side in sides), part.name
