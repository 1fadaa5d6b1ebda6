"""The kinds of entry that a layer holds, and the members of a tar as the scanner hands them over."""

from dataclasses import dataclass, field
from enum import IntEnum


class Kind(IntEnum):
    """Stored in listings by value: never renumber."""

    FILE = 0
    DIR = 1
    SYMLINK = 2
    HARDLINK = 3
    CHAR = 4
    BLOCK = 5
    FIFO = 6
    WHITEOUT = 7  # .wh.NAME hides NAME below
    OPAQUE = 8  # .wh..wh..opq hides all that lies below its folder
    AUFS = 9  # other .wh..wh.* bookkeeping, never merged

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(slots=True)
class Members:
    """The members of one layer's tar, in the order of the tar, as parallel columns.

    Refused names (`..`, empty after normalisation but not the root) are not among them, though
    `count` counts them: it is the number of members of the tar, `./`, whiteouts and duplicates
    included, PAX and GNU header records not.
    """

    count: int = 0
    paths: list[bytes] = field(default_factory=list)  # normalised: no leading or trailing slash
    kinds: list[int] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)  # permission bits, 0o7777
    uids: list[int] = field(default_factory=list)
    gids: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)  # bytes; a symlink's target length; else 0
    mtimes: list[int] = field(default_factory=list)  # nanoseconds since 1970
    links: list[bytes | None] = field(default_factory=list)  # symlink: as it stands; hardlink: normalised
    sha256s: list[bytes | None] = field(default_factory=list)  # 32 raw bytes; regular files only
    xattrs: list[dict[bytes, bytes] | None] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)  # of the data in the plain tar; -1: sparse
