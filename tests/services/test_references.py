"""References of a team, many at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analyzer.models import Image, Reference, ReferenceMove
from analyzer.services import references
from tests.cast import Cast
from tests.rows import add_image

pytestmark = pytest.mark.django_db


def images(cast: Cast) -> tuple[Image, Image]:
    return add_image(cast.team, ["one"], layers={"base": 1}), add_image(cast.team, ["two"], layers={"app": 1})


def test_thousands_of_names_cost_a_few_queries(cast: Cast) -> None:
    one, _ = images(cast)
    names = [f"docker.io/library/app:{number}" for number in range(1_000)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        references.point(cast.team, names, one)
    assert len(queries) < 20
    assert Reference.objects.filter(image=one, repository="docker.io/library/app").count() == 1_000


def test_only_what_moved_is_noted_as_a_move(cast: Cast) -> None:
    one, two = images(cast)
    references.point(cast.team, ["x/app:1", "x/app:2", "x/app:1"], one)
    references.point(cast.team, ["x/app:1", "x/app:2"], one)
    references.point(cast.team, ["x/app:2", "x/app:3"], two)
    told = ReferenceMove.objects.order_by("pk").values_list("reference__tag", "image_digest")
    assert list(told) == [("1", one.image_id), ("2", one.image_id), ("2", two.image_id), ("3", two.image_id)]


def test_another_team_has_names_of_its_own(cast: Cast) -> None:
    one, two = images(cast)
    references.point(cast.team, ["x/app:1"], one)
    references.point(cast.other_team, ["x/app:1"], two)
    assert Reference.objects.get(team=cast.team, repository="x/app").image == one


def test_names_by_digest_and_names_without_a_place_are_not_kept(cast: Cast) -> None:
    one, _ = images(cast)
    before = Reference.objects.count()
    references.point(cast.team, [f"x/app@sha256:{'0' * 64}", f"{'r.' * 300}io/app:1"], one)
    assert Reference.objects.count() == before
