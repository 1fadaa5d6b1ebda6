import pytest

from analyzer.filetree.entry import Kind
from analyzer.filetree.whiteout import is_bare, kind_of, target


@pytest.mark.parametrize("path", [b"a", b"wh.a", b"a.wh.b", b"dir/.whoops", b".wh", b"a/.w"])
def test_ordinary_names_have_no_kind_of_their_own(path: bytes) -> None:
    assert kind_of(path) is None


@pytest.mark.parametrize(
    ("path", "hidden"), [(b".wh.a", b"a"), (b"a/.wh.b", b"a/b"), (b"a/.wh..b", b"a/.b"), (b"a/.wh.\xff", b"a/\xff")]
)
def test_a_whiteout_hides_the_name_beside_it(path: bytes, hidden: bytes) -> None:
    assert kind_of(path) is Kind.WHITEOUT
    assert target(path) == hidden


@pytest.mark.parametrize(("path", "folder"), [(b".wh..wh..opq", b""), (b"a/b/.wh..wh..opq", b"a/b")])
def test_an_opaque_marker_empties_its_folder(path: bytes, folder: bytes) -> None:
    assert kind_of(path) is Kind.OPAQUE
    assert target(path) == folder


@pytest.mark.parametrize(
    "path", [b".wh..wh.plnk", b"a/.wh..wh.aufs", b".wh..wh.plnk/12.34", b"a/.wh..wh.orph/b/c", b".wh..wh.x/.wh.a"]
)
def test_other_reserved_names_are_aufs_bookkeeping_with_all_below(path: bytes) -> None:
    assert kind_of(path) is Kind.AUFS


@pytest.mark.parametrize("path", [b".wh.a/b", b".wh..wh..opq/b"])
def test_what_lies_below_a_whiteout_or_marker_is_ordinary(path: bytes) -> None:
    assert kind_of(path) is None


@pytest.mark.parametrize("path", [b".wh.", b"a/.wh.", b".wh..", b"a/.wh..."])
def test_a_whiteout_of_nothing_is_bare(path: bytes) -> None:
    assert kind_of(path) is Kind.WHITEOUT
    assert is_bare(path)
    with pytest.raises(ValueError, match="hides nothing"):
        target(path)


def test_an_ordinary_name_has_no_target() -> None:
    with pytest.raises(ValueError, match="hides nothing"):
        target(b"a/b")
