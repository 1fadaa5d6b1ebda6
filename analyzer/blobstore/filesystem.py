"""Blobs as files: `sha256/ab/<hex>` under one folder."""

import contextlib
import errno
import hashlib
import io
import os
import stat
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from analyzer.archive.room import Room
from analyzer.blobstore.store import BlobMismatch, Found
from analyzer.oci.digest import InvalidDigest, parse_digest

CHUNK = 1 << 20
_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP)
"""A file of another filesystem, or one that gives no file two names."""


class FilesystemStore:
    """A BlobStore in a folder. Half-written blobs lie in `tmp/`, where nothing looks for a digest.

    `reserve`: bytes of its disk that must stay free.
    """

    def __init__(self, root: Path, reserve: int = 0) -> None:
        self.root = root
        self._reserve = reserve

    def path(self, digest: str) -> Path:
        """Where the blob lies if it is stored. Raises InvalidDigest: a digest is never a way out of the folder."""
        algorithm, _, hexadecimal = parse_digest(digest).partition(":")
        return self.root / algorithm / hexadecimal[:2] / hexadecimal

    def put(self, digest: str, path: Path, offset: int, length: int) -> bool:
        """See BlobStore. Durable when it returns: the bytes and the name are on the disk."""
        target = self.path(digest)
        if _is_file(target) and target.lstat().st_size == length:
            return False
        draft = self._draft(target)
        Room(draft.parent, self._reserve).need(length)
        try:
            with open(path, "rb") as source, open(draft, "xb", buffering=0) as sink:
                found = _copy(source, sink, offset, length)
                if found != digest:
                    raise BlobMismatch(f"{length} bytes at {offset} are {found}, not {digest}")
                os.fsync(sink.fileno())
            os.replace(draft, target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _fsync_names(target)
        return True

    def adopt(self, digest: str, path: Path) -> bool:
        """See BlobStore: a link on the same filesystem, as durable as what `put` copies; else a copy."""
        target = self.path(digest)
        length = path.stat().st_size
        if _is_file(target) and target.lstat().st_size == length:
            return False
        draft = self._draft(target)
        try:
            try:
                os.link(path, draft)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                return self.put(digest, path, 0, length)
            with open(draft, "rb", opener=_no_link) as file:
                found = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
                if found != digest:
                    raise BlobMismatch(f"{length} bytes are {found}, not {digest}")
                os.utime(file.fileno())  # it counts as written now: a sweep leaves it until its row is there
                os.fsync(file.fileno())
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)  # also where another has adopted it meanwhile: both names were one file
        _fsync_names(target)
        return True

    def shares(self, digest: str, path: Path) -> bool:
        """See BlobStore."""
        try:
            return os.path.samestat(self.path(digest).lstat(), path.lstat())
        except FileNotFoundError:
            return False

    def _draft(self, target: Path) -> Path:
        draft = self.root / "tmp" / uuid.uuid4().hex
        for folder in (draft.parent, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return draft

    def open(self, digest: str) -> BinaryIO:
        """See BlobStore."""
        path = self.path(digest)
        try:
            return open(path, "rb", opener=_no_link)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise FileNotFoundError(errno.ENOENT, "a link stands in place of the blob", str(path)) from None
            raise

    def has(self, digest: str) -> bool:
        """See BlobStore."""
        return _is_file(self.path(digest))

    def size(self, digest: str) -> int:
        """See BlobStore."""
        return self.path(digest).lstat().st_size

    def delete(self, digest: str) -> int:
        """See BlobStore."""
        path = self.path(digest)
        try:
            size = path.lstat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        return size

    def part(self, number: int, older_than: float) -> Iterator[str]:
        """See BlobStore: a folder of those whose names begin with the same byte."""
        oldest = time.time() - older_than
        for found in self._in_folder(self.root / "sha256" / f"{number:02x}"):
            if found.is_file and found.digest and found.written < oldest:
                yield found.digest

    def found(self) -> Iterator[Found]:
        """See BlobStore."""
        for folder in sorted(self.root.glob("*")):
            if folder.name == "tmp":
                continue
            if folder.name != "sha256" or folder.is_symlink() or not folder.is_dir():
                yield from self._as_found(folder)
                continue
            for place in sorted(folder.iterdir()):
                if place.is_symlink() or not place.is_dir():
                    yield from self._as_found(place)
                else:
                    yield from self._in_folder(place)

    def _in_folder(self, folder: Path) -> Iterator[Found]:
        if not folder.is_symlink():
            for path in folder.glob("*"):
                yield from self._as_found(path)

    def _as_found(self, path: Path) -> Iterator[Found]:
        digest = f"sha256:{path.name}"
        with contextlib.suppress(FileNotFoundError):
            about = path.lstat()
            try:
                ours = self.path(digest) == path and not stat.S_ISDIR(about.st_mode)
            except InvalidDigest:
                ours = False
            yield Found(
                name=str(path.relative_to(self.root)),
                digest=digest if ours else None,
                size=about.st_size,
                written=about.st_mtime,
                is_file=stat.S_ISREG(about.st_mode),
            )

    def sweep(self, older_than: float) -> int:
        """Removes what writers that died left in `tmp/`, unwritten for `older_than` seconds; returns its bytes."""
        freed = 0
        for draft in (self.root / "tmp").glob("*"):
            with contextlib.suppress(FileNotFoundError):
                found = draft.stat()
                if found.st_mtime < time.time() - older_than:
                    draft.unlink()
                    freed += found.st_size
        return freed


def _no_link(name: str, flags: int) -> int:
    """Opens a file; a link is no blob, as what it leads to was never hashed. Raises OSError (ELOOP)."""
    return os.open(name, flags | os.O_NOFOLLOW)


def _fsync_names(target: Path) -> None:
    for folder in (target.parent, target.parent.parent):
        fsync_folder(folder)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _copy(source: io.BufferedReader, sink: io.FileIO, offset: int, length: int) -> str:
    """Copies and hashes; returns the digest of what was copied. Constant memory."""
    source.seek(offset)
    hashed = hashlib.sha256()
    buffer = memoryview(bytearray(min(CHUNK, max(length, 1))))
    left = length
    while left:
        count = source.readinto(buffer[: min(left, len(buffer))])
        if not count:
            raise BlobMismatch(f"the file ends {left} bytes early")
        hashed.update(buffer[:count])
        write_all(sink.fileno(), buffer[:count])
        left -= count
    return f"sha256:{hashed.hexdigest()}"


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Writes all of `data`: one call may take only a part. Raises OSError; what was taken stays written."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def fsync_folder(folder: Path) -> None:
    """Makes the names in `folder` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
