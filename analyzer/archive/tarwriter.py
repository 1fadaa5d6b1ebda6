"""Headers of a tar that is written on the way out (POSIX pax, with `SCHILY.xattr.` as containers carry attributes)."""

import tarfile
from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.archive.tarheader import BLOCK
from analyzer.filetree.entry import Kind

END = bytes(2 * BLOCK)
_TYPES = {
    Kind.FILE: tarfile.REGTYPE,
    Kind.DIR: tarfile.DIRTYPE,
    Kind.SYMLINK: tarfile.SYMTYPE,
    Kind.HARDLINK: tarfile.LNKTYPE,
    Kind.CHAR: tarfile.CHRTYPE,
    Kind.BLOCK: tarfile.BLKTYPE,
    Kind.FIFO: tarfile.FIFOTYPE,
}


@dataclass(frozen=True, slots=True)
class Head:
    """What a header says."""

    path: bytes
    kind: Kind
    mode: int
    uid: int
    gid: int
    mtime: int  # nanoseconds since 1970
    size: int = 0  # of a file
    link: bytes | None = None
    xattrs: Mapping[bytes, bytes] | None = None
    device: tuple[int, int] = (0, 0)


def header(head: Head) -> bytes:
    """The header of one member, extended headers before it included.

    An attribute whose name pax has no way to write (not UTF-8, or with an equals sign) is left out.
    """
    info = tarfile.TarInfo(_text(head.path))
    info.type = _TYPES[head.kind]
    info.mode, info.uid, info.gid = head.mode, head.uid, head.gid
    info.size = head.size if head.kind is Kind.FILE else 0
    info.linkname = _text(head.link or b"")
    info.devmajor, info.devminor = head.device
    seconds, fraction = divmod(head.mtime, 1_000_000_000)
    info.mtime = seconds
    records: dict[str, str] = {}
    if fraction or seconds < 0:
        records["mtime"] = f"{seconds}.{fraction:09}" if seconds >= 0 else _negative(head.mtime)
    for name, value in (head.xattrs or {}).items():
        try:
            key = name.decode()
        except UnicodeDecodeError:
            continue
        if "=" not in key:
            records[f"SCHILY.xattr.{key}"] = _text(value)
    info.pax_headers = records
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def padding(size: int) -> bytes:
    """What follows so many bytes of data."""
    return bytes(-size % BLOCK)


def _negative(nanoseconds: int) -> str:
    seconds, fraction = divmod(-nanoseconds, 1_000_000_000)
    return f"-{seconds}.{fraction:09}"


def _text(name: bytes) -> str:
    return name.decode(errors="surrogateescape")
