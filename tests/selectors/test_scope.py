"""Sharing, bases and sums over what a viewer sees, held to sums made by hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.models import Chain, Image, ImageLayer
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID
from analyzer.selectors import scope_rows
from analyzer.selectors.bases import bases_of
from analyzer.selectors.figures import image_row
from analyzer.selectors.image_kin import kin_of
from analyzer.selectors.overview import growth_of, shared_layers, totals_of, wasteful_images
from analyzer.selectors.scope import Scope, ScopeChain, ScopeImage, ScopeLayer, held_by, scope_of
from tests.cast import Cast
from tests.forgetting import forget
from tests.rows import add_image, diff_id


def row_of(cast: Cast, image: Image) -> Any:
    scope = scope_of(cast.alice)
    return image_row(scope, scope.images[image.pk], bases_of(scope))


def test_shared_and_unique_are_by_chain_not_by_layer(cast: Cast):
    first = add_image(cast.team, ["first"], layers={"a": 10, "b": 5})
    add_image(cast.team, ["second"], layers={"b": 5, "a": 10})
    assert (row_of(cast, first).shared, row_of(cast, first).unique) == (0, 15)
    scope = scope_of(cast.alice)
    assert [rung.size for rung in totals_of(scope).rungs[:3]] == [30, 30, 15]


def test_what_other_teams_hold_shares_nothing(cast: Cast):
    mine = add_image(cast.team, ["mine"], layers={"a": 10, "b": 5})
    add_image(cast.other_team, ["theirs"], layers={"a": 10})
    row = row_of(cast, mine)
    assert (row.shared, row.unique, row.base) == (0, 15, None)


def test_a_layer_that_stands_twice_in_an_image_is_counted_twice_by_naive_and_once_by_layers(cast: Cast):
    image = add_image(cast.team, ["a"], layers={"a": 10, "b": 5})
    scope = scope_of(cast.alice)
    held = scope.images[image.pk]
    held.layers = (*held.layers, held.layers[0])
    assert [(item.images, item.saves) for item in shared_layers(scope)] == [(1, 10)]


def test_the_empty_layer_is_kept_out_of_sharing(cast: Cast):
    for name in ("one", "two"):
        add_image(cast.team, [name], layers={"empty": 0, name: 1})
    scope = scope_of(cast.alice)
    pk = next(pk for pk, layer in scope.layers.items() if layer.diff_id == diff_id("empty"))
    scope.layers = {**scope.layers, pk: ScopeLayer(EMPTY_LAYER_DIFF_ID, 0, 0, 0)}
    assert shared_layers(scope) == []
    assert totals_of(scope).shared_layers == 0


def test_the_nearest_base_is_the_longest_proper_prefix(cast: Cast):
    add_image(cast.team, ["bottom"], layers={"a": 1})
    middle = add_image(cast.team, ["middle"], layers={"a": 1, "b": 2})
    top = add_image(cast.team, ["top"], layers={"a": 1, "b": 2, "c": 3})
    row = row_of(cast, top)
    assert row.base.pk == middle.pk
    assert row.own_size == 3


def test_an_image_on_the_same_chain_is_no_base(cast: Cast):
    add_image(cast.team, ["one"], layers={"a": 1}, history=[])
    other = add_image(cast.team, ["two"], layers={"a": 1}, history=[{"created_by": "CMD"}])
    assert row_of(cast, other).base is None


def test_of_two_images_on_one_chain_the_one_whose_history_goes_on_is_the_base(cast: Cast):
    step, command = {"created_by": "RUN a"}, {"created_by": "CMD b"}
    add_image(cast.team, ["other"], layers={"a": 1}, history=[step, {"created_by": "CMD x"}])
    right = add_image(cast.team, ["right"], layers={"a": 1}, history=[step, command])
    top = add_image(cast.team, ["top"], layers={"a": 1, "b": 2}, history=[step, command, {"created_by": "RUN c"}])
    assert row_of(cast, top).base.pk == right.pk


def test_of_two_images_that_are_as_near_the_one_with_a_name_is_the_base(cast: Cast):
    steps = [{"created_by": "RUN a"}]
    add_image(cast.team, [], layers={"a": 1}, history=steps)
    named = add_image(cast.team, ["named"], layers={"a": 1}, history=steps)
    top = add_image(cast.team, ["top"], layers={"a": 1, "b": 2}, history=[*steps, {"created_by": "RUN b"}])
    assert row_of(cast, top).base.pk == named.pk
    chains = list(Chain.objects.filter(image_layers__image=top).order_by("depth"))
    kin = kin_of(cast.alice, top, chains)
    assert kin.base
    assert (kin.base.image_id, kin.ends[0].name) == (named.image_id, "named")


def test_an_image_that_lacks_a_layer_still_has_a_base_and_counts_as_a_user(cast: Cast):
    base = add_image(cast.team, ["base"], layers={"a": 1})
    partial = add_image(cast.team, ["partial"], layers={"a": 1, "gone": 2}, missing=["gone"])
    row = row_of(cast, partial)
    assert (row.base.pk, row.size, row.shared, row.waste, row.efficiency) == (base.pk, None, None, None, None)
    assert row.diff_ids == (diff_id("a"), None)
    assert row_of(cast, base).shared == 1


def test_waste_is_split_at_the_base(cast: Cast):
    add_image(cast.team, ["base"], layers={"a": 100}, waste=30)
    app = add_image(cast.team, ["app"], layers={"a": 100, "b": 100}, waste=50)
    row = row_of(cast, app)
    assert (row.waste, row.own_waste, row.inherited_waste, row.efficiency) == (50, 20, 30, 0.75)
    assert [item.name for item in wasteful_images(scope_of(cast.alice), bases_of(scope_of(cast.alice)))] == [
        "base",
        "app",
    ]


def test_an_image_without_layers_is_empty_and_efficient(cast: Cast):
    row = row_of(cast, add_image(cast.team, ["scratch"], layers={}))
    assert (row.size, row.own_size, row.shared, row.unique, row.waste, row.efficiency) == (0, 0, 0, 0, 0, 1.0)


def test_names_come_from_the_viewers_own_teams(cast: Cast):
    image = add_image(cast.team, ["ours:1"], layers={"a": 1})
    image.holdings.create(team=cast.other_team)
    image.references.create(team=cast.other_team, repository="docker.io/library/theirs", tag="1")
    assert row_of(cast, image).name == "ours:1"
    assert row_of(cast, image).teams == ("Alice's team",)
    assert scope_of(cast.charlie).images[image.pk].name == "theirs:1"


def test_growth_follows_the_order_in_which_images_came(cast: Cast):
    add_image(cast.team, ["late"], layers={"a": 10, "c": 3}, minutes=5)
    add_image(cast.team, ["early"], layers={"a": 10, "b": 2}, minutes=1)
    told = [(item.image.name, item.logical, item.stored) for item in growth_of(scope_of(cast.alice))]
    assert told == [("early", 12, 12), ("late", 25, 15)]


def test_a_scope_can_be_one_team(cast: Cast):
    add_image(cast.team, ["mine"], layers={"a": 1})
    assert held_by(cast.alice, cast.other_team) == set()
    scope = scope_of(cast.alice).among(held_by(cast.alice, cast.team))
    assert [image.name for image in scope.images.values()] == ["mine"]


def scopes() -> st.SearchStrategy[Scope]:
    """Scopes of a few images that are prefixes and branches of each other."""
    return st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=1, max_size=5).map(scope_of_lists)


def scope_of_lists(images: list[list[int]]) -> Scope:
    layers = {pk: ScopeLayer(f"sha256:{pk:064x}", 10**pk, 1, 1) for pk in range(4)}
    chains: dict[tuple[int, ...], int] = {}
    rows: dict[int, ScopeChain] = {}
    made: dict[int, ScopeImage] = {}
    for pk, stack in enumerate(images):
        mine = []
        for depth in range(len(stack)):
            key = tuple(stack[: depth + 1])
            if key not in chains:
                chains[key] = len(chains)
                size = sum(layers[layer].size for layer in key)
                rows[chains[key]] = ScopeChain(str(key), chains.get(key[:-1]), stack[depth], depth, size, 0)
            mine.append(chains[key])
        made[pk] = ScopeImage(pk, str(pk), str(pk), "", rows[mine[-1]].size, None, mine[-1], str(pk))
        made[pk].layers, made[pk].chains = list(stack), mine
    return Scope(made, layers, rows)


@pytest.mark.django_db
@given(scopes())
def test_the_steps_of_the_ladder_never_rise_and_shared_and_unique_make_the_size(scope: Scope):
    naive, chains, layers, _ = (rung.size for rung in totals_of(scope).rungs)
    assert naive is not None
    assert chains is not None
    assert layers is not None
    assert naive >= chains >= layers
    assert naive - layers == sum(item.saves for item in shared_layers(scope))
    for image in scope.images.values():
        row = image_row(scope, image, {})
        assert row.shared is not None
        assert row.unique is not None
        assert row.shared + row.unique == row.size


def test_rows_that_were_read_ahead_are_those_that_a_scope_reads_itself(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    add_image(cast.team, ["app"], layers={"debian": 1000, "app": 200}, waste=50)
    asked = scope_of(cast.alice)
    forget()
    scope_rows.read_ahead()
    with django_assert_num_queries(2):  # images and names
        ahead = scope_of(cast.alice)
    assert (ahead.images, ahead.layers, ahead.chains) == (asked.images, asked.layers, asked.chains)


def test_an_image_that_lacked_a_layer_is_read_anew_until_it_is_whole(cast: Cast) -> None:
    image = add_image(cast.team, ["app"], layers={"debian": 1000, "app": 200})
    rows = ImageLayer.objects.filter(image=image, index=1)
    whole = rows.values("layer", "chain", "image__size", "image__top_chain").get()
    rows.update(layer=None, chain=None)
    Image.objects.filter(pk=image.pk).update(size=None, top_chain=None)
    assert scope_of(cast.alice).images[image.pk].layers[1] is None
    rows.update(layer=whole["layer"], chain=whole["chain"])
    Image.objects.filter(pk=image.pk).update(size=whole["image__size"], top_chain=whole["image__top_chain"])
    assert scope_of(cast.alice).images[image.pk].layers[1] == whole["layer"]
