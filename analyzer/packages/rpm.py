"""rpm's databases: header blobs in SQLite (rpm ≥ 4.16) or in ndb (SUSE), and name and version in a header blob.

The format is that of rpm's documentation, "Package format", section "Header". Berkeley DB, which rpm wrote until 2020,
is not read.
"""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing

MOST_BLOBS = 50_000
_STEPS = 50_000_000  # of SQLite's machine: a database that was made to keep us busy ends here
_NAME, _VERSION, _RELEASE, _EPOCH = 1000, 1001, 1002, 1003
_INT32, _STRINGS = 4, (6, 9)
_ENTRY = struct.Struct(">IIII")
_PAGE_SLOTS, _SLOT, _BLOCK = 256, 16, 16
_SLOT_AT = 32  # bytes before the first slot: the header takes the place of two


def of_sqlite(data: bytes) -> Iterator[bytes]:
    """The header blobs of an rpmdb.sqlite. Raises ValueError."""
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(data)
            database.execute("PRAGMA trusted_schema = OFF")
            database.set_progress_handler(lambda: 1, _STEPS)
            # A view or a virtual table of that name would be a program.
            table = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'Packages' AND rootpage > 0"
            if database.execute(table).fetchone() != (1,):
                raise ValueError("it has no table of packages")
            for (blob,) in database.execute(f"SELECT blob FROM Packages LIMIT {MOST_BLOBS}"):  # noqa: S608 - a number
                if isinstance(blob, bytes):
                    yield blob
    except (sqlite3.Error, OverflowError, MemoryError) as error:
        raise ValueError(f"SQLite says: {error}") from error


def of_ndb(data: bytes) -> Iterator[bytes]:
    """The header blobs of a Packages.db. Raises ValueError."""
    if data[:4] != b"RpmP" or len(data) < _SLOT_AT:
        raise ValueError("it is no ndb database")
    pages = int.from_bytes(data[12:16], "little")
    end = min(pages * _PAGE_SLOTS * _SLOT, len(data))
    for at in range(_SLOT_AT, end, _SLOT):
        magic, index, block, _ = struct.unpack("<4sIII", data[at : at + _SLOT].ljust(_SLOT, b"\0"))
        if magic != b"Slot" or not index:
            continue
        start = block * _BLOCK
        head = data[start : start + _SLOT]
        if head[:4] == b"BlbS" and len(head) == _SLOT:
            yield data[start + _SLOT : start + _SLOT + int.from_bytes(head[12:16], "little")]


def name_and_version(blob: bytes) -> tuple[str, str]:
    """Name and `[epoch:]version-release` of a header blob. Raises ValueError."""
    if len(blob) < 8:
        raise ValueError("a header is cut off")
    count, size = struct.unpack(">II", blob[:8])
    start = 8 + count * _ENTRY.size
    if count > 1 << 16 or start + size > len(blob):
        raise ValueError("a header is cut off")
    store = blob[start : start + size]
    values: dict[int, str] = {}
    for tag, kind, offset, _ in _ENTRY.iter_unpack(blob[8:start]):
        if tag not in (_NAME, _VERSION, _RELEASE, _EPOCH) or offset >= size:
            continue
        if kind in _STRINGS:
            values[tag] = store[offset:].partition(b"\0")[0].decode(errors="replace")
        elif kind == _INT32:
            values[tag] = str(int.from_bytes(store[offset : offset + 4], "big"))
    epoch = f"{values[_EPOCH]}:" if values.get(_EPOCH, "0") != "0" else ""
    release = f"-{values[_RELEASE]}" if _RELEASE in values else ""
    return values.get(_NAME, ""), epoch + values.get(_VERSION, "") + release
