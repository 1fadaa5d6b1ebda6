"""Layers described in code, without a byte of their files: `mount([file("a", 100)], [whiteout("a")])`."""

from dataclasses import dataclass, field, replace
from hashlib import sha256

from analyzer.archive.budget import Limits
from analyzer.filetree import whiteout as names
from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.layerdiff import Change, LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.overlay import UnionMount
from analyzer.oci.findings import Finding

MIB = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One member of a tar."""

    path: bytes
    kind: Kind = Kind.FILE
    size: int = 0
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int = 10**18
    link: bytes | None = None
    sha256: bytes | None = None
    xattrs: dict[bytes, bytes] | None = field(default=None, hash=False)

    def __repr__(self) -> str:
        link = f" → {self.link!r}" if self.link is not None else ""
        return f"<{self.kind.label} {self.path!r}{link} {self.size} B {self.mode:o} {self.uid} {self.mtime}>"


def file(path: str, size: int = 0, content: str | None = None, **more: int) -> Entry:
    """A file whose content is told by `content`, else by its size."""
    digest = sha256((content if content is not None else str(size)).encode()).digest()
    return replace(Entry(path.encode(), Kind.FILE, size, sha256=digest), **more)  # type: ignore[arg-type]


def folder(path: str, mode: int = 0o755, **more: int) -> Entry:
    return replace(Entry(path.encode(), Kind.DIR, mode=mode), **more)  # type: ignore[arg-type]


def symlink(path: str, to: str) -> Entry:
    return Entry(path.encode(), Kind.SYMLINK, len(to), 0o777, link=to.encode())


def hardlink(path: str, to: str) -> Entry:
    return Entry(path.encode(), Kind.HARDLINK, link=to.encode())


def whiteout(path: str) -> Entry:
    """The whiteout of `path`."""
    above, slash, name = path.rpartition("/")
    return Entry(f"{above}{slash}.wh.{name}".encode(), Kind.WHITEOUT, mode=0)


def opaque(path: str = "") -> Entry:
    """The marker that empties the folder `path`."""
    return Entry(f"{path}/.wh..wh..opq".lstrip("/").encode(), Kind.OPAQUE, mode=0)


def raw(path: bytes, kind: Kind = Kind.FILE, size: int = 0) -> Entry:
    """An entry of any name, of the kind that its name makes it."""
    by_name = names.kind_of(path)
    return Entry(path, kind if by_name is None else by_name, 0 if by_name is not None else size)


def members(entries: list[Entry]) -> Members:
    """The entries as a scanner hands them over; data offsets as if each had one header block."""
    made = Members(count=len(entries))
    offset = 512
    for entry in entries:
        made.paths.append(entry.path)
        made.kinds.append(int(entry.kind))
        made.modes.append(entry.mode)
        made.uids.append(entry.uid)
        made.gids.append(entry.gid)
        made.sizes.append(entry.size)
        made.mtimes.append(entry.mtime)
        made.links.append(entry.link)
        made.sha256s.append(entry.sha256)
        made.xattrs.append(entry.xattrs)
        made.offsets.append(offset)
        offset += 512 + (entry.size + 511) // 512 * 512
    return made


def listing(*entries: Entry) -> Listing:
    return Listing.build(members(list(entries)), Limits())[0]


def findings(*entries: Entry) -> list[Finding]:
    return Listing.build(members(list(entries)), Limits())[1]


def mount(*layers: list[Entry]) -> tuple[UnionMount, list[LayerDiff]]:
    """The layers, bottom first, one on top of the other."""
    chain = UnionMount()
    return chain, [chain.apply(listing(*layer)) for layer in layers]


def top(*layers: list[Entry]) -> LayerDiff:
    """The diff of the last of the layers."""
    return mount(*layers)[1][-1]


def changes(diff: LayerDiff, of: Listing) -> dict[str, str]:
    """Path → change, of the rows that have one."""
    return {
        path.decode(): Change(change).label
        for path, change in zip(of.paths, diff.changes, strict=True)
        if change != Change.NONE
    }


def causes(*layers: list[Entry]) -> dict[str, tuple[str, int]]:
    """Path of each dead entry → its cause and the index of its hider's layer."""
    chain, diffs = mount(*layers)
    return {
        chain.listings[dead.layer].paths[dead.ordinal].decode(): (dead.cause.value, index)
        for index, diff in enumerate(diffs)
        for dead in diff.dead
    }
