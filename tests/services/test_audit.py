"""The audit log: who did what is there whichever way it was done, and no secret is."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from analyzer.models import AppendOnly, AuditLine, Image, Membership, Registry, Role, Team
from analyzer.services import audit, tokens
from analyzer.services.members import set_role
from analyzer.services.moving import move_image
from analyzer.services.removal import remove_image
from tests.archives import docker_save, image, layer
from tests.cast import PASSWORD, Cast
from tests.taking import run_job

BASE = layer({"etc/motd": b"hello"})


def told(action: str) -> list[tuple[str, str, str]]:
    """Who, what and team of the lines of that action, oldest first."""
    lines = AuditLine.objects.filter(action=action).order_by("pk")
    return list(lines.values_list("actor", "object", "team"))


def test_what_services_do_is_noted_with_who_asked(cast: Cast, tmp_path: Path) -> None:
    built = image([BASE], tags=["shop:1"])
    run_job(tmp_path, docker_save(built), cast.team, name="shop.tar")
    assert told("upload.begin") == [("", "shop.tar", "alices-team")]
    client = cast.client(cast.alice)
    shown = Image.objects.get()
    assert client.post(f"/images/{shown.image_id}/delete/").status_code == 302
    assert told("image.delete") == [("alice", f"docker.io/library/shop:1 {built.id}", "alices-team")]


def test_what_a_command_does_is_the_programs(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(image([BASE])), cast.team)
    remove_image(Image.objects.get(), cast.team)
    assert told("image.delete")[0][0] == ""


def test_log_ins_are_noted_and_names_that_nobody_has_are_not(cast: Cast) -> None:
    for name, password in (("alice", "wrong"), ("my password by mistake", "x"), ("alice", PASSWORD)):
        Client().post("/accounts/login/", {"username": name, "password": password})
    assert told("login.in") == [("alice", "alice", "")]
    assert told("login.fail") == [("", "alice", "")]
    everything = " ".join(f"{line.object}{line.details}" for line in AuditLine.objects.all())
    assert "mistake" not in everything
    assert PASSWORD not in everything


def test_people_tokens_and_registries_are_noted_without_their_secrets(cast: Cast) -> None:
    with audit.acting(lambda: cast.alice):
        token, text = tokens.issue_token(cast.alice, "ci")
        tokens.revoke_token(token)
        Membership.objects.create(team=cast.team, user=cast.charlie)
        Membership.objects.filter(user=cast.charlie, team=cast.team).delete()
        registry = Registry(team=cast.team, name="hub", host="registry.example.org", username="robot")
        registry.set_password("hush hush")
        registry.save()
        registry.delete()
        Team.objects.create(name="New", slug="new")
        User.objects.create_user("dora", password=PASSWORD)
    for action, line in (
        ("token.add", ("alice", "ci", "")),
        ("token.remove", ("alice", "ci", "")),
        ("member.remove", ("alice", "charlie", "alices-team")),
        ("registry.add", ("alice", "hub", "alices-team")),
        ("registry.remove", ("alice", "hub", "alices-team")),
        ("team.add", ("alice", "New", "new")),
        ("user.add", ("alice", "dora", "")),
    ):
        assert told(action)[-1] == line, action
    assert told("member.add")[-1] == ("alice", "charlie", "alices-team")
    everything = " ".join(f"{line.object}{line.details}" for line in AuditLine.objects.all())
    for secret in ("hush", text[:8], token.sha256, registry.sealed_password, PASSWORD):
        assert secret not in everything


def test_an_image_that_moves_and_a_role_that_changes_are_noted(cast: Cast, tmp_path: Path) -> None:
    built = image([BASE], tags=["shop:1"])
    run_job(tmp_path, docker_save(built), cast.team)
    with audit.acting(lambda: cast.alice):
        move_image(Image.objects.get(), cast.team, cast.other_team)
        set_role(Membership.objects.get(user=cast.bob), Role.VIEWER)
    assert told("image.move") == [("alice", f"docker.io/library/shop:1 {built.id}", "alices-team")]
    assert AuditLine.objects.get(action="image.move").details == {"to": "charlies-team"}
    assert told("member.change")[-1] == ("alice", "bob", "alices-team")


def test_what_a_token_asks_for_is_its_owners_doing(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(image([BASE])), cast.team)
    _, text = tokens.issue_token(cast.alice, "ci")
    address = f"/api/v1/images/{Image.objects.get().image_id}/?team=alices-team"
    response = Client().delete(address, headers={"Authorization": f"Bearer {text}"})
    assert response.status_code in (200, 204), response.content
    assert told("image.delete")[0][0] == "alice"


@pytest.mark.usefixtures("cast")
def test_lines_are_added_and_never_changed() -> None:
    audit.note("test.line", "a thing")
    line = AuditLine.objects.get(action="test.line")
    line.object = "another"
    for change in (
        line.save,
        line.delete,
        lambda: AuditLine.objects.update(object="another"),
        lambda: AuditLine.objects.all().delete(),
    ):
        with pytest.raises(AppendOnly):
            change()
    assert AuditLine.objects.get(action="test.line").object == "a thing"


@pytest.mark.usefixtures("cast")
def test_lines_go_when_their_days_are_over(settings) -> None:
    AuditLine.objects.create(action="test.old", at=timezone.now() - timedelta(days=401))
    AuditLine.objects.create(action="test.new", at=timezone.now() - timedelta(days=399))
    settings.AUDIT_DAYS = 0
    assert audit.forget() == 0
    settings.AUDIT_DAYS = 400
    assert audit.forget() == 1
    assert not AuditLine.objects.filter(action="test.old").exists()


def test_a_line_and_what_it_tells_are_both_there_or_neither(cast: Cast) -> None:
    def begun_and_broken_off() -> None:
        with transaction.atomic():
            Membership.objects.create(team=cast.team, user=cast.charlie, role=Role.OWNER)
            raise RuntimeError

    before = AuditLine.objects.count()
    with pytest.raises(RuntimeError):
        begun_and_broken_off()
    assert AuditLine.objects.count() == before
