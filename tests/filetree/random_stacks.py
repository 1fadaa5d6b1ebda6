"""Random stacks of layers, on few names so that they collide."""

from functools import cache
from itertools import product
from typing import TypeAlias

from hypothesis import settings
from hypothesis import strategies as st

from analyzer.filetree import whiteout
from analyzer.filetree.entry import Kind
from tests.filetree.stacks import Entry

Shape: TypeAlias = tuple[Kind, int, bytes | None, bytes | None]  # kind, size, link, digest

FIXED = settings(max_examples=500, derandomize=True, deadline=None)

NAMES = st.sampled_from([b"a", b"a", b"b", b"c", b"a-"])
WAYS = st.sampled_from(
    ["same", "same", "below", "below", "beside", "whiteout", "whiteout", "opaque", "link", "link", "odd"]
)
ODD = st.sampled_from(
    [b".wh.", b".wh..", b".wh..wh.x", b".wh..wh.plnk/a", b".wh.a/b", b".wh.a/.wh.b", b".wh..wh..opq/a"]
)
# Drawn as one value each: most of the time goes into drawing.
DIGESTS = [[bytes([size]) * 32, bytes([size]) * 32, None] for size in range(4)]
FILES: list[Shape] = [(Kind.FILE, size, None, digest) for size in range(4) for digest in DIGESTS[size]]
FOLDERS: list[Shape] = [(Kind.DIR, 0, None, None)] * len(FILES)
LINKS: list[Shape] = [(Kind.SYMLINK, 1, b"a", None), (Kind.SYMLINK, 2, b"bb", None)]
PIPES: list[Shape] = [(Kind.FIFO, 0, None, None)] * len(LINKS)
SHAPES = st.sampled_from(FILES + FOLDERS + (LINKS + PIPES) * 3)
ATTRIBUTES = st.sampled_from(
    list(product([0o755, 0o755, 0o700], [0, 0, 7], [1, 2], [None, None, {}, {b"user.a": b"\xff"}]))
)


@cache
def below(limit: int) -> st.SearchStrategy[int]:
    return st.integers(0, limit - 1)


def beside(path: bytes, name: bytes) -> bytes:
    folder, slash, _ = path.rpartition(b"/")
    return folder + slash + name


def draw_entry(draw: st.DrawFn, known: list[bytes]) -> Entry:
    """An entry that has to do with a path that was used before."""
    path, way, link = known[draw(below(len(known)))], draw(WAYS), None
    if way == "below":
        path += b"/" + draw(NAMES)
    elif way == "beside":
        path = beside(path, draw(NAMES))
    elif way == "whiteout":
        path = beside(path, b".wh." + path.rpartition(b"/")[2])
    elif way == "opaque":
        path = (path + b"/" if draw(st.booleans()) else beside(path, b"")) + b".wh..wh..opq"
    elif way == "link":
        path, link = beside(known[draw(below(len(known)))], draw(NAMES)), path
    elif way == "odd":
        path = beside(path, draw(ODD))
    kind = whiteout.kind_of(path)
    if kind is not None:
        return Entry(path, kind)
    if path.count(b"/") < 4 and b".wh." not in path:
        known.append(path)
    shape: Shape = (Kind.HARDLINK, 0, link, None) if link else draw(SHAPES)
    kind, size, link, digest = shape
    mode, uid, mtime, xattrs = draw(ATTRIBUTES)
    return Entry(path, kind, size, mode, uid, 0, mtime, link, digest, xattrs)


@st.composite
def stacks(draw: st.DrawFn) -> list[list[Entry]]:
    known = [b"a", b"a/a"]
    sizes = draw(st.lists(st.integers(1, 8), min_size=2, max_size=6))
    return [[draw_entry(draw, known) for _ in range(size)] for size in sizes]
