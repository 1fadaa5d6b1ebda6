"""Random stacks of layers, on few names so that they collide, against the oracle: every figure, every entry."""

import random
from functools import cache
from itertools import count, product
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.filetree import compare, whiteout
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change, LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.overlay import UnionMount
from tests.filetree.oracle import Oracle
from tests.filetree.oracle_words import Step
from tests.filetree.stacks import Entry, listing, members

Shape: TypeAlias = tuple[Kind, int, bytes | None, bytes | None]  # kind, size, link, digest

FIXED = settings(max_examples=500, derandomize=True, deadline=None)
# For what holds whatever the rules are: fewer show it, and some write a document for each layer.
FEWER = settings(FIXED, max_examples=150)

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


def check(mount: UnionMount, of: Listing, diff: LayerDiff, step: Step, oracle: Oracle) -> None:
    codes = {path: Change(change).label for path, change in zip(of.paths, diff.changes, strict=True) if change}
    assert codes == step.changes
    masks = {path: set(compare.labels(mask)) for path, mask in zip(of.paths, diff.changed, strict=True) if mask}
    assert masks == {path: differs for path, differs in step.changed.items() if differs}
    tally = list(step.changes.values())
    assert (diff.added, diff.modified) == (tally.count("added"), tally.count("modified"))
    assert diff.removed == step.removed
    dead = {
        (item.layer, mount.listings[item.layer].paths[item.ordinal]): (item.cause.value, of.paths[item.hider])
        for item in diff.dead
    }
    assert dead == step.dead
    assert len(dead) == len(diff.dead)
    assert all(item.size == mount.listings[item.layer].sizes[item.ordinal] for item in diff.dead)
    assert {finding.path for finding in diff.findings} == step.dangling
    assert (diff.dive.cumulative, diff.dive.minimal, diff.dive.wasted) == step.dive
    check_view(mount, step)
    waste = sum(oracle.entries[key].size for key in oracle.dead)
    assert sum(mount.waste.values()) == waste
    assert mount.merged_size == mount.size - waste


def check_view(mount: UnionMount, step: Step) -> None:
    seen: dict[bytes, tuple[bool, int | None, tuple[int, bytes] | None]] = {}
    for path, ref in mount.visible.items():
        if mount.is_implied(ref):
            seen[path] = (True, None, None)
            continue
        rows, ordinal = mount.row(ref)
        assert rows.paths[ordinal] == path
        holder = mount.inodes.holder(ref)
        holder_rows, at = mount.row(holder)
        seen[path] = (mount.is_folder(ref), ref >> 32, (holder >> 32, holder_rows.paths[at]))
    expected = {
        path: (there.folder, None, None) if there.entry is None else (there.folder, there.layer, there.inode)
        for path, there in step.shown.items()
    }
    assert seen == expected
    assert mount.entries == sum(there.entry is not None for there in step.shown.values())


@FIXED
@given(stacks())
def test_every_figure_and_every_entry_is_the_oracles(layers: list[list[Entry]]) -> None:
    mount, oracle = UnionMount(), Oracle()
    for layer in layers:
        of = listing(*layer)
        diff = mount.apply(of)
        check(mount, of, diff, oracle.apply(layer), oracle)
        assert LayerDiff.from_bytes(diff.to_bytes(of), mount.listings) == without_findings(diff)


@FEWER
@given(stacks())
def test_a_chain_of_stored_listings_is_the_same(layers: list[list[Entry]]) -> None:
    built, stored = UnionMount(), UnionMount()
    for layer in layers:
        of = listing(*layer)
        again = Listing.from_parquet(of.to_parquet())
        assert again.conflicts == of.conflicts
        assert built.apply(of) == stored.apply(again)
    assert built.visible == stored.visible


@FEWER
@given(stacks(), st.randoms(use_true_random=False))
def test_the_order_of_members_matters_to_conflicts_alone(layers: list[list[Entry]], chance: random.Random) -> None:
    one, other = UnionMount(), UnionMount()
    for layer in layers:
        kept = without_conflicts(layer)
        shuffled = chance.sample(kept, len(kept))
        assert one.apply(listing(*kept)) == other.apply(listing(*shuffled))
    assert one.visible == other.visible


def without_findings(diff: LayerDiff) -> LayerDiff:
    return LayerDiff(diff.changes, diff.changed, diff.removed, diff.dead, diff.dive)


def without_conflicts(layer: list[Entry]) -> list[Entry]:
    """The layer without second names, and without what lies below an entry that is no folder."""
    kept: dict[bytes, Entry] = {}
    for entry in layer:
        kept.setdefault(entry.path, entry)
    solid = [entry.path for entry in kept.values() if entry.kind not in (Kind.DIR, Kind.WHITEOUT, Kind.OPAQUE)]
    return [entry for path, entry in kept.items() if not any(path.startswith(above + b"/") for above in solid)]


def test_members_are_laid_out_as_in_a_tar() -> None:
    made = members([Entry(b"a", size=1), Entry(b"b", size=513), Entry(b"c")])
    step = count(512, 1024)
    assert made.offsets[:2] == [next(step), next(step)]
    assert made.offsets[2] == 1536 + 1024 + 512
