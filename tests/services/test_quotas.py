"""Quotas: a warning at 80 %, and nothing new from 100 % on, whichever door it comes to."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from analyzer.models import AuditLine, Job, NoticeChoice, Quota, Upload
from analyzer.services import quotas, uploads
from analyzer.services.pulls import create_pull
from analyzer.sharing.savings import fair_costs
from tests.archives import docker_save, image, layer, write
from tests.cast import Cast
from tests.rows import add_image
from tests.taking import run_steps
from tests.web.budget import get_within_budget


def test_what_a_team_uses_is_its_layers_and_its_part_of_those_it_shares(cast: Cast):
    add_image(cast.team, ["a:1"], layers={"base": 1001, "a": 10})
    add_image(cast.team, ["b:1"], layers={"base": 1001, "b": 20})
    shared = add_image(cast.team, ["c:1"], layers={"base": 1001, "c": 7})
    shared.holdings.create(team=cast.other_team)
    assert (quotas.stored(cast.team), quotas.stored(cast.other_team)) == (1038, 1008)
    exact = {1: quotas.fair_cost(cast.team), 2: quotas.fair_cost(cast.other_team)}
    sizes = {"base": 1001, "a": 10, "b": 20, "c": 7}
    whole = fair_costs({1: ["base", "a", "b", "c"], 2: ["base", "c"]}, sizes)
    assert sum(exact.values()) == 1038
    assert all(abs(exact[team] - whole[team]) < 1 for team in whole)


def test_owners_are_warned_once_at_80_percent(cast: Cast, settings, mailoutbox):
    settings.SENDS_MAIL = True
    cast.alice.email = "alice@example.org"
    cast.alice.save()
    NoticeChoice.objects.create(user=cast.alice, mail=True)
    add_image(cast.team, ["a:1"], layers={"a": 80})
    quota = Quota.objects.create(team=cast.team, stored=101)
    quotas.warn_due()
    assert not mailoutbox
    Quota.objects.filter(pk=quota.pk).update(stored=100)
    quotas.warn_due()
    quotas.warn_due()
    assert [mail.subject for mail in mailoutbox] == ["Alice's team fills its quota: 80 %"]
    assert AuditLine.objects.filter(action="quota.warn").count() == 1
    quotas.check(cast.team)  # it may go on
    page = cast.client(cast.bob).get("/teams/alices-team/").content.decode()
    assert "uses 80 % of its quota of 100 B of stored layers" in page
    assert "--w:0.800" in page
    for address in ("/", "/?team=alices-team", "/add/"):
        assert "uses 80 % of its quota" in get_within_budget(cast.client(cast.bob), address).content.decode()
    assert "of its quota" not in cast.client(cast.charlie).get("/").content.decode()
    told = get_within_budget(cast.client(cast.bob), "/teams/alices-team/?format=json").json()["quotas"]
    assert told == [{"of": "stored", "limit": 100, "used": 80, "percent": 80}]


@pytest.mark.usefixtures("own_folders")
def test_a_full_team_is_refused_before_the_first_byte(cast: Cast, tmp_path: Path, settings):
    add_image(cast.team, ["a:1"], layers={"a": 100})
    Quota.objects.create(team=cast.team, fair_cost=100)
    words = "Alice's team uses 100 % of its quota of 100 B of fair cost.*an administrator can raise the quota"
    with pytest.raises(quotas.QuotaReached, match=words):
        uploads.begin(cast.team, cast.alice, "app.tar", 10)
    assert not Upload.objects.exists()
    sent = cast.client(cast.bob).post("/add/form/", {"team": cast.team.slug, "files": ContentFile(b"x", "a.tar")})
    assert (sent.status_code, "can raise the quota" in sent.content.decode()) == (507, True)
    assert not list(Path(settings.UPLOAD_DIR).glob("*"))  # not a byte was staged
    client = cast.client(cast.bob)
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    answer = client.post("/api/v1/uploads/", b"", "application/offset+octet-stream", headers=tus)
    assert (answer.status_code, "can raise the quota" in answer.json()["detail"]) == (507, True)
    assert "can raise the quota" in client.post("/add/sample/", {"team": cast.team.slug}).content.decode()
    assert not Job.objects.exists()
    pull = create_pull(team=cast.team, user=cast.bob, reference="127.0.0.1:1/app")  # nobody is asked there
    run_steps(pull)
    pull.refresh_from_db()
    assert "can raise the quota" in pull.error
    path = write(tmp_path / "app.tar", docker_save(image([layer({"a": b"b"})])))
    with pytest.raises(SystemExit) as ended:
        call_command("analyze", str(path), "--team", cast.team.slug)
    assert ended.value.code == 2
    with pytest.raises(CommandError, match="can raise the quota"):
        call_command("import_storage", str(tmp_path), "--team", cast.team.slug)
    uploads.begin(cast.other_team, cast.charlie, "app.tar", 10)
