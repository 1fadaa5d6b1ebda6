"""What the oracle works on, and how it reads paths and names: written apart from the product's own."""

from dataclasses import dataclass, field

from analyzer.filetree.entry import Kind
from tests.filetree.stacks import Entry

ORDINARY = (Kind.FILE, Kind.DIR, Kind.SYMLINK, Kind.HARDLINK, Kind.CHAR, Kind.BLOCK, Kind.FIFO)
OPAQUE, WHITEOUT, ENTRY = range(3)
Key = tuple[int, bytes]  # layer and path of an entry


@dataclass
class Shown:
    """What the merged view has at a path. An implied folder has no entry."""

    layer: int
    folder: bool
    entry: Entry | None
    inode: Key | None  # the entry that holds the bytes


@dataclass
class Step:
    """What one layer does."""

    changes: dict[bytes, str] = field(default_factory=dict)
    changed: dict[bytes, set[str]] = field(default_factory=dict)
    removed: int = 0
    dead: dict[Key, tuple[str, bytes]] = field(default_factory=dict)  # → cause, path of the hider
    dangling: set[bytes] = field(default_factory=set)
    shown: dict[bytes, Shown] = field(default_factory=dict)
    dive: tuple[int, int, int] = (0, 0, 0)  # cumulative, minimal, wasted


def folders_above(path: bytes) -> list[bytes]:
    parts = path.split(b"/")
    return [b"/".join(parts[:length]) for length in range(1, len(parts))]


def is_below(path: bytes, folder: bytes) -> bool:
    return folder == b"" or path.startswith(folder + b"/")


def hidden_by(entry: Entry) -> bytes:
    """What a whiteout names, or the folder of a marker."""
    folder, _, name = entry.path.rpartition(b"/")
    if entry.kind == Kind.OPAQUE:
        return folder
    return (folder + b"/" if folder else b"") + name[4:]


def is_bare(entry: Entry) -> bool:
    return entry.path.rpartition(b"/")[2] in (b".wh.", b".wh..", b".wh...")


def type_of(entry: Entry) -> str:
    return "file" if entry.kind == Kind.HARDLINK else entry.kind.label
