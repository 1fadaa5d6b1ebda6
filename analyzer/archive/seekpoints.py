"""Places in a gzip stream where inflating can start, so that one file of a big layer does not inflate it all.

They are found with indexed_gzip while the stream is inflated once, and kept in its own file format, `GZIDX` 1: a table
of places, then a window of 32 KiB for each, the plain bytes before it that what follows may repeat. Reading one place
takes the table and its window alone, whatever the file's length.
"""

import os
import struct
import uuid
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from analyzer.archive.unreadable import Damaged

LEAST_SPACING = 2 << 20  # plain bytes between two places: inflated in 4 ms, and a place takes 32 KiB
MOST_POINTS = 512
_HEAD = struct.Struct("<5sBBQQIII")
_POINT = struct.Struct("<QQBB")
_MAGIC, _VERSION, _WINDOW = b"GZIDX", 1, 32 << 10
_STEP = 64 << 20  # plain bytes to a call


@dataclass(frozen=True, slots=True)
class SeekPoint:
    carried: int  # offset in the blob of the next whole byte of the deflate stream (RFC 1951)
    bits: int  # how many high bits of the byte before it belong to the stream, too
    plain: int  # offset in the plain tar
    window: bytes  # the plain bytes before it, 32 KiB or none


def nearest_point(path: Path, offset: int) -> SeekPoint | None:
    """The last place at or before a plain offset, of those that the file at `path` has.

    None where they don't go so far: the last lies more than the spacing before it. Raises OSError (there is no file),
    ValueError for one of another form.
    """
    with path.open("rb") as file:
        spacing, points = _table(file)
        at = bisect_right(points, offset, key=lambda point: point[1]) - 1
        if at < 0 or (at == len(points) - 1 and offset >= points[at][1] + spacing):
            return None
        carried, plain, bits, has_window = points[at]
        if bits > 7:
            raise ValueError("a place with more than seven bits")
        window = b""
        if has_window:
            file.seek(_WINDOW * sum(1 for point in points[:at] if point[3]), os.SEEK_CUR)
            window = _exactly(file, _WINDOW)
    return SeekPoint(carried, bits, plain, window)


def find_points(blob: BinaryIO, tar_size: int, upto: int, path: Path) -> None:
    """Finds the places from the start of a gzip blob up to the plain offset `upto`, going on from those at `path`.

    The file at `path` is written whole or not at all; several processes may do so at once. Memory stays at
    MOST_POINTS windows. Raises Damaged where the stream can't be inflated, OSError.
    """
    from indexed_gzip.indexed_gzip import CrcError, ZranError, _IndexedGzipFile

    spacing = max(LEAST_SPACING, tar_size // MOST_POINTS)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        with _IndexedGzipFile(fileobj=blob, spacing=spacing, readbuf_size=1 << 20) as file:
            start = 0
            if path.exists():
                file.import_index(filename=str(path))
                start = _end(path)
            for offset in (*range(start, upto, _STEP), upto):  # another method would keep other threads waiting
                file.seek(offset)
            file.export_index(filename=str(draft))
        os.replace(draft, path)
    except (ZranError, CrcError) as error:
        raise Damaged(f"The gzip stream is corrupt: {error}.") from error
    finally:
        draft.unlink(missing_ok=True)


def _table(file: BinaryIO) -> tuple[int, list[tuple[int, int, int, int]]]:
    """The spacing, and of each place: offset in the blob, in the tar, bits, and whether it has a window."""
    magic, version, _, _, _, spacing, window, count = _HEAD.unpack(_exactly(file, _HEAD.size))
    if (magic, version, window) != (_MAGIC, _VERSION, _WINDOW):
        raise ValueError("the file holds no seek points")
    return spacing, list(_POINT.iter_unpack(_exactly(file, count * _POINT.size)))


def _end(path: Path) -> int:
    """The plain offset of the last place."""
    with path.open("rb") as file:
        return _table(file)[1][-1][1]


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise ValueError("the file of seek points is cut off")
    return data
