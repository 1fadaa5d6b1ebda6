"""What a Docker Engine says of an image, and how ours is compared with it.

`history` is the engine's `/images/NAME/history`, `export` its `docker export`, one entry a line (though names may hold
newlines): TYPE MODE UID GID SIZE PATH -> LINK.
"""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

# What the engine itself puts into every created container, image or not.
ENGINES_OWN = frozenset(
    {b".dockerenv", b"dev", b"dev/console", b"dev/pts", b"dev/shm", b"etc", b"etc/hostname", b"etc/hosts"}
    | {b"etc/resolv.conf", b"etc/mtab", b"proc", b"sys"}
)
_LINE = re.compile(rb"^(file|dir|symlink|hardlink|char|block|fifo) (\d{4}) (\d+) (\d+) (\d+) ", re.MULTILINE)

Row = tuple[int, str, int, str]
Inode = tuple[frozenset[bytes], str, str, int, int, int, bytes]
"""All names, kind, mode, uid, gid, size, symlink target."""


def history_of_engine(path: Path) -> list[Row]:
    """CREATED (seconds since 1970), CREATED BY, SIZE, COMMENT, newest first."""
    rows = json.loads(path.read_bytes())
    return [(row["Created"], row["CreatedBy"], row["Size"], row["Comment"]) for row in rows]


def history_of_ours(document: Mapping[str, Any]) -> list[Row]:
    return [
        (int(datetime.fromisoformat(step["created"]).timestamp()), step["created_by"], step["size"], step["comment"])
        for step in reversed(document["history"])
    ]


def inodes_of_engine(path: Path) -> set[Inode]:
    return inodes(_engine_entries(path.read_bytes().removesuffix(b"\n")))


def inodes_of_ours(entries: Iterable[Mapping[str, Any]]) -> set[Inode]:
    return inodes(_our_entries(entries))


Entry = tuple[str, str, int, int, int, bytes, bytes]
"""kind, mode, uid, gid, size, path, link."""


def inodes(entries: Iterable[Entry]) -> set[Inode]:
    """Hard links are names of one file, whichever of them comes first."""
    files: dict[bytes, Entry] = {}
    target_of: dict[bytes, bytes] = {}
    for entry in entries:
        *_, path, link = entry
        if path in ENGINES_OWN:
            continue
        if entry[0] == "hardlink":
            target_of[path] = link
        else:
            files[path] = entry
    names: defaultdict[bytes, set[bytes]] = defaultdict(set)
    for path in files:
        names[path].add(path)
    for path in target_of:
        holder = path
        while holder in target_of:
            holder = target_of[holder]
        names[holder].add(path)
    found: set[Inode] = set()
    for holder, all_names in names.items():
        kind, mode, uid, gid, size, _, link = files[holder]
        bytes_held = size if kind == "file" else 0
        found.add((frozenset(all_names), kind, mode, uid, gid, bytes_held, link if kind == "symlink" else b""))
    return found


def _engine_entries(text: bytes) -> Iterator[Entry]:
    starts = list(_LINE.finditer(text))
    for index, match in enumerate(starts):
        end = starts[index + 1].start() - 1 if index + 1 < len(starts) else len(text)
        kind, mode, uid, gid, size = (part.decode() for part in match.groups())
        path, _, link = text[match.end() : end].partition(b" -> ")
        yield kind, mode, int(uid), int(gid), int(size), path.rstrip(b"/"), link


def _our_entries(entries: Iterable[Mapping[str, Any]]) -> Iterator[Entry]:
    for entry in entries:
        path, link = name_of(entry, "path"), name_of(entry, "link")
        yield entry["kind"], entry["mode"], entry["uid"], entry["gid"], entry["size"], path, link


def name_of(entry: Mapping[str, Any], field: str) -> bytes:
    """A path or link as bytes; one that is not UTF-8 is percent-escaped beside its `_bytes` twin."""
    value: str | None = entry[field]
    if value is None:
        return b""
    raw: str | None = entry.get(f"{field}_bytes")
    return base64.b64decode(raw) if raw else value.encode()


def documents(text: str) -> Sequence[Mapping[str, Any]]:
    """One JSON object a line."""
    return [json.loads(line) for line in text.splitlines() if line]
