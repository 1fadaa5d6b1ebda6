"""Random stacks of layers, on few names so that they collide, against the oracle: every figure, every entry."""

import random
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.filetree import compare
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change, LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.overlay import UnionMount
from tests.filetree.oracle import Oracle
from tests.filetree.oracle_words import Step
from tests.filetree.random_stacks import FIXED, stacks
from tests.filetree.stacks import Entry, listing, members

# For what holds whatever the rules are: fewer show it, and some write a document for each layer.
FEWER = settings(FIXED, max_examples=150)


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
