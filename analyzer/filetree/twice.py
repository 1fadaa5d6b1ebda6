"""Contents that a merged view shows at several paths."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.filetree.entry import Kind


@dataclass(frozen=True, slots=True)
class Twice:
    """A content of `size` bytes at several visible paths that are no names of one inode."""

    sha256: bytes
    size: int
    paths: tuple[bytes, ...]  # in order

    @property
    def extra(self) -> int:
        """Bytes beyond the first copy."""
        return self.size * (len(self.paths) - 1)


def twice(paths: Sequence[bytes], kinds: bytes, sizes: Sequence[int], sha256s: Sequence[bytes | None]) -> list[Twice]:
    """The contents that regular files show more than once, the most bytes beyond the first copy first; no empty ones.

    Hard links have no bytes of their own and do not count.
    """
    several = {sha256 for sha256, count in Counter(sha256s).items() if count > 1 and sha256 is not None}
    rows: dict[bytes, list[int]] = {}
    for row, sha256 in enumerate(sha256s):
        if sha256 in several and kinds[row] == Kind.FILE and sizes[row]:
            rows.setdefault(sha256, []).append(row)
    found = [
        Twice(sha256, sizes[same[0]], tuple(paths[row] for row in same))
        for sha256, same in rows.items()
        if len(same) > 1
    ]
    return sorted(found, key=lambda item: (-item.extra, item.paths))
