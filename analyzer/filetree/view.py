"""What a chain shows: paths, and the rows of its listings that stand behind them."""

from collections.abc import Iterator

from analyzer.filetree.entry import Kind
from analyzer.filetree.inodes import Inodes
from analyzer.filetree.listing import Listing
from analyzer.filetree.lookup import span_below

_ROW = (1 << 32) - 1
_DIR = int(Kind.DIR)


class View:
    """A row is told by its ref: layer index << 32 | ordinal. What is visible is one dictionary from path to ref."""

    def __init__(self) -> None:
        self.listings: list[Listing] = []  # bottom first
        self.visible: dict[bytes, int] = {}
        self.stand_ins: set[int] = set()  # refs where an implied folder stands, whatever the row is
        self.inodes = Inodes()
        self.implied = 0  # visible folders that no layer has an entry for

    def row(self, ref: int) -> tuple[Listing, int]:
        """The listing and the ordinal."""
        return self.listings[ref >> 32], ref & _ROW

    def is_folder(self, ref: int) -> bool:
        return self.listings[ref >> 32].kinds[ref & _ROW] == _DIR or ref in self.stand_ins

    def is_implied(self, ref: int) -> bool:
        return self.listings[ref >> 32].implied[ref & _ROW] == 1 or ref in self.stand_ins

    def below(self, folder: bytes, depth: int) -> Iterator[tuple[bytes, int]]:
        """Path and ref of all that is visible below `folder` (b"" is the root) out of the lowest `depth` layers.

        The view may be changed between two of them.
        """
        visible = self.visible
        for index in range(depth):
            paths, base = self.listings[index].paths, index << 32
            for ordinal in span_below(paths, folder):
                path = paths[ordinal]
                if visible.get(path) == base | ordinal:
                    yield path, base | ordinal

    def file_bytes_below(self, folder: bytes, depth: int) -> int:
        """Bytes of the regular files that are visible below a path; 0 where it is no folder. Hard links have none."""
        ref = self.visible.get(folder)
        if ref is None or not self.is_folder(ref):
            return 0
        size = 0
        for _, below in self.below(folder, depth):
            listing, ordinal = self.row(below)
            if listing.kinds[ordinal] == Kind.FILE and below not in self.stand_ins:
                size += listing.sizes[ordinal]
        return size
