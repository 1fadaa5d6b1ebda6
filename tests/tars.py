"""Tars from a description in code: `tar({"etc/passwd": b"root", "etc/old": Whiteout()})`."""

import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

MTIME = 1_700_000_000
BLOCK = 512


@dataclass(frozen=True)
class Entry:
    """What every kind of member has."""

    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int | float = MTIME
    xattrs: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class File(Entry):
    data: bytes = b""


@dataclass(frozen=True)
class Dir(Entry):
    mode: int = 0o755


@dataclass(frozen=True)
class Symlink(Entry):
    target: str | bytes = ""
    mode: int = 0o777


@dataclass(frozen=True)
class Hardlink(Entry):
    target: str | bytes = ""


@dataclass(frozen=True)
class Fifo(Entry):
    pass


@dataclass(frozen=True)
class Device(Entry):
    major: int = 1
    minor: int = 3
    block: bool = False


@dataclass(frozen=True)
class Whiteout(Entry):
    """`{"a/b": Whiteout()}` stands in the tar as `a/.wh.b`."""

    mode: int = 0


@dataclass(frozen=True)
class Opaque(Entry):
    """`{"a": Opaque()}` stands in the tar as `a/.wh..wh..opq`."""

    mode: int = 0


Description = Mapping[Any, Entry | bytes] | Sequence[tuple[str | bytes, Entry | bytes]]  # names: text or bytes


def tar(entries: Description = (), *, tar_format: Literal[0, 1, 2] = 2) -> bytes:
    """The plain tar of `entries`, in their order; bytes stand for a file with them.

    A list of pairs may name a path twice. Names are written as given (`./a`, `/a` and `../a` too),
    but a folder gets its trailing slash. `tar_format`: as tarfile numbers them (ustar, GNU, PAX).
    Without entries: the empty layer, 1,024 zero bytes.
    """
    pairs: Iterable[tuple[str | bytes, Entry | bytes]] = entries.items() if isinstance(entries, Mapping) else entries
    out = bytearray()
    for name, entry in pairs:
        if isinstance(entry, bytes):
            entry = File(data=entry)
        out += _member(_text(name), entry).tobuf(tar_format, "utf-8", "surrogateescape")
        data = entry.data if isinstance(entry, File) else b""
        out += data + bytes(-len(data) % BLOCK)
    return bytes(out) + bytes(2 * BLOCK)


def _text(name: str | bytes) -> str:
    return name.decode(errors="surrogateescape") if isinstance(name, bytes) else name


def _member(name: str, entry: Entry) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mode, info.uid, info.gid, info.mtime = entry.mode, entry.uid, entry.gid, entry.mtime
    info.pax_headers = {
        f"SCHILY.xattr.{key}": value.decode(errors="surrogateescape") for key, value in entry.xattrs.items()
    }
    match entry:
        case File(data=data):
            info.size = len(data)
        case Dir():
            info.type = tarfile.DIRTYPE
        case Symlink(target=target):
            info.type, info.linkname = tarfile.SYMTYPE, _text(target)
        case Hardlink(target=target):
            info.type, info.linkname = tarfile.LNKTYPE, _text(target)
        case Fifo():
            info.type = tarfile.FIFOTYPE
        case Device(major=major, minor=minor, block=block):
            info.type = tarfile.BLKTYPE if block else tarfile.CHRTYPE
            info.devmajor, info.devminor = major, minor
        case Whiteout():
            folder, slash, last = name.rpartition("/")
            info.name = f"{folder}{slash}.wh.{last}"
        case Opaque():
            info.name = f"{name}/.wh..wh..opq" if name else ".wh..wh..opq"
    return info
