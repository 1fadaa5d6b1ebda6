"""The Retention page: rules, what they would let go, a run that is asked for by name, and when it ran."""

from analyzer.models import Image, Retention, RetentionRule, RetentionRun, Role
from analyzer.selectors.retention import plan_of
from analyzer.services import retention
from tests.cast import Cast
from tests.rows import add_image
from tests.web.budget import get_within_budget

PAGE = "/teams/alices-team/retention/"


def three_pushes(cast: Cast) -> list[Image]:
    base = add_image(cast.team, ["base:1"], layers={"debian": 700})
    return [
        base,
        *(add_image(cast.team, [f"app:{n}"], layers={"debian": 700, f"app{n}": 10 + n}, minutes=n) for n in (1, 2, 3)),
    ]


def test_an_owner_writes_rules_and_sees_what_they_would_let_go(cast: Cast):
    three_pushes(cast)
    alice = cast.client(cast.alice)
    assert "No rule yet" in get_within_budget(alice, PAGE).content.decode()
    for form, why in (
        ({"pattern": "app:*"}, "or both"),
        ({"pattern": "", "keep_last": "1"}, "required"),
        ({"pattern": "app:*", "keep_last": "many"}, "whole number"),
    ):
        refused = alice.post(f"{PAGE}rules/", form)
        assert (refused.status_code, why in refused.content.decode()) == (400, True)
    assert alice.post(f"{PAGE}rules/", {"pattern": "app:*", "keep_last": "1"}).status_code == 302
    alice.post(f"{PAGE}rules/", {"pattern": "base:*", "keep_days": "1", "keep_last": ""})
    text = get_within_budget(alice, PAGE).content.decode()
    assert "2 of 4 images go, and 23 B of layers" in text
    assert "type <code>alices-team</code>" in text
    rule = RetentionRule.objects.get(pattern="app:*")
    assert "The rule for app:*" in get_within_budget(alice, f"{PAGE}rules/{rule.pk}/").content.decode()
    assert alice.post(f"{PAGE}rules/{rule.pk}/", {"pattern": "app:*"}).status_code == 400
    alice.post(f"{PAGE}rules/{rule.pk}/", {"pattern": "app:*", "keep_last": "2"})
    told = alice.get(f"{PAGE}?format=json").json()
    assert [row["references"] for row in told["images"]] == [["app:1"]]
    assert (told["freed"], told["held"], len(told["rules"])) == (11, 4, 2)
    assert "app:1" in alice.get(f"{PAGE}?format=csv&part=images").content.decode()
    assert alice.get(f"{PAGE}?format=json&part=rules").json()["rules"][0]["keep_last"] == 2
    alice.post(f"{PAGE}rules/{rule.pk}/remove/")
    assert RetentionRule.objects.count() == 1


def test_a_run_goes_once_the_list_is_confirmed_by_the_teams_name(cast: Cast):
    three_pushes(cast)
    RetentionRule.objects.create(team=cast.team, pattern="app:*", keep_last=1)
    alice, key = cast.client(cast.alice), plan_of(cast.alice, cast.team).key
    for form, why in (
        ({"key": key, "word": "alice"}, "Type alices-team to confirm"),
        ({"key": "another", "word": "alices-team"}, "since this was listed"),
    ):
        refused = alice.post(f"{PAGE}run/", form)
        assert (refused.status_code, why in refused.content.decode()) == (409, True)
    assert not RetentionRun.objects.exists()
    assert alice.post(f"{PAGE}run/", {"key": key, "word": " alices-team "}).status_code == 302
    assert alice.post(f"{PAGE}run/", {"key": key, "word": "alices-team"}).status_code == 409
    part = {"HX-Request": "true", "HX-Target": "runs"}
    live = get_within_budget(alice, PAGE, **part)
    assert (live.status_code, "A run is at work" in live.content.decode()) == (200, True)
    retention.run(RetentionRun.objects.get().pk)
    over = alice.get(PAGE, headers=part)
    assert (over.status_code, over["HX-Refresh"]) == (286, "true")
    text = alice.get(PAGE).content.decode()
    assert "by alice on this page" in text
    assert "None of 2 images goes" in text
    (told,) = alice.get(f"{PAGE}?format=json&part=runs").json()["runs"]
    assert (told["state"], told["images"], told["freed"]) == ("done", 2, 23)


def test_an_owner_lets_it_run_once_a_day_and_not_at_once(cast: Cast):
    alice = cast.client(cast.alice)
    alice.post(f"{PAGE}daily/", {"daily": "on"})
    assert "by itself once a day" in alice.get(PAGE).content.decode()
    retention.run_daily(cast.team.pk)
    assert not RetentionRun.objects.exists()
    alice.post(f"{PAGE}daily/")
    assert not Retention.objects.get().daily


def test_access_by_team_works_and_who_does_not_own_only_reads(cast: Cast):
    three_pushes(cast)
    RetentionRule.objects.create(team=cast.team, pattern="app:*", keep_last=1)
    cast.give(cast.bob, Role.VIEWER)
    text = get_within_budget(cast.client(cast.bob), PAGE).content.decode()
    assert "2 of 4 images go" in text
    assert "<form" not in text.partition("<main")[2]


def test_a_bad_id_gives_404(cast: Cast):
    alice = cast.client(cast.alice)
    assert alice.get("/teams/no-such-team/retention/").status_code == 404
    assert alice.get(f"{PAGE}rules/999999/").status_code == 404
    assert alice.post(f"{PAGE}rules/999999/remove/").status_code == 404


def test_ownership_is_checked(cast: Cast):
    """Also where a rule of another team is named by the address of one's own."""
    three_pushes(cast)
    rule = RetentionRule.objects.create(team=cast.team, pattern="app:*", keep_last=1)
    form = {"pattern": "*", "keep_last": "1", "key": plan_of(cast.alice, cast.team).key, "word": "alices-team"}
    for user in (cast.bob, cast.charlie):
        client = cast.client(user)
        for address in ("rules/", f"rules/{rule.pk}/", f"rules/{rule.pk}/remove/", "daily/", "run/"):
            assert client.post(PAGE + address, form).status_code == 404
    charlie = cast.client(cast.charlie)
    assert charlie.get(PAGE).status_code == 404
    assert charlie.post(f"/teams/charlies-team/retention/rules/{rule.pk}/remove/").status_code == 404
    assert (RetentionRule.objects.count(), RetentionRun.objects.count()) == (1, 0)
