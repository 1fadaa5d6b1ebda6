"""Rules carried out: the dry run promises to the byte what the blob store then loses."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from analyzer.models import AuditLine, Blob, Image, Reference, Retention, RetentionRule
from analyzer.selectors.access import OPERATOR
from analyzer.selectors.retention import plan_of
from analyzer.services.retention import carry_out, ring_due, run_daily, set_daily
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
        kept = carry_out(plan, cast.team, cast.alice)
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
    assert carry_out(plan, cast.team).images == 1
    assert set(Reference.objects.values_list("tag", flat=True)) == {"0", "2"}


def test_what_another_team_holds_is_not_told_and_goes_from_this_team_alone(cast: Cast):
    both = add_image(cast.team, ["app:0"], layers={"shared": 500})
    both.holdings.create(team=cast.other_team)
    add_image(cast.team, ["app:1"], layers={"app": 10})
    RetentionRule.objects.create(team=cast.team, pattern="*", keep_last=1)
    assert plan_of(cast.alice, cast.team).freed == 500  # as if Alice's teams were all there are
    plan = plan_of(OPERATOR, cast.team)
    assert plan.freed == 0
    assert carry_out(plan, cast.team).images == 1
    assert list(both.teams.all()) == [cast.other_team]


def test_it_runs_by_itself_once_a_day_where_the_team_wants_so(cast: Cast):
    for number in range(2):
        add_image(cast.team, [f"app:{number}"], layers={f"app{number}": 10})
    RetentionRule.objects.create(team=cast.team, pattern="*", keep_last=1)
    run_daily(cast.team.pk)
    assert Image.objects.count() == 2
    set_daily(cast.team, True)
    ring_due()
    run_daily(cast.team.pk)
    assert Image.objects.count() == 1
    add_image(cast.team, ["app:3"], layers={"app3": 10})
    run_daily(cast.team.pk)  # rung twice
    assert Image.objects.count() == 2
    Retention.objects.update(ran=timezone.now() - timedelta(days=2))
    run_daily(cast.team.pk)
    assert Image.objects.count() == 1
