"""Retention and quotas by the API: read by a team, written by its owners, run once the list that was read is named."""

import json
from typing import Any

from analyzer.models import Quota, RetentionRule, RetentionRun
from analyzer.services import retention
from tests.api.client import Api
from tests.cast import Cast
from tests.rows import add_image

AT = "teams/alices-team/retention/"


def sent(api: Api, method: str, path: str, document: dict[str, Any]) -> Any:
    return api.call(method, path, json.dumps(document), "application/json")


def test_rules_are_written_read_and_carried_out(cast: Cast):
    for number in (1, 2, 3):
        add_image(cast.team, [f"app:{number}"], layers={f"app{number}": 10})
    alice = Api(cast.alice, scope="admin")
    rule = sent(alice, "POST", f"{AT}rules/", {"pattern": "app:*", "keep_last": 2})
    assert (rule.status_code, rule.json()["keep_days"]) == (201, None)
    assert sent(alice, "POST", f"{AT}rules/", {"pattern": "app:*"}).status_code == 422
    one = f"{AT}rules/{rule.json()['id']}/"
    assert sent(alice, "PUT", one, {"pattern": "app:*", "keep_last": 1}).json()["keep_last"] == 1
    told = alice.get(AT).json()
    assert ([row["references"] for row in told["images"]], told["freed"]) == ([["app:1"], ["app:2"]], 20)
    assert sent(alice, "POST", f"{AT}runs/", {"key": "another"}).status_code == 409
    run = sent(alice, "POST", f"{AT}runs/", {"key": told["key"]})
    assert (run.status_code, run.json()["state"]) == (202, "running")
    assert sent(alice, "POST", f"{AT}runs/", {"key": told["key"]}).status_code == 409
    retention.run(RetentionRun.objects.get().pk)
    assert [(row["state"], row["images"], row["user"]) for row in alice.get(AT).json()["runs"]] == [
        ("done", 2, "alice")
    ]
    assert alice.call("DELETE", one).status_code == 204
    assert alice.get(AT).json()["rules"] == []


def test_access_by_team_works_and_ownership_is_checked(cast: Cast):
    rule = RetentionRule.objects.create(team=cast.team, pattern="app:*", keep_last=1)
    Quota.objects.create(team=cast.team, stored=100)
    bob, charlie = Api(cast.bob, scope="admin"), Api(cast.charlie, scope="admin")
    assert bob.get(AT).json()["rules"][0]["pattern"] == "app:*"
    assert bob.get("teams/alices-team/quotas/").json() == [{"of": "stored", "limit": 100, "used": 0, "percent": 0}]
    assert [charlie.get(path).status_code for path in (AT, "teams/alices-team/quotas/")] == [404, 404]
    for api in (bob, charlie, Api(cast.alice, scope="read")):
        assert sent(api, "POST", f"{AT}rules/", {"pattern": "*", "keep_last": 1}).status_code in (403, 404)
        assert sent(api, "PUT", f"{AT}rules/{rule.pk}/", {"pattern": "*", "keep_last": 1}).status_code in (403, 404)
    assert charlie.call("DELETE", f"teams/charlies-team/retention/rules/{rule.pk}/").status_code == 404
    assert RetentionRule.objects.get().pattern == "app:*"


def test_a_bad_id_gives_404(cast: Cast):
    alice = Api(cast.alice, scope="admin")
    assert alice.get("teams/no-such-team/retention/").status_code == 404
    assert alice.call("DELETE", f"{AT}rules/999999/").status_code == 404
