from hypothesis import given

from analyzer.filetree.entry import Kind
from analyzer.filetree.merged import Merged, merge
from tests.filetree.stacks import Entry, file, folder, hardlink, mount, raw, symlink, whiteout
from tests.filetree.test_against_oracle import FEWER, stacks


def view(*layers: list[Entry]) -> Merged:
    return merge(mount(*layers)[0])


def rows(merged: Merged) -> dict[str, tuple[str, int, bytes | None, int, int]]:
    """Path → kind, size, link, layer of the entry, layer of the bytes."""
    columns = (merged.kinds, merged.sizes, merged.links, merged.layers, merged.data_layers)
    return {
        path.decode(): (Kind(kind).label, size, link, layer, data)
        for path, kind, size, link, layer, data in zip(merged.paths, *columns, strict=True)
    }


def test_each_row_has_the_layer_whose_entry_is_shown() -> None:
    merged = view([folder("a"), file("a/b", 3), file("c", 1)], [file("c", 2), file("d/e")])
    assert rows(merged) == {
        "a": ("dir", 0, None, 0, 0),
        "a/b": ("file", 3, None, 0, 0),
        "c": ("file", 2, None, 1, 1),
        "d": ("dir", 0, None, 1, 1),
        "d/e": ("file", 0, None, 1, 1),
    }
    assert list(merged.ordinals) == [0, 1, 0, 1, 2]
    assert merged.implied == bytes([0, 0, 0, 1, 0])


def test_folders_are_cumulated_over_layers() -> None:
    merged = view([file("a/b", 3), file("a/gone", 9)], [file("a/c/d", 4), whiteout("a/gone")])
    assert list(zip(merged.paths, merged.totals, merged.below, merged.parents, strict=True)) == [
        (b"a", 7, 3, -1),
        (b"a/b", 3, 0, 0),
        (b"a/c", 4, 1, 0),
        (b"a/c/d", 4, 0, 2),
    ]


def test_the_other_names_of_an_inode_are_links_to_the_one_with_the_bytes() -> None:
    merged = view([file("m", 3), hardlink("a", "m")], [hardlink("z", "a")])
    assert rows(merged) == {
        "a": ("hardlink", 0, b"m", 0, 0),
        "m": ("file", 3, None, 0, 0),
        "z": ("hardlink", 0, b"m", 1, 0),
    }


def test_where_that_name_is_gone_the_first_one_has_the_bytes() -> None:
    merged = view([file("m", 3, mode=0o600), hardlink("a", "m")], [hardlink("z", "m"), whiteout("m")])
    assert rows(merged) == {"a": ("file", 3, None, 0, 0), "z": ("hardlink", 0, b"a", 1, 0)}
    assert list(merged.modes) == [0o600, 0o600]
    assert merged.sha256s[0] is not None
    assert list(merged.offsets) == [512, 512]


def test_a_link_to_a_symlink_takes_its_place() -> None:
    assert rows(view([symlink("s", "to"), hardlink("a", "s")], [whiteout("s")])) == {"a": ("symlink", 2, b"to", 0, 0)}


def test_a_link_to_nothing_stands_as_it_is() -> None:
    assert rows(view([hardlink("a", "gone")])) == {"a": ("hardlink", 0, b"gone", 0, 0)}


def test_a_folder_where_an_entry_gave_way_is_an_implied_one() -> None:
    merged = view([Entry(b"a", size=9, mode=0o600, uid=4), file("a/b", 1)])
    assert rows(merged)["a"] == ("dir", 0, None, 0, 0)
    assert (merged.modes[0], merged.uids[0], merged.implied[0], merged.sha256s[0]) == (0o755, 0, 1, None)


def test_no_whiteout_marker_or_aufs_name_is_in_it() -> None:
    assert view([file("a")], [whiteout("a"), raw(b"d/.wh..wh..opq"), raw(b".wh..wh.plnk/1")]).paths == [b"d"]


def test_an_empty_chain_has_an_empty_view() -> None:
    assert len(view()) == len(view([])) == 0
    assert Merged.from_parquet(view([]).to_parquet()).layers == []


@FEWER
@given(stacks())
def test_sizes_sum_to_the_merged_size_and_all_comes_back_from_parquet(layers: list[list[Entry]]) -> None:
    chain, _ = mount(*layers)
    merged = merge(chain)
    assert merged.size == chain.merged_size
    assert list(merged.paths) == sorted(chain.visible)
    assert len(merged) - merged.implied.count(1) == chain.entries
    assert all(parent == -1 or merged.kinds[parent] == Kind.DIR for parent in merged.parents)
    again = Merged.from_parquet(merged.to_parquet())
    assert rows(again) == rows(merged)
    assert list(again.totals) == list(merged.totals)


@FEWER
@given(stacks())
def test_what_is_in_a_folder_and_who_provides_its_bytes_equals_a_look_at_every_row(layers: list[list[Entry]]) -> None:
    merged = merge(mount(*layers)[0])
    for top in (-1, *range(len(merged))):
        inside = [row for row in range(len(merged)) if merged.parents[row] == top]
        assert list(merged.children(top)) == inside
        provided: dict[int, int] = {}
        for row, path in enumerate(merged.paths):
            if merged.sizes[row] and (top < 0 or path.startswith(merged.paths[top] + b"/")):
                layer = merged.layers[row]
                provided[layer] = provided.get(layer, 0) + merged.sizes[row]
        assert merged.providers.get(top, {}) == provided
