"""Find: the index narrows to what looking through every listing finds, and shows what the merged view has."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from analyzer.filetree.entry import Kind
from analyzer.filetree.globs import glob_pattern
from analyzer.filetree.parquet import Opened
from analyzer.models import Image, LayerIndex, LayerPackage, Team
from analyzer.selectors.finding import hits, kept
from analyzer.selectors.finding.found import Found, find, progress_of
from analyzer.selectors.finding.query import NotAQuery, parse
from analyzer.selectors.finding.sight import Budget, everything, sight_of
from analyzer.selectors.listings import layers_of, listing_of, replay
from analyzer.services import removal
from analyzer.services.indexing import ensure_indexed
from tests.cast import Cast
from tests.filetree.random_stacks import draw_entry
from tests.filetree.stacks import Entry, file, folder, hardlink, opaque, raw, symlink, whiteout
from tests.shelving import shelve

BASE = [folder("usr"), file("usr/lib/liblzma.so.5.4.1", 9, "old"), symlink("usr/lib/liblzma.so.5", "liblzma.so.5.4.1")]
NEWER = [file("usr/lib/liblzma.so.5.6.0", 10, "new"), whiteout("usr/lib/liblzma.so.5.4.1")]

Row = tuple[str, bytes, str, bool | None]


def looked_for(text: str, *, matches: int = 1000, seconds: float = 30, index: bool = True) -> Found:
    if index:
        ensure_indexed()
    return find(everything(), parse(text), Budget(seconds, matches))


def paths(found: Found) -> list[str]:
    return sorted({match.path.decode() for match in found.matches if match.path is not None})


def shown(found: Found) -> dict[tuple[str, str], bool | None]:
    """Path and image → visible."""
    return {
        (match.path.decode(), image.name): image.visible
        for match in found.matches
        if match.path is not None
        for image in match.images
    }


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    shelve(cast.team, "debian:12", [BASE])
    shelve(cast.team, "shop:1", [BASE, NEWER])
    shelve(cast.other_team, "secret:1", [BASE, [file("srv/secret", 3, "secret")]])
    return cast


@pytest.mark.usefixtures("shelf")
def test_a_glob_finds_each_version_and_says_where_it_still_shows() -> None:
    assert shown(looked_for("**/liblzma.so.5*")) == {
        ("usr/lib/liblzma.so.5", "debian:12"): True,
        ("usr/lib/liblzma.so.5", "shop:1"): True,
        ("usr/lib/liblzma.so.5", "secret:1"): True,
        ("usr/lib/liblzma.so.5.4.1", "debian:12"): True,
        ("usr/lib/liblzma.so.5.4.1", "shop:1"): False,
        ("usr/lib/liblzma.so.5.4.1", "secret:1"): True,
        ("usr/lib/liblzma.so.5.6.0", "shop:1"): True,
    }


@pytest.mark.parametrize(
    ("text", "how", "wanted"),
    [
        ("usr/lib/liblzma.so.5", "path", ["usr/lib/liblzma.so.5"]),
        ("/usr/lib/liblzma.so.5", "path", ["usr/lib/liblzma.so.5"]),
        ("liblzma.so.5", "name", ["usr/lib/liblzma.so.5"]),
        ("*.so.?", "glob", ["usr/lib/liblzma.so.5"]),
        ("LIBLZMA.*", "folded", ["usr/lib/liblzma.so.5", "usr/lib/liblzma.so.5.4.1", "usr/lib/liblzma.so.5.6.0"]),
        ("Lzma.so.5.", "contains", ["usr/lib/liblzma.so.5.4.1", "usr/lib/liblzma.so.5.6.0"]),
        (
            "contains:LIB/libl",
            "contains",
            ["usr/lib/liblzma.so.5", "usr/lib/liblzma.so.5.4.1", "usr/lib/liblzma.so.5.6.0"],
        ),
        ("*lib", "folded", []),  # implied: no entry of the tar
        (".wh.liblzma.so.5.4.1", "contains", []),
        ("usr", "name", ["usr"]),
        ("[z-a]", "contains", []),
        ("nothing/of/the/kind", "contains", []),
    ],
)
@pytest.mark.usefixtures("shelf")
def test_a_text_is_taken_as_it_was_typed_first(text: str, how: str, wanted: list[str]) -> None:
    found = looked_for(text)
    assert paths(found) == wanted
    if wanted:
        assert found.how == how
    assert not found.truncated


@pytest.mark.usefixtures("shelf")
def test_a_content_is_found_by_its_digest_with_or_without_algorithm_whole_or_short() -> None:
    digest = file("x", 9, "old").sha256
    assert digest is not None
    for text in (digest.hex(), f"sha256:{digest.hex()}", digest.hex().upper(), digest.hex()[:7], digest.hex()[:8]):
        assert paths(looked_for(text)) == ["usr/lib/liblzma.so.5.4.1"]
    assert looked_for("0" * 64).matches == []


def test_layers_chains_and_images_are_found_by_their_digests_and_names(shelf: Cast) -> None:
    image = Image.objects.get(references__repository="docker.io/library/shop")
    layer = image.image_layers.get(index=1)
    assert layer.layer is not None
    assert layer.chain is not None
    for text in (layer.diff_id, layer.chain.chain_id, layer.diff_id[7:19]):
        [match] = looked_for(text).matches
        assert (match.kind, match.layer, [item.name for item in match.images]) == ("layer", layer.diff_id, ["shop:1"])
    for text in (image.image_id, image.image_id[7:19], "shop:1", "docker.io/library/shop:1"):
        [match] = looked_for(text).matches
        assert (match.kind, match.images[0].image_id) == ("image", image.image_id)


def test_hexadecimal_digits_that_are_no_digest_are_a_name(cast: Cast) -> None:
    shelve(cast.team, "git", [[file("objects/deadbeef", 1)]])
    assert paths(looked_for("deadbeef")) == ["objects/deadbeef"]


def test_images_are_found_by_what_their_config_says(cast: Cast) -> None:
    config = {"Env": ["PATH=/bin", "MODE=fast"], "Labels": {"maintainer": "Ann"}, "Entrypoint": ["/app/run", "-v"]}
    shelve(cast.team, "one", [[file("a", 1)]], config=config)
    shelve(cast.team, "two", [[file("a", 1)]], config={"Env": ["PATH=/usr/bin"], "Labels": None, "Cmd": ["sh"]})
    for text, names in {
        "env:MODE": ["one"],
        "env:PATH=/usr/bin": ["two"],
        "env:PATH": ["one", "two"],
        "env:MOD": [],
        "label:maintainer": ["one"],
        "label:maintainer=Ann": ["one"],
        "label:maintainer=Bob": [],
        "entrypoint:app/run": ["one"],
        "entrypoint:sh": ["two"],
    }.items():
        assert sorted(match.images[0].name for match in looked_for(text).matches) == names, text


def test_a_package_shows_where_its_database_is_not_replaced(cast: Cast) -> None:
    status = "var/lib/dpkg/status"
    image = shelve(cast.team, "one", [[file(status, 1)]])
    shelve(cast.team, "two", [[file(status, 1)], [file(status, 2)]])
    layer = image.image_layers.get().layer
    assert layer is not None
    ensure_indexed()
    ordinal = listing_of(layer).ordinal(status.encode())
    assert ordinal is not None
    LayerPackage.objects.create(
        layer=layer, kind="dpkg", name="openssl", version="3.0.11", path=status, ordinal=ordinal
    )
    for text in ("package:openssl", "package:open*", "package:openssl=3.0"):
        [match] = looked_for(text).matches
        assert match.package == ("dpkg", "openssl", "3.0.11")
        assert {item.name: item.visible for item in match.images} == {"one": True, "two": False}
    assert looked_for("package:openssl=1").matches == []


def test_where_a_lower_layer_is_missing_it_is_not_known_whether_it_shows(cast: Cast) -> None:
    shelve(cast.team, "torn", [BASE, [file("gone", 1)], NEWER], missing=1)
    assert shown(looked_for("liblzma.so.5.4.1")) == {("usr/lib/liblzma.so.5.4.1", "torn"): None}


def test_names_that_are_not_utf_8_are_found_as_they_are_shown(cast: Cast) -> None:
    shelve(cast.team, "odd", [[raw(b"caf\xe9/menu", size=1), raw("café".encode(), size=1)]])
    assert [match.path for match in looked_for("caf%E9/menu").matches] == [b"caf\xe9/menu"]
    assert [match.path for match in looked_for("café").matches] == ["café".encode()]


@pytest.mark.usefixtures("shelf")
def test_layers_that_are_not_indexed_yet_are_looked_through_all_the_same() -> None:
    assert progress_of(everything()).waiting == 3
    assert paths(looked_for("**/liblzma.so.5.6*", index=False)) == ["usr/lib/liblzma.so.5.6.0"]
    ensure_indexed()
    assert progress_of(everything()).waiting == 0
    assert LayerIndex.objects.count() == 3


@pytest.mark.usefixtures("shelf")
def test_what_does_not_fit_the_budget_is_left_out_and_said_so() -> None:
    found = looked_for("*", matches=2)
    assert len(found.matches) == 2
    assert found.truncated
    nothing = looked_for("*", seconds=0)
    assert nothing.truncated


@pytest.mark.parametrize("text", ["", "  ", "/", "a\0b", "x" * 1025, "label:", "?" * 51])
def test_what_can_not_be_looked_for_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(NotAQuery, match=r"^[A-Z].*\.$"):
        parse(text)


def test_a_viewer_finds_only_what_their_teams_hold(shelf: Cast) -> None:
    ensure_indexed()
    assert len(find(sight_of(shelf.alice), parse("secret"), Budget(9, 99)).matches) == 0
    assert len(find(sight_of(shelf.charlie), parse("secret"), Budget(9, 99)).matches) == 1
    found = find(sight_of(shelf.charlie), parse("**/liblzma*"), Budget(9, 99))
    assert {image.name for match in found.matches for image in match.images} == {"secret:1"}
    layer = Image.objects.get(references__repository="docker.io/library/shop").image_layers.get(index=1).diff_id
    assert find(sight_of(shelf.charlie), parse(layer), Budget(9, 99)).matches == []
    assert find(sight_of(shelf.charlie), parse("shop:1"), Budget(9, 99)).matches == []


def test_what_was_removed_is_found_no_more(shelf: Cast) -> None:
    ensure_indexed()
    removal.remove_image(Image.objects.get(references__repository="docker.io/library/shop"), shelf.team)
    assert paths(looked_for("**/liblzma.so.5*")) == ["usr/lib/liblzma.so.5", "usr/lib/liblzma.so.5.4.1"]


def test_names_of_one_inode_go_one_by_one(cast: Cast) -> None:
    both = [file("bin/git", 9), hardlink("bin/git-add", "bin/git")]
    shelve(cast.team, "one", [both, [whiteout("bin/git")]])
    shelve(cast.team, "two", [both, [opaque("bin")]])
    shelve(cast.team, "three", [[file("bin/git", 9)], [hardlink("bin/new", "bin/git")], [whiteout("bin/git")]])
    assert shown(looked_for("bin/git*")) == {
        ("bin/git", "one"): False,
        ("bin/git-add", "one"): True,
        ("bin/git", "two"): False,
        ("bin/git-add", "two"): False,
        ("bin/git", "three"): False,
    }


def test_an_entry_that_its_own_layer_replaces_shows_nowhere(cast: Cast) -> None:
    shelve(cast.team, "odd", [[file("a", 0), file("a/a", 0), hardlink("a", "a/a")]])
    assert shown(looked_for("a")) == {("a", "odd"): True, ("a/a", "odd"): False}
    assert shown(looked_for("a/a")) == {("a/a", "odd"): False}


def test_a_folder_is_no_target_of_hard_links_and_a_folder_named_as_a_whiteout_is_none(cast: Cast) -> None:
    shelve(cast.team, "one", [[folder("a/b")], [hardlink("a/c", "a/b")], [file("a/b/d", 1)]])
    shelve(cast.team, "two", [[file("x", 1)], [raw(b".wh.x/.wh.y")]])
    assert shown(looked_for("a/b")) == {("a/b", "one"): True}
    assert shown(looked_for("x")) == {("x", "two"): True}


@pytest.mark.parametrize("last", ["a", "a/b"])
def test_an_entry_below_what_is_no_folder_is_found(db: None, last: str) -> None:
    first = "a/b" if last == "a" else "a"
    shelve(
        Team.objects.get(slug="default"), "odd", [[file("a/b", 1, "below")], [file(first, 2, "x"), file(last, 2, "y")]]
    )
    found = looked_for("a/b")
    visible = [image.visible for match in found.matches for image in match.images]
    assert sorted(map(str, visible)) == (["False", "True"] if last == "a/b" else ["False", "False"])


GLOBS = st.sampled_from(
    ["*", "a*", "**/b", "a/*", "?", "*/a*", "[ab]", "**/a-", "a/**", "**", "[!a]", "a", "b", "a/b", "a/a/b", "-", "zz"]
)


class AgainstLookingThroughAll(TestCase):
    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_index_and_listings_agree_with_the_merged_views(self, data: st.DataObject) -> None:
        kept.forget()  # each example has a database of its own
        team = Team.objects.get(slug="default")
        known = [b"a"]
        layers = data.draw(st.lists(st.composite(_layer)(known), min_size=1, max_size=4))
        shelve(team, "all", layers)
        shelve(team, "some", layers[: len(layers) // 2 + 1])
        text = data.draw(GLOBS)
        if data.draw(st.booleans()):
            ensure_indexed()
        found = find(everything(), parse(text), Budget(60, 10_000))
        ours = {
            (match.layer or "", match.path or b"", image.image_id, image.visible)
            for match in found.matches
            for image in match.images
        }
        assert ours == set(_brute(text, found.how))


def _layer(draw: st.DrawFn, known: list[bytes]) -> list[Entry]:
    return [draw_entry(draw, known) for _ in range(draw(st.integers(0, 6)))]


def _brute(text: str, how: str) -> Iterator[Row]:
    """Every entry of every layer of every image, against the image's merged view."""
    for image in Image.objects.all():
        layers = layers_of(image.top_chain) if image.top_chain else []
        merged = replay(layers)
        for layer in {layer.pk: layer for layer in layers}.values():
            listing = listing_of(layer)
            for row, path in enumerate(listing.paths):
                if listing.implied[row] or listing.kinds[row] >= Kind.WHITEOUT or not _fits(path.decode(), text, how):
                    continue
                at = merged.ordinal(path)
                shows = at is not None and merged.ordinals[at] == row and layers[merged.layers[at]] == layer
                shows = shows and not (at is not None and merged.implied[at])  # a folder stands in for what was lost
                yield layer.diff_id, path, image.image_id, shows


def _fits(path: str, text: str, how: str) -> bool:
    if how == "path":
        return path == text
    if how == "name":
        return path.rpartition("/")[2] == text
    if how == "contains":
        return text.lower() in path.lower()
    return re.search(glob_pattern(text), path, re.IGNORECASE if how == "folded" else 0) is not None


def test_the_index_narrows(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing is opened only where the name may be."""
    for number in range(20):
        shelve(cast.team, f"app{number}", [[file(f"srv/program-{number:02}/main.py", number)]])
    ensure_indexed()
    opened: list[int] = []
    real = hits._of_listing

    def noting(layer: int, opened_one: Opened, rows: list[int]) -> list[hits.Hit]:
        opened.append(layer)
        return real(layer, opened_one, rows)

    monkeypatch.setattr(hits, "_of_listing", noting)
    assert paths(looked_for("**/program-07/**")) == ["srv/program-07/main.py"]
    assert len(opened) <= 2
