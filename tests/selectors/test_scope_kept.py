"""A scope is kept from one page to the next for as long as it tells what the database tells."""

from collections.abc import Callable
from typing import Any

import pytest

from analyzer.models import Holding, Image, ImageLayer, Layer, Membership, NearMiss, Reference, Role
from analyzer.selectors import near_misses
from analyzer.selectors import scope as scopes
from analyzer.selectors.bases import bases_of
from analyzer.selectors.near_misses import families_in, pairs_of
from analyzer.selectors.overview import growth_of
from analyzer.selectors.scope import Scope, scope_of
from analyzer.selectors.scope_facts import once_a_scope
from tests.cast import Cast
from tests.rows import add_image


def fresh(cast: Cast) -> Scope:
    scopes.forget()
    return scope_of(cast.alice)


def test_a_scope_is_the_same_object_while_nothing_changes_and_is_told_apart_after_every_change(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    base = add_image(cast.team, ["base"], layers={"debian": 1000})
    image = add_image(cast.team, ["app", "also"], layers={"debian": 1000, "app": 200})
    add_image(cast.other_team, ["theirs"], layers={"debian": 1000, "theirs": 3})
    known = scope_of(cast.alice)
    with django_assert_num_queries(2):  # who holds what, and names
        assert scope_of(cast.alice) is known
    assert scope_of(cast.bob) is known, "who sees the same is told the same"
    assert scope_of(cast.charlie) is not known
    changes: dict[str, Callable[[], Any]] = {
        "an image comes in": lambda: add_image(cast.team, ["new"], layers={"debian": 1000, "new": 7}),
        "a reference moves": lambda: Reference.objects.filter(image=image, repository__endswith="also").update(
            image=base
        ),
        "a reference goes": lambda: Reference.objects.filter(image=base, repository__endswith="also").delete(),
        "the last reference goes": lambda: Reference.objects.filter(image=image).delete(),
        "another team of Alice's holds it": lambda: Holding.objects.filter(team=cast.other_team).update(team=cast.team),
        "a team has another name": lambda: type(cast.team).objects.filter(pk=cast.team.pk).update(name="Others"),
        "an image goes": lambda: Holding.objects.filter(image=image).delete(),
        "Alice leaves": lambda: Membership.objects.filter(user=cast.alice).delete(),
        "Alice comes": lambda: Membership.objects.create(user=cast.alice, team=cast.team, role=Role.VIEWER),
    }
    for what, change in changes.items():
        before = scope_of(cast.alice)
        change()
        after = scope_of(cast.alice)
        assert after.images != before.images, what
        assert after == fresh(cast), what


def test_an_image_that_lacks_a_layer_is_looked_at_again_each_time(cast: Cast) -> None:
    image = add_image(cast.team, ["app"], layers={"debian": 1000, "app": 200})
    rows = ImageLayer.objects.filter(image=image, index=1)
    layer, chain = rows.values_list("layer_id", "chain_id").get()
    size, top = image.size, image.top_chain_id
    rows.update(layer=None, chain=None)
    Image.objects.filter(pk=image.pk).update(size=None, top_chain=None)
    lacking = scope_of(cast.alice)
    assert scope_of(cast.alice) is lacking
    rows.update(layer=layer)
    assert scope_of(cast.alice).images[image.pk].layers[1] == layer
    rows.update(chain=chain)
    assert scope_of(cast.alice).images[image.pk].chains[-1] == chain
    Image.objects.filter(pk=image.pk).update(size=size, top_chain=top)
    assert scope_of(cast.alice).images[image.pk].size == size


def test_a_fact_is_worked_out_once_a_scope_and_anew_beside_other_things(cast: Cast) -> None:
    add_image(cast.team, ["app"], layers={"debian": 1000})
    asked: list[tuple[int, ...]] = []

    @once_a_scope
    def number(scope: Scope, more: tuple[int, ...]) -> int:
        asked.append(more)
        return len(scope.images) + len(more)

    scope, one, other = scope_of(cast.alice), (1,), (1, 2)
    assert [number(scope, more) for more in (one, one, other, other)] == [2, 2, 3, 3]
    assert asked == [one, other]
    assert number(scope.among([]), other) == 2, "a part of it is another scope"


def test_facts_of_a_scope_are_those_of_the_images_that_are_there_now(cast: Cast) -> None:
    add_image(cast.team, ["app"], layers={"debian": 1000, "app": 200})
    assert bases_of(scope_of(cast.alice)) == {}
    assert len(growth_of(scope_of(cast.alice))) == 1
    base = add_image(cast.team, ["debian"], layers={"debian": 1000}, minutes=1)
    assert [image.pk for image in bases_of(scope_of(cast.alice)).values()] == [base.pk]
    assert len(growth_of(scope_of(cast.alice))) == 2
    assert list(pairs_of(scope_of(cast.alice))) == []


def test_pairs_that_are_at_hand_are_those_of_the_database_and_of_the_scope(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    image = add_image(cast.team, ["app"], layers={"one": 900, "two": 1000, "three": 1100})
    add_image(cast.other_team, ["theirs"], layers={"one": 900, "four": 1000})
    pks = dict(Layer.objects.values_list("size", "pk").filter(image_layers__image=image))
    theirs = Layer.objects.exclude(pk__in=pks.values()).get().pk

    def add(first: int, second: int, common: int) -> NearMiss:
        told = {"common": common, "larger": 1000, "rest": 1000, "aside": 0, "differs": {"files": 1}, "files": []}
        return NearMiss.objects.create(first_id=first, second_id=second, **told)

    def sizes() -> list[int]:
        scope = scope_of(cast.alice)
        monkeypatch.setattr(near_misses, "FEW_LAYERS", 500)
        few = pairs_of(scope)
        monkeypatch.setattr(near_misses, "FEW_LAYERS", 0)
        assert pairs_of(scope) == few
        with django_assert_num_queries(1):
            assert pairs_of(scope) == few
        return [pair.common for pair in few]

    assert sizes() == []
    added = add(pks[900], pks[1000], 800)
    add(pks[900], theirs, 850)
    assert sizes() == [800], "no pair with a layer that Alice's teams do not hold"
    add(pks[1000], pks[1100], 990)
    assert sizes() == [990, 800]
    added.delete()
    assert sizes() == [990]
    assert [family.lost for family in families_in(scope_of(cast.alice), pairs_of(scope_of(cast.alice)))] == [990]
