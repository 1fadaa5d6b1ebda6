"""What a chain shows: paths, and the rows of its listings that stand behind them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from analyzer.filetree.entry import Kind
from analyzer.filetree.inodes import Inodes
from analyzer.filetree.listing import Listing
from analyzer.filetree.lookup import span_below
from analyzer.filetree.spans import Spans

_ROW = (1 << 32) - 1
_DIR, _FILE = int(Kind.DIR), int(Kind.FILE)


class View:
    """A row is told by its ref: layer index << 32 | ordinal. What is visible is one dictionary from path to ref."""

    def __init__(self) -> None:
        self.listings: list[Listing] = []  # bottom first
        self.visible: dict[bytes, int] = {}
        self.stand_ins: set[int] = set()  # refs where an implied folder stands, whatever the row is
        self.inodes = Inodes()
        self.implied = 0  # visible folders that no layer has an entry for
        self._gone: defaultdict[int, Spans] = defaultdict(Spans)  # rows of which none is visible, by the layer's index

    def row(self, ref: int) -> tuple[Listing, int]:
        """The listing and the ordinal."""
        return self.listings[ref >> 32], ref & _ROW

    def is_folder(self, ref: int) -> bool:
        return self.listings[ref >> 32].kinds[ref & _ROW] == _DIR or ref in self.stand_ins

    def is_implied(self, ref: int) -> bool:
        return self.listings[ref >> 32].implied[ref & _ROW] == 1 or ref in self.stand_ins

    def empty(self, folder: bytes, depth: int) -> Iterator[tuple[bytes, int]]:
        """Path and ref of all that is visible below `folder` (b"" is the root) out of the lowest `depth` layers.

        Whoever asks takes each of them out of the view: nothing of these rows is looked at again.
        """
        visible = self.visible
        for index in range(depth):
            paths, base, gone = self.listings[index].paths, index << 32, self._gone[index]
            span = span_below(paths, folder)
            for rows in gone.outside(span):
                for ordinal in rows:
                    path = paths[ordinal]
                    if visible.get(path) == base | ordinal:
                        yield path, base | ordinal
            gone.add(span)

    def file_bytes_below(self, folders: Sequence[bytes], depth: int) -> list[int]:
        """Bytes of the regular files that are visible below each path; 0 where it is no folder. Hard links have none.

        What lies below several of the folders is looked at once.
        """
        bytes_below: dict[bytes, int] = {}
        summed: list[dict[int, tuple[int, int]]] = [{} for _ in range(depth)]
        for folder in sorted(folders, key=lambda folder: -folder.count(b"/")):
            ref = self.visible.get(folder)
            if ref is not None and self.is_folder(ref):
                bytes_below[folder] = sum(self._file_bytes(index, folder, summed[index]) for index in range(depth))
        return [bytes_below.get(folder, 0) for folder in folders]

    def _file_bytes(self, index: int, folder: bytes, summed: dict[int, tuple[int, int]]) -> int:
        """Of one layer. `summed`: by the first row of each folder summed up, the row after it and its bytes."""
        listing, base, size = self.listings[index], index << 32, 0
        paths, kinds, sizes = listing.paths, listing.kinds, listing.sizes
        span = span_below(paths, folder)
        at = span.start
        for rows in self._gone[index].outside(span):
            at = max(at, rows.start)
            while at < rows.stop:
                if at in summed:
                    at, inner = summed[at]
                    size += inner
                    continue
                ref = base | at
                if kinds[at] == _FILE and self.visible.get(paths[at]) == ref and ref not in self.stand_ins:
                    size += sizes[at]
                at += 1
        if span:
            summed[span.start] = span.stop, size
        return size
