"""Rules carried out: the dry run promises to the byte what the blob store then loses."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from analyzer.models import MOST_DAYS, AuditLine, Blob, Image, Reference, Retention, RetentionRule, RetentionRun
from analyzer.selectors.access import OPERATOR
from analyzer.selectors.retention import plan_of
from analyzer.services import retention
from analyzer.services.leases import Taken
from analyzer.services.removal import remove_image
from analyzer.services.retention import carry_out_now, ring_due, ring_lost, run_daily
from analyzer.services.retention_rules import BadRule, set_daily, write_rule
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.rows import add_image
from tests.taking import run_job

BASE = layer({"etc/motd": b"hello" * 900})


def on_disk() -> int:
    return sum(path.stat().st_size for path in Path(settings.BLOB_DIR).rglob("*") if path.is_file())


@pytest.fixture
def pushes(cast: Cast, tmp_path: Path) -> list[Image]:
    """`app:1` … `app:4`, pushed one day after the other, on `base:1`; the first two share a layer that no other has."""
    pair = layer({"pair": bytes(range(256)) * 20})
    stacks = {"base:1": [BASE], **{f"app:{n}": [BASE, layer({f"srv/{n}": f"{n}".encode() * 999})] for n in range(1, 5)}}
    for name in ("app:1", "app:2"):
        stacks[name].append(pair)
    found = []
    for number, (name, layers) in enumerate(stacks.items()):
        run_job(tmp_path, docker_save(image(layers, tags=[name])), cast.team, name=f"{number}.tar")
        reference = Reference.objects.get(tag=name.split(":")[1], repository__endswith=name.split(":")[0])
        at = timezone.now() - timedelta(days=10 - number)
        Reference.objects.filter(pk=reference.pk).update(moved=at)
        found.append(reference.image)
    assert Blob.objects.filter(kept=True).count() == 6
    return found


def test_the_disk_loses_what_the_dry_run_says(cast: Cast, pushes: list[Image], django_capture_on_commit_callbacks):
    assert plan_of(cast.alice, cast.team).goes == ()
    RetentionRule.objects.create(team=cast.team, pattern="app:*", keep_last=1)
    RetentionRule.objects.create(team=cast.team, pattern="base:*", keep_days=3)
    plan = plan_of(cast.alice, cast.team)
    assert [item.references for item in plan.goes] == [("app:1",), ("app:2",), ("app:3",)]
    assert [item.pk for item in plan.in_use] == [pushes[0].pk]
    assert [item.freed > 0 for item in plan.goes] == [True, True, True]
    assert plan.goes[1].on_disk > plan.goes[0].on_disk  # what the two share goes with the second
    before = on_disk()
    with django_capture_on_commit_callbacks(execute=True):
        kept = carry_out_now(plan, cast.team, cast.alice)
    assert (kept.images, kept.freed, kept.on_disk) == (3, plan.freed, plan.on_disk)
    assert before - on_disk() == plan.on_disk > 0
    assert set(Image.objects.values_list("pk", flat=True)) == {pushes[0].pk, pushes[4].pk}
    lines = list(AuditLine.objects.filter(action__in=("image.delete", "retention.run")).order_by("pk"))
    assert [line.action for line in lines] == ["image.delete"] * 3 + ["retention.run"]
    assert lines[-1].details["blob_bytes"] == plan.on_disk
    assert AuditLine.objects.filter(action="retention_rule.add", object="app:*: keeps the last 1").exists()


def test_the_command_lists_first_and_deletes_then(cast: Cast, pushes: list[Image]):
    RetentionRule.objects.create(team=cast.team, pattern="app:*", keep_last=2, keep_days=9)

    def told(*arguments: str) -> str:
        out = StringIO()
        call_command("retain", "--team", cast.team.slug, *arguments, stdout=out)
        return out.getvalue()

    (document,) = json.loads(told("--dry-run", "--json"))
    assert [row["references"] for row in document["images"]] == [["app:1"]]
    assert document["on_disk"] == sum(row["on_disk"] for row in document["images"]) > 0
    assert "1 of 5 images go" in told("--dry-run")
    assert Image.objects.count() == 5
    assert "1 deleted" in told()
    assert Image.objects.count() == 4
    assert "0 of 4 images go" in told()


def test_what_was_pushed_again_since_the_dry_run_stays(cast: Cast):
    for number in range(3):
        add_image(cast.team, [f"app:{number}"], layers={f"app{number}": 10})
    RetentionRule.objects.create(team=cast.team, pattern="*", keep_last=1)
    plan = plan_of(OPERATOR, cast.team)
    Reference.objects.filter(tag="0").update(moved=timezone.now())
    assert len(plan.goes) == 2
    assert carry_out_now(plan, cast.team).images == 1
    assert set(Reference.objects.values_list("tag", flat=True)) == {"0", "2"}


def test_what_was_pushed_while_the_plan_was_made_stays_though_its_push_is_older_by_the_clock(cast: Cast):
    rolled_back, *_ = [add_image(cast.team, [f"app:{n}"], layers={f"app{n}": 10}) for n in range(3)]
    RetentionRule.objects.create(team=cast.team, pattern="app:*", keep_last=1)
    plan = plan_of(OPERATOR, cast.team)
    before = plan.at - timedelta(seconds=1)  # in a transaction that ended after the plan looked
    Reference.objects.create(team=cast.team, repository="app", tag="stable", image=rolled_back, moved=before)
    assert len(plan.goes) == 2
    assert carry_out_now(plan, cast.team).images == 1
    assert Image.objects.filter(pk=rolled_back.pk).exists()


def test_what_another_team_holds_is_not_told_and_goes_from_this_team_alone(cast: Cast):
    both = add_image(cast.team, ["app:0"], layers={"shared": 500})
    both.holdings.create(team=cast.other_team)
    add_image(cast.team, ["app:1"], layers={"app": 10})
    RetentionRule.objects.create(team=cast.team, pattern="*", keep_last=1)
    assert plan_of(cast.alice, cast.team).freed == 500  # as if Alice's teams were all there are
    plan = plan_of(OPERATOR, cast.team)
    assert plan.freed == 0
    assert carry_out_now(plan, cast.team).images == 1
    assert list(both.teams.all()) == [cast.other_team]


def test_it_runs_by_itself_once_a_day_where_the_team_wants_so(cast: Cast):
    for number in range(2):
        add_image(cast.team, [f"app:{number}"], layers={f"app{number}": 10})
    RetentionRule.objects.create(team=cast.team, pattern="*", keep_last=1)
    run_daily(cast.team.pk)
    assert Image.objects.count() == 2
    set_daily(cast.team, True)
    run_daily(cast.team.pk)  # a day from now: nobody loses images by the click that turns it on
    assert Image.objects.count() == 2
    Retention.objects.update(due=timezone.now())
    set_daily(cast.team, True)  # it is on
    ring_due()
    run_daily(cast.team.pk)
    assert Image.objects.count() == 1
    add_image(cast.team, ["app:3"], layers={"app3": 10})
    run_daily(cast.team.pk)  # rung twice
    assert Image.objects.count() == 2
    Retention.objects.update(due=timezone.now() - timedelta(days=2))
    run_daily(cast.team.pk)
    assert Image.objects.count() == 1
    assert list(RetentionRun.objects.values_list("way", "images", "freed")) == [("daily", 1, 10), ("daily", 1, 10)]


def many(cast: Cast, count: int) -> None:
    for number in range(count):
        add_image(cast.team, [f"app:{number}"], layers={f"app{number}": 10})
    RetentionRule.objects.create(team=cast.team, pattern="*", keep_last=1)


def test_a_run_that_was_asked_for_lets_go_what_was_seen_and_nothing_that_came_under_the_rules_since(cast: Cast):
    many(cast, 3)
    row = retention.ask(cast.team, cast.alice, plan_of(cast.alice, cast.team))
    with pytest.raises(retention.AtWork):
        retention.ask(cast.team, cast.alice, plan_of(cast.alice, cast.team))
    Reference.objects.filter(tag="0").update(moved=timezone.now())  # pushed again: it stays, and `2` would go now
    retention.run(row.pk)
    with pytest.raises(Taken):
        retention.run(row.pk)
    assert set(Reference.objects.values_list("tag", flat=True)) == {"0", "2"}
    row.refresh_from_db()
    assert (row.images, row.freed, row.error, row.finished is not None) == (1, 10, "", True)
    assert [gone["names"] for gone in row.gone] == [["app:1"]]
    assert AuditLine.objects.get(action="retention.run").actor == "alice"


def test_a_run_that_was_killed_goes_on_and_one_that_fails_each_time_is_given_up(cast: Cast, monkeypatch, settings):
    many(cast, 4)
    row = retention.ask(cast.team, cast.alice, plan_of(cast.alice, cast.team))
    removed: list[object] = []

    def breaks(image: Image, *more: object) -> object:
        if len(removed) == 1:
            raise OSError("the disk is away")
        removed.append(image)
        return remove_image(image, *more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(retention, "remove_image", breaks)
        for _ in range(2):
            retention.run(row.pk)
    row.refresh_from_db()
    assert (row.images, row.finished) == (1, None)
    assert row.error
    RetentionRun.objects.update(rung=timezone.now() - timedelta(hours=1))
    assert (ring_lost(), ring_lost()) == (1, 0)
    retention.run(row.pk)
    row.refresh_from_db()
    assert (row.images, row.error, Image.objects.count()) == (3, "", 1)
    RetentionRun.objects.update(finished=None, attempt=settings.JOB_ATTEMPTS)
    with pytest.raises(Taken):
        retention.run(row.pk)
    assert "Given up" in RetentionRun.objects.get().error


def test_a_log_tells_no_more_than_whoever_is_in_this_team_alone_may_know(cast: Cast):
    """Not even that another team holds a layer, which the command counts as staying."""
    both = add_image(cast.team, ["app:0"], layers={"shared": 500})
    both.holdings.create(team=cast.other_team)
    add_image(cast.team, ["app:1"], layers={"app": 10})
    RetentionRule.objects.create(team=cast.team, pattern="*", keep_last=1)
    call_command("retain", stdout=StringIO())
    row = RetentionRun.objects.get(team=cast.team)
    assert (row.images, row.freed, row.gone[0]["freed"]) == (1, 500, 500)
    assert row.finished


@pytest.mark.parametrize(
    ("pattern", "last", "days", "why"),
    [
        (" ", 1, None, "1 to 300"),
        ("x" * 301, 1, None, "1 to 300"),
        ("*", None, None, "or both"),
        ("*", 0, None, "the last 1 to"),
        ("*", None, MOST_DAYS + 1, "younger than 1 to"),
    ],
)
def test_what_is_no_rule_is_refused(cast: Cast, pattern: str, last: int | None, days: int | None, why: str):
    with pytest.raises(BadRule, match=why):
        write_rule(RetentionRule(team=cast.team), pattern, last, days)
    assert not RetentionRule.objects.exists()
