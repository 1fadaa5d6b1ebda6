"""Files that several layers carry each for itself, against sets made by hand."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing import commonground
from analyzer.sharing.commonground import CommonSet, File, Folder, Ground, folders_of

Layers = dict[int, list[File]]


def sets(layers: Layers, least: int = 1, most: int = 100) -> list[CommonSet]:
    ground = Ground()
    for number, files in layers.items():
        ground.add(number, files)
    return ground.sets(least, most, layers.__getitem__)


def files(*texts: str, size: int = 10) -> list[File]:
    """`path=content`"""
    return [
        (path.encode(), content.encode() or None, size) for path, _, content in (text.partition("=") for text in texts)
    ]


def test_files_are_told_apart_by_the_layers_that_hold_them():
    found = sets({1: files("a=x", "b=y", "c=z"), 2: files("a=x", "b=y"), 5: files("a=x", "own=o")})
    assert [(each.layers, each.files, each.size, each.saving) for each in found] == [
        ((1, 2, 5), 1, 10, 20),
        ((1, 2), 1, 10, 10),
    ]


def test_the_same_bytes_at_another_path_are_another_file():
    assert sets({1: files("a=x"), 2: files("b=x")}) == []


@pytest.mark.parametrize("files_of_a_part", [1, 3, 1_000])
def test_grouping_in_parts_gives_the_same(monkeypatch: pytest.MonkeyPatch, files_of_a_part: int) -> None:
    monkeypatch.setattr(commonground, "PART_FILES", files_of_a_part)
    many = [f"{number}={number}" for number in range(50)]
    found = sets({1: files(*many), 2: files(*many[:20]), 3: files(*many[10:30])})
    assert sorted((each.layers, each.files) for each in found) == [((1, 2), 10), ((1, 2, 3), 10), ((1, 3), 10)]


def test_what_is_no_file_or_has_no_bytes_is_left_out():
    assert sets({1: files("a=x", size=0), 2: files("a=x", size=0)}) == []
    assert sets({1: files("link="), 2: files("link=")}) == []
    assert sets({}) == []


def test_small_sets_and_those_beyond_the_most_are_left_out():
    layers = {1: files("a=x", "b=y"), 2: files("a=x"), 3: files("b=y"), 4: files("b=y")}
    assert [each.layers for each in sets(layers)] == [(1, 3, 4), (1, 2)]
    assert [each.layers for each in sets(layers, most=1)] == [(1, 3, 4)]
    assert sets(layers, least=11) == []


def test_a_set_says_where_its_files_lie():
    mine = files("usr/lib/python3/a=1", "usr/lib/python3/b=2", "usr/bin/python=3", "usr/share/doc/python/x=4")
    (found,) = sets({1: mine, 2: [*mine, *files("srv/app=5")]})
    assert [folder.path for folder in found.folders] == [
        b"usr/bin/python",
        b"usr/lib/python3/a",
        b"usr/lib/python3/b",
        b"usr/share/doc/python/x",
    ]


def test_folders_are_opened_until_they_branch():
    deep = [(b"opt/venv/lib/python3/site-packages/" + name, 10) for name in (b"a/1", b"a/2", b"b/1", b"b/2", b"c")]
    assert [(folder.path.rpartition(b"/")[2], folder.files) for folder in folders_of(deep)] == [
        (b"a", 2),
        (b"b", 2),
        (b"c", 1),
    ]
    assert folders_of([(b"srv/app", 3)]) == (Folder(b"srv/app", 1, 3),)
    assert folders_of([]) == ()


def test_a_branch_that_weighs_half_is_opened_once_more():
    found = folders_of([(b"usr/lib/a/1", 40), (b"usr/lib/b/1", 30), (b"usr/lib/b/2", 5), (b"etc/x", 5), (b"etc/y", 5)])
    assert found == (Folder(b"usr/lib/a/1", 1, 40), Folder(b"usr/lib/b", 2, 35), Folder(b"etc", 2, 10))


def test_files_side_by_side_are_told_by_their_folder():
    beside = [(b"app/lib/%d.jar" % number, 10) for number in range(5)]
    assert folders_of(beside) == (Folder(b"app/lib", 5, 50),)
    assert folders_of([*beside, (b"app/lib/native/x", 70)]) == (
        Folder(b"app/lib/native/x", 1, 70),
        Folder(b"app/lib", 5, 50),
    )


PATHS = st.sampled_from(["a", "b/c", "b/d", "e/f/g"])


@given(
    st.dictionaries(
        st.integers(0, 6), st.dictionaries(PATHS, st.tuples(st.sampled_from("xyz"), st.integers(1, 5)), max_size=4)
    )
)
def test_every_file_of_two_layers_is_in_one_set(described: dict[int, dict[str, tuple[str, int]]]):
    size_of = {"x": 3, "y": 5, "z": 8}
    layers: Layers = {
        number: [(path.encode(), content.encode(), size_of[content]) for path, (content, _) in held.items()]
        for number, held in described.items()
    }
    holders: dict[tuple[bytes, bytes | None, int], list[int]] = defaultdict(list)
    for number, held in sorted(layers.items()):
        for file in held:
            holders[file].append(number)
    expected: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for (_, _, size), numbers in holders.items():
        if len(numbers) > 1:
            expected[tuple(numbers)].append(size)
    found = sets(layers)
    assert {each.layers: (each.files, each.size) for each in found} == {
        numbers: (len(sizes), sum(sizes)) for numbers, sizes in expected.items()
    }
    assert [each.saving for each in found] == sorted((each.saving for each in found), reverse=True)
