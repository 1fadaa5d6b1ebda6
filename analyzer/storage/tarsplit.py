"""A layer's exact tar, put together again from its files and what the engine kept of their headers (vbatts/tar-split).

`tar-split.json.gz` has one JSON object a line, in the order of the tar: type 2 is a piece of raw bytes (headers,
padding, the end), type 1 a file whose bytes are on the disk. The sums that it keeps of them need no look: the whole is
hashed against the diffID, which says more.
"""

import base64
import binascii
import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzer.archive.budget import Limits
from analyzer.archive.tarname import normalise
from analyzer.archive.unreadable import Damaged
from analyzer.oci.findings import escape
from analyzer.storage.rooted import Folder, Rooted
from analyzer.storage.stream import Made, file_blocks

RECORD = b"tar-split.json.gz"
_FILE, _RAW = 1, 2
_LINE = 16 << 20  # bytes, at most; a piece of raw bytes is rarely above a few KiB


@dataclass(frozen=True, slots=True)
class TarSplit(Made):
    """The tar of a layer: `record` is its folder in the layer store, `folder` what the layer changed."""

    root: Rooted
    record: bytes
    folder: bytes

    def blocks(self) -> Iterator[bytes]:
        """Raises Damaged, OSError."""
        with closing(Folder(self.root, self.folder)) as files:
            for name, size, raw in _pieces(self.root, self.record):
                if name is None:
                    yield raw
                elif size:
                    yield from _file(files, name, size)


def tar_split(root: Rooted, record: bytes, folder: bytes, limits: Limits) -> TarSplit | None:
    """The layer's tar, or None where the engine kept no record of it. Raises Damaged, LimitReached, OSError."""
    length = entries = 0
    try:
        for name, size, raw in _pieces(root, record):
            length += len(raw) if name is None else size
            entries += name is not None
            limits.check("max_layer_bytes", length, "The size of the layer's tar")
            limits.check("max_layer_entries", entries, "The number of entries of the layer")
    except FileNotFoundError:
        return None
    if not length:
        raise Damaged("The engine's record of the layer's tar is empty.")
    return TarSplit(Path(escape(record)), 0, length, root, record, folder)


def _pieces(root: Rooted, record: bytes) -> Iterator[tuple[bytes | None, int, bytes]]:
    """Name and size of a file, or None and raw bytes. Raises Damaged, OSError."""
    with open(root.open(record + b"/" + RECORD), "rb") as packed, gzip.open(packed) as lines:
        try:
            while line := lines.readline(_LINE):
                yield _piece(json.loads(line))
        except (ValueError, EOFError, zlib.error, gzip.BadGzipFile, KeyError, TypeError) as error:
            raise Damaged(f"The engine's record of the layer's tar is damaged ({type(error).__name__}).") from error


def _piece(entry: dict[str, Any]) -> tuple[bytes | None, int, bytes]:
    if entry["type"] == _RAW:
        return None, 0, base64.b64decode(entry.get("payload") or "", validate=True)
    if entry["type"] != _FILE:
        raise binascii.Error("unknown type")
    name = base64.b64decode(entry["name_raw"]) if entry.get("name_raw") else str(entry.get("name", "")).encode()
    size = int(entry.get("size", 0))
    if size < 0:
        raise binascii.Error("negative size")
    return name, size, b""


def _file(files: Folder, name: bytes, size: int) -> Iterator[bytes]:
    path = normalise(name)
    if not path:
        raise Damaged(f"The record names {escape(name)}, which leads out of the layer's folder.")
    try:
        file = files.open(path)
    except OSError as error:
        raise Damaged(f"The file {escape(path)} cannot be read on the disk: {error.strerror}.") from error
    yield from file_blocks(file, size, path)
