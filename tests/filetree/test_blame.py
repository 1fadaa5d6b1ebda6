"""Blame of a path: what each layer did to it, against the union mount, on stacks of all kinds."""

from itertools import pairwise

from hypothesis import given

from analyzer.filetree.blame import Event, blame, is_visible
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change, LayerDiff
from analyzer.filetree.overlay import UnionMount
from tests.filetree.stacks import Entry, file, folder, listing, mount, opaque, symlink, whiteout
from tests.filetree.test_against_oracle import FIXED, stacks


def told(*layers: list[Entry], path: bytes = b"etc/motd") -> list[tuple[int, str]]:
    chain, diffs = mount(*layers)
    return [(event.layer, _words(event)) for event in blame(chain.listings, dict(enumerate(diffs)), path)]


def _words(event: Event) -> str:
    if event.change is Change.REMOVED:
        return str(event.cause)
    return " ".join([event.change.label, *event.changed])


def test_the_layer_that_added_a_file_and_those_that_changed_it():
    layers = [[file("etc/motd", 5)], [file("other")], [file("etc/motd", 5, mode=0o600)], [file("etc/motd", 9)]]
    assert told(*layers) == [(0, "added"), (2, "modified mode"), (3, "modified content mode")]


def test_a_whiteout_of_the_path_deletes_it():
    assert told([file("etc/motd")], [whiteout("etc/motd")]) == [(0, "added"), (1, "deleted")]


def test_a_whiteout_of_a_folder_above_takes_it_along():
    assert told([file("etc/motd")], [whiteout("etc")], [file("etc/x")]) == [(0, "added"), (1, "parent_deleted")]


def test_a_marker_empties_its_folder_and_the_path_may_come_again_in_that_layer():
    events = told([file("etc/motd", 1)], [opaque("etc"), file("etc/motd", 2)])
    assert events == [(0, "added"), (1, "opaque"), (1, "added")]


def test_a_folder_above_that_became_a_link_hides_it():
    assert told([file("etc/motd")], [symlink("etc", "usr/etc")]) == [(0, "added"), (1, "type_changed")]


def test_a_folder_that_comes_again_is_unchanged():
    assert told([folder("etc")], [folder("etc", mtime=7)], path=b"etc") == [(0, "added"), (1, "unchanged")]


def test_a_folder_that_only_entries_imply_has_no_entry_of_its_own():
    assert told([file("etc/motd")], [folder("etc", mode=0o700)], path=b"etc") == [(0, "none"), (1, "modified mode")]


def test_a_path_that_no_layer_has_has_no_story():
    assert told([file("etc/motd")], path=b"nowhere") == []


@FIXED
@given(stacks())
def test_every_path_is_told_as_the_mount_shows_it(layers: list[list[Entry]]) -> None:
    chain, diffs = UnionMount(), []
    linked = any(entry.kind is Kind.HARDLINK for layer in layers for entry in layer)
    for layer in layers:
        diffs.append(chain.apply(listing(*layer)))
        for path in {path for known in chain.listings for path in known.paths}:
            events = blame(chain.listings, dict(enumerate(diffs)), path)
            ref = chain.visible.get(path)
            assert is_visible(events) == (ref is not None), path
            if ref is not None and not chain.is_implied(ref):
                own = [event for event in events if event.change is not Change.NONE]
                assert (own[-1].layer, own[-1].row) == (ref >> 32, chain.row(ref)[1])
            if not linked:
                check_deaths(events, diffs)


def check_deaths(events: list[Event], diffs: list[LayerDiff]) -> None:
    """Each entry that is gone has the cause and the hider that waste has for it."""
    for before, event in pairwise(events):
        if before.row is not None and before.change is not Change.NONE and event.change is Change.REMOVED:
            dead = {(item.layer, item.ordinal): item for item in diffs[event.layer].dead}
            found = dead[before.layer, before.row]
            assert (found.cause, found.hider) == (event.cause, event.hider)
