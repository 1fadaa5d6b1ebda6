"""The File page in words, and its rows with their links."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.filetree.entry import Kind
from analyzer.selectors.file_diff import MOST_BYTES as MOST_BYTES
from analyzer.selectors.file_text import Part
from analyzer.selectors.image_file import FileStory, Version
from analyzer.selectors.same_content import Copy
from analyzer.selectors.shown import shown
from analyzer.units import binary_text, grouped
from analyzer.web.file_query import FileQuery

_KIND_WORDS = {
    Kind.FILE: "A file",
    Kind.DIR: "A folder",
    Kind.SYMLINK: "A symbolic link",
    Kind.HARDLINK: "A hard link",
    Kind.CHAR: "A character device",
    Kind.BLOCK: "A block device",
    Kind.FIFO: "A named pipe",
}


@dataclass(frozen=True, slots=True)
class VersionRow:
    version: Version
    look: str  # address of what is seen on top of its layer
    compare: str  # address of what differs from the version before
    current: bool


@dataclass(frozen=True, slots=True)
class CopyRow:
    copy: Copy
    path: str
    look: str


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    address: str
    current: bool = False
    style: str = ""  # the diffID whose colour it has


def heading(story: FileStory) -> str:
    """What became of the path, in a sentence."""
    first, last = story.versions[0], story.versions[-1]
    changes = sum(version.change == "modified" for version in story.versions)
    what = _KIND_WORDS[story.kind] if story.kind is not None else "A path"
    came = f"{what} that layer {first.index} brought"
    if changes:
        came += f", {'one layer' if changes == 1 else f'{changes} layers'} changed"
    if not story.visible:
        came += f" and layer {last.index} hid"
    return came


def without_bytes(story: FileStory) -> str:
    """Why there is nothing to see."""
    match story.kind:
        case None:
            return f"On top of layer {story.at} nothing is seen at this path."
        case Kind.DIR:
            return ""
        case Kind.SYMLINK:
            return ""
        case Kind.HARDLINK:
            return "The hard link leads to no file: it has no bytes."
    return f"{_KIND_WORDS[story.kind]} has no bytes."


def version_rows(story: FileStory, query: FileQuery) -> list[VersionRow]:
    """Newest first. A version can be compared with the one before if both are files."""
    rows: list[VersionRow] = []
    before: Version | None = None
    for version in story.versions:
        is_file = version.entry is not None and version.entry.kind in ("file", "hardlink")
        was_file = before is not None and before.entry is not None and before.entry.kind in ("file", "hardlink")
        differs = is_file and was_file and "content" in version.changed
        rows.append(
            VersionRow(
                version,
                look="" if version.change == "removed" else query.address(at=version.index),
                compare=query.address(at=version.index, against=before.index) if differs and before else "",
                current=story.shown is not None
                and story.shown.layer == version.index
                and (version.change == "removed") == (story.shown.row is None),
            )
        )
        before = version
    return rows[::-1]


def folders(path: bytes, query: FileQuery) -> list[Link]:
    """The folders above, the top one first."""
    parts = path.split(b"/")
    return [Link(shown(parts[end]), query.address(path=b"/".join(parts[: end + 1]))) for end in range(len(parts) - 1)]


def levels(story: FileStory, query: FileQuery) -> list[Link]:
    """Each layer as a place to look from, bottom first."""
    return [
        Link(str(index), query.address(at=index), index == story.at, layer.diff_id)
        for index, layer in enumerate(story.stack.layers)
    ]


def copy_rows(story: FileStory, copies: Sequence[Copy], query: FileQuery) -> list[CopyRow]:
    """The other entries with the content of what is seen."""
    own = (story.path, story.shown.layer if story.shown else -1)
    return [
        CopyRow(copy, shown(copy.path), query.address(path=copy.path, at=None if copy.visible else copy.index))
        for copy in copies
        if (copy.path, copy.index) != own
    ]


def target(story: FileStory, query: FileQuery) -> Link | None:
    """Where a symbolic or hard link leads, by its text alone: links above it are not followed."""
    entry = story.entry
    if entry is None or entry.link is None or story.shown is None or story.shown.row is None:
        return None
    raw = story.stack.listings[story.shown.layer].links[story.shown.row] or b""
    from_root = raw.startswith(b"/") or story.kind is Kind.HARDLINK
    parts: list[bytes] = [] if from_root else story.path.split(b"/")[:-1]
    for part in raw.split(b"/"):
        if part == b"..":
            parts = parts[:-1]
        elif part not in (b"", b"."):
            parts.append(part)
    path = b"/".join(parts)
    known = any(listing.ordinal(path) is not None for listing in story.stack.listings)
    return Link(entry.link, query.address(path=path) if known else "")


def part_words(part: Part) -> str:
    """What of the file is shown, and as what."""
    if part.size == 0:
        return "An empty file"
    if not part.encoding:
        return f"No text: {_span(part, 'bytes')} in hexadecimal"
    guess = "UTF-8" if part.encoding == "utf-8" else f"taken for {_NAMES[part.encoding]}"
    lines = f"lines {grouped(part.first_line)}–{grouped(part.next_line - 1)}" if part.lines else "no line"
    whole = part.start == 0 and not part.more
    if whole:
        lines = "one line" if len(part.lines) == 1 else f"{grouped(len(part.lines))} lines"
    return f"Text, {guess}: {lines}" + ("" if whole else f" of {binary_text(part.size)}")


_NAMES = {
    "utf-16-le": "UTF-16 by its mark",
    "utf-16-be": "UTF-16 by its mark",
    "utf-32-le": "UTF-32 by its mark",
    "utf-32-be": "UTF-32 by its mark",
    "cp1252": "Windows-1252, as it is no UTF-8",
}


def _span(part: Part, what: str) -> str:
    if part.start == 0 and not part.more:
        return f"{grouped(part.size)} {what}"
    return f"{what} {grouped(part.start)}–{grouped(part.end)} of {grouped(part.size)}"
