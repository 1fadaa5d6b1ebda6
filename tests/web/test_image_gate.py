"""The Gate page: rules kept and broken, lines to fix, runs, twins; badges by link, of one reference alone."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analyzer.models import Badge, GateRun, Image, Membership, Reference, Role
from analyzer.services.removal import remove_image
from tests.api.client import Api
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.commands import run
from tests.gateshop import GOOD, PLAIN_RULES, open_shop
from tests.taking import bring
from tests.web.budget import get_within_budget


@pytest.fixture
def bad(cast: Cast, tmp_path: Path) -> Image:
    return open_shop(tmp_path, cast.team)


def address(image: Image, query: str = "") -> str:
    return f"/images/{image.image_id}/gate/{query}"


def judge(cast: Cast, image: str, rules: str = PLAIN_RULES) -> Any:
    body = json.dumps({"image": image, "rules": rules, "rules_name": ".layersite-ci.yaml"})
    return Api(cast.alice).call("POST", "gate/", body, type="application/json").json()


def test_the_page_shows_rules_lines_to_fix_and_what_was_said(cast: Cast, bad: Image):
    client = cast.client(cast.alice)
    page = client.get(address(bad)).content.decode()
    assert "our own rules, as none were brought yet" in page
    assert "Not judged by a build yet" in page
    judge(cast, "shop:1", "rules: {efficiency: 0.9}")
    judge(cast, "shop:2")
    page = client.get(address(bad)).content.decode()
    assert "The gate is shut: efficiency, forbidden-files, growth" in page
    assert "0 of 3 rules kept" in page
    assert "srv/.git/config" in page
    assert ">shop:1</a>" in page
    assert "<code>.layersite-ci.yaml</code>, as it was brought last" in page
    assert "Judged 1 time" in page
    assert "docker.io/library/shop:2" in page


def test_an_image_that_no_build_judged_is_judged_by_the_rules_of_its_repository(cast: Cast, bad: Image):
    judge(cast, "shop:1", "rules:\n  size: 1 B # <b>mine</b>\n")
    page = cast.client(cast.bob).get(address(bad)).content.decode()
    assert "The gate is shut: size" in page
    assert "# &lt;b&gt;mine&lt;/b&gt;" in page


def test_what_an_operator_compared_with_is_named_to_whom_may_see_it_alone(cast: Cast, bad: Image, tmp_path: Path):
    bring(tmp_path, docker_save(image([layer({"x": b"x"})], tags=["vault:9"])), cast.other_team, name="vault.tar")
    assert run("gate", "shop:2", "--against", "vault:9")[0] == 1
    (told,) = cast.client(cast.alice).get(address(bad, "?part=runs&format=json")).json()["runs"]
    assert told["against"] is None
    assert "vault" not in cast.client(cast.alice).get(address(bad)).content.decode()


def test_each_table_has_its_twins(cast: Cast, bad: Image):
    judge(cast, "shop:2")
    client = cast.client(cast.alice)
    told = client.get(address(bad, "?format=json")).json()
    assert told["passed"] is False
    assert {row["rule"]: row["outcome"] for row in told["rules"]} == {
        "efficiency": "failed",
        "forbidden-files": "failed",
        "growth": "skipped",
    }
    text = client.get(address(bad, "?part=fixes&format=csv")).content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert ("forbidden-files", "srv/.git/config") in [(row["rule"], row["path"]) for row in rows]
    (run,) = client.get(address(bad, "?part=runs&format=json")).json()["runs"]
    assert (run["failed"], run["user"]) == (["efficiency", "forbidden-files"], "alice")
    assert client.get(address(bad, "?part=nothing&format=json")).status_code == 404


def test_a_badge_is_made_by_choice_and_needs_no_login(cast: Cast, bad: Image):
    reference = Reference.objects.get(tag="2")
    client = cast.client(cast.alice)
    for shows in ("gate", "gate", "efficiency"):
        made = client.post(address(bad, "badges/"), {"reference": reference.pk, "shows": shows}, follow=True)
        assert made.status_code == 200
    gate, efficiency = Badge.objects.order_by("pk")
    anybody = Client()
    assert f"/badges/{gate.key}.svg" in made.content.decode()
    assert b"gate: not judged" in anybody.get(f"/badges/{gate.key}.svg").content
    judge(cast, "shop:2")
    shown = anybody.get(f"/badges/{gate.key}.svg")
    assert (shown["Content-Type"], shown["Cache-Control"]) == ("image/svg+xml; charset=utf-8", "no-cache")
    assert b"gate: failed" in shown.content
    assert b"shop" not in shown.content
    assert b"efficiency: 50.72 %" in anybody.get(f"/badges/{efficiency.key}.svg").content
    # The reference moves: the badge tells of the image that it means now.
    Reference.objects.filter(pk=reference.pk).update(image=Image.objects.get(image_id=GOOD.id))
    assert b"gate: not judged" in anybody.get(f"/badges/{gate.key}.svg").content
    assert client.post(address(bad, f"badges/{gate.pk}/drop/")).status_code == 302
    assert anybody.get(f"/badges/{gate.key}.svg").status_code == 404


def test_a_badge_says_nothing_of_an_image_that_its_team_has_no_more(cast: Cast, bad: Image):
    reference = Reference.objects.get(tag="2")
    judge(cast, "shop:2")
    badge = Badge.objects.create(team=cast.team, repository=reference.repository, tag="2")
    remove_image(bad, cast.team)
    assert b"gate: no image" in Client().get(f"/badges/{badge.key}.svg").content
    assert not GateRun.objects.exists()


def test_only_an_owner_of_the_team_makes_a_badge_or_takes_it_back(cast: Cast, bad: Image):
    reference = Reference.objects.get(tag="2")
    badge = Badge.objects.create(team=cast.team, repository=reference.repository, tag="2", shows="efficiency")
    Membership.objects.filter(user=cast.bob).update(role=Role.UPLOADER)
    for person in (cast.bob, cast.charlie):
        client = cast.client(person)
        made = client.post(address(bad, "badges/"), {"reference": reference.pk, "shows": "gate"})
        assert made.status_code == 404
        assert client.post(address(bad, f"badges/{badge.pk}/drop/")).status_code == 404
    assert "Make a gate badge" not in cast.client(cast.bob).get(address(bad)).content.decode()
    client = cast.client(cast.alice)
    for wrong in ({"reference": "x", "shows": "gate"}, {"reference": reference.pk, "shows": "x"}):
        assert client.post(address(bad, "badges/"), wrong).status_code == 404
    assert list(Badge.objects.values_list("pk", flat=True)) == [badge.pk]


def test_team_access_works(cast: Cast, bad: Image):
    judge(cast, "shop:2")
    assert get_within_budget(cast.client(cast.bob), address(bad)).status_code == 200


def test_a_bad_id_gives_404(cast: Cast):
    assert cast.client(cast.alice).get(f"/images/sha256:{'0' * 64}/gate/").status_code == 404
    assert Client().get("/badges/nothing.svg").status_code == 404


def test_ownership_is_checked(cast: Cast, bad: Image):
    assert cast.client(cast.charlie).get(address(bad)).status_code == 404
