"""An archive that is compressed as a whole: its plain form, in a file of ours."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from analyzer.archive.budget import Limits
from analyzer.archive.compression import DETECTION_BYTES, Compression, detect, inflate, inflater
from analyzer.archive.room import Room
from analyzer.archive.source import ArchiveError
from analyzer.archive.unreadable import Unreadable

Progress = Callable[[int], None]

_READ = 1 << 20
_OTHER_COMPRESSIONS = {b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"PK\x03\x04": "zip", b"7z\xbc\xaf\x27\x1c": "7-Zip"}


@contextmanager
def plain_form(
    path: Path,
    limits: Limits,
    workdir: Path,
    progress: Progress | None = None,
    *,
    keep: bool = False,
    reserve: int = 0,
) -> Iterator[Path]:
    """The file itself if it is not compressed, else a file in `workdir` with its plain bytes.

    That file is removed at the end. With `keep` it stays, and is taken as it is when the same
    archive is opened again with the same `workdir`. `progress` gets the carried bytes read so far.
    Raises ArchiveError for a stream that is corrupt or cut off, LimitReached, OSError: also where less
    than `reserve` bytes of the disk would stay free.
    """
    with path.open("rb") as file:
        head = file.read(max(DETECTION_BYTES, max(map(len, _OTHER_COMPRESSIONS))))
        for magic, name in _OTHER_COMPRESSIONS.items():
            if head.startswith(magic):
                raise ArchiveError(
                    f"The archive is compressed with {name}, which is not read here: unpack it first, "
                    "or compress it with gzip or zstd."
                )
        compression = detect(head)
        if compression is Compression.NONE:
            yield path
            return
        state = os.fstat(file.fileno())
        kept = workdir / f"plain-{state.st_size}-{state.st_mtime_ns}.tar"
        if keep and kept.exists():
            yield kept
            return
        file.seek(0)
        plain = _inflated(file, compression, limits, workdir, progress, Room(workdir, reserve))
    if keep:
        yield plain.replace(kept)
        return
    try:
        yield plain
    finally:
        plain.unlink(missing_ok=True)


def _inflated(
    file: BinaryIO,
    compression: Compression,
    limits: Limits,
    workdir: Path,
    progress: Progress | None,
    room: Room,
) -> Path:
    handle, name = tempfile.mkstemp(prefix="inflating-", suffix=".tar", dir=workdir)
    try:
        with open(handle, "wb") as plain:
            written = 0
            for block in inflate(_blocks(file, progress), inflater(compression)):
                written += len(block)
                limits.check("max_archive_bytes", written, "The plain form of the archive")
                if written > limits.inflation_free_bytes:
                    ratio = written // max(1, file.tell())
                    limits.check("max_inflation_ratio", ratio, "The inflation ratio of the archive")
                room.need(len(block))
                plain.write(block)
    except Unreadable as error:
        _remove(name)
        raise ArchiveError(
            f"The archive cannot be unpacked to its end; the upload may have been cut off, send it again. {error}"
        ) from error
    except BaseException:
        _remove(name)
        raise
    return Path(name)


def _blocks(file: BinaryIO, progress: Progress | None) -> Iterator[bytes]:
    done = 0
    while block := file.read(_READ):
        yield block
        done += len(block)
        if progress:
            progress(done)


def _remove(name: str) -> None:
    with suppress(OSError):
        os.unlink(name)
