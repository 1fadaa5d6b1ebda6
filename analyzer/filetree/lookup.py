"""Finding rows of a listing: by path, below a folder, of a kind."""

from bisect import bisect_left
from collections.abc import Sequence


def ordinal_of(paths: Sequence[bytes], path: bytes) -> int | None:
    """Where `path` stands in the sorted `paths`; None if it does not."""
    at = bisect_left(paths, path)
    return at if at < len(paths) and paths[at] == path else None


def span_below(paths: Sequence[bytes], folder: bytes) -> range:
    """The ordinals of all that lies below `folder` (b"" is the root): in plain byte order they are one run."""
    if not folder:
        return range(len(paths))
    start = bisect_left(paths, folder + b"/")
    return range(start, bisect_left(paths, folder + b"0", start))  # "0" is the byte after "/"


def rows_of(column: bytes, value: int) -> list[int]:
    """The rows at which a column of bytes has a value."""
    rows = []
    at = column.find(value)
    while at >= 0:
        rows.append(at)
        at = column.find(value, at + 1)
    return rows
