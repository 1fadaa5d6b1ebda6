"""`POST /api/v1/gate/`: the command over HTTP, for teams that hold the image; badges for who bears a token."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from analyzer.models import GateRun, LayerIndex, Membership, Role
from analyzer.services.indexing import ensure_indexed
from tests.api.client import Api
from tests.archives import docker_save
from tests.cast import Cast
from tests.gateshop import BAD, GOOD, PLAIN_RULES, open_shop
from tests.taking import bring


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Cast:
    open_shop(tmp_path, cast.team)
    return cast


def asked(api: Api, **body: Any) -> Any:
    return api.call("POST", "gate/", json.dumps(body), type="application/json")


def test_an_image_is_judged_and_what_passed_is_kept(shop: Cast):
    api = Api(shop.alice)
    first = asked(api, image="shop:1", rules="rules: {efficiency: 0.9}", rules_name=".layersite-ci.yaml")
    assert (first.status_code, first["Layersite-Gate"]) == (200, "passed")
    told = first.json()
    assert (told["passed"], told["changed"], told["kept"], told["base"]) == (True, True, True, "base:1")
    run = GateRun.objects.get()
    assert (run.team, run.user, run.repository, run.tag) == (shop.team, shop.alice, "docker.io/library/shop", "1")
    again = asked(api, image="shop:1", rules="rules: {efficiency: 0.9}").json()
    assert (again["changed"], again["kept"]) == (False, False)
    bad = asked(api, image="shop:2", rules=PLAIN_RULES)
    assert (bad["Layersite-Gate"], bad.json()["against"]["name"]) == ("failed", "shop:1")
    assert len(bad.json()["fix"]) == 3
    assert asked(api, image=BAD.id, rules="size: 1", keep=False).json()["detail"].startswith("Line 1")
    assert GateRun.objects.count() == 2


def test_every_format_is_answered_in_its_own_type(shop: Cast):
    api = Api(shop.bob)
    answers = {
        name: asked(api, image="shop:2", rules=PLAIN_RULES, against="shop:1", keep=False, format=name)
        for name in ("text", "junit", "sarif", "markdown")
    }
    assert {each["Layersite-Gate"] for each in answers.values()} == {"failed"}
    assert answers["text"].content.startswith(b"shop:2")
    assert ElementTree.fromstring(answers["junit"].content).tag == "testsuites"  # noqa: S314
    assert answers["sarif"]["Content-Type"] == "application/sarif+json"
    assert "the gate is shut" in answers["markdown"].content.decode()
    wanted = ["junit", "sarif", "markdown"]
    told = asked(api, image="shop:2", rules=PLAIN_RULES, against="shop:1", keep=False, reports=wanted).json()
    assert told["reports"] == {name: answers[name].content.decode() for name in wanted}


def test_a_viewer_may_ask_and_nothing_of_it_is_kept(shop: Cast):
    Membership.objects.filter(user=shop.bob).update(role=Role.VIEWER)
    assert asked(Api(shop.bob), image="shop:1", rules="rules: {efficiency: 0.9}").json()["kept"] is False
    assert not GateRun.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"image": "shop:1", "rules": "rules:\n  nope: 1"}, 422, "Line 2: 'nope' is no rule."),
        ({"image": "shop:1", "rules": "a: &a [1]\nb: *a"}, 422, "Line 1: Anchors and aliases"),
        ({"image": "shop:1", "format": "pdf"}, 422, "A format is one of text, json"),
        ({"image": "shop:1", "team": "charlies-team"}, 404, "No team of yours that is called charlies-team"),
        ({"image": "nothing:1"}, 404, "No image is known as"),
        ({"image": "shop:1", "against": "nothing:1"}, 404, "No image is known as"),
        ({"image": "shop:1\x00@x"}, 422, "match pattern"),
        ({"image": "shop:1", "rules_name": "\x00"}, 422, "match pattern"),
        ({"image": "shop:1", "rules": "\ud800"}, 422, "unicode"),
        ({"image": "shop:1", "rules": "x" * 70_000}, 422, "at most 65536 characters"),
    ],
)
def test_what_can_not_be_judged_is_a_problem_document(shop: Cast, body: dict[str, str], status: int, says: str):
    response = asked(Api(shop.alice), **body)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert says in response.json()["detail"]


def test_while_layers_are_to_be_searched_a_rule_about_secrets_waits(shop: Cast):
    api = Api(shop.alice)
    response = asked(api, image="shop:1", rules="rules: {findings: [secret-file]}")
    assert (response.status_code, response["Retry-After"]) == (503, "3")
    assert asked(api, image="shop:1", rules="rules: {findings: [error]}").status_code == 200
    LayerIndex.objects.update(attempt=99)
    ensure_indexed()
    assert asked(api, image="shop:1", rules="rules: {findings: [secret-file]}").json()["passed"] is True


def test_without_a_token_nothing_is_judged(shop: Cast):
    assert asked(Api(None), image="shop:1").status_code == 401
    assert Api(None).get("gate/badge/?image=shop:1").status_code == 401


def test_another_teams_image_is_not_there_for_the_gate_nor_to_compare_with(shop: Cast, tmp_path: Path):
    charlie = Api(shop.charlie)
    nothing = asked(charlie, image="nothing:1").json()["detail"].replace("nothing", "shop")
    for named in ("shop:1", GOOD.id, GOOD.id[7:19]):
        response = asked(charlie, image=named)
        assert response.status_code == 404
        assert charlie.get(f"gate/badge/?image={named}").status_code == 404
    assert asked(charlie, image="shop:1").json()["detail"] == nothing
    # He has the image of the same name himself: Alice's accepted images are none of his, nor is her base.
    asked(Api(shop.alice), image="shop:1", rules="rules: {efficiency: 0.9}")
    bring(tmp_path, docker_save(BAD), shop.other_team, name="his.tar")
    asked(Api(shop.alice), image="shop:2", rules=PLAIN_RULES)
    assert b"not judged" in charlie.get("gate/badge/?image=shop:2").content
    told = asked(charlie, image="shop:2", rules=PLAIN_RULES).json()
    assert (told["against"], told["base"]) == (None, None)
    assert asked(charlie, image="shop:2", against="shop:1").status_code == 404


def test_a_badge_tells_what_was_said_last_or_the_efficiency(shop: Cast):
    api = Api(shop.alice)
    assert b"gate: not judged" in api.get("gate/badge/?image=shop:1").content
    asked(api, image="shop:1", rules="rules: {efficiency: 0.9}")
    asked(api, image="shop:2", rules=PLAIN_RULES)
    assert b"gate: passed" in api.get("gate/badge/?image=shop:1").content
    shut = api.get("gate/badge/?image=shop:2")
    assert (b"gate: failed" in shut.content, shut["Content-Type"]) == (True, "image/svg+xml; charset=utf-8")
    assert b"efficiency: 77.27 %" in api.get("gate/badge/?image=shop:1&shows=efficiency").content
    assert api.get("gate/badge/?image=shop:1&shows=nothing").status_code == 422
