"""Notices: on the pages, by mail, by a signed webhook that is tried again."""

import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from analyzer.models import Job, Membership, Notice, NoticeChoice
from analyzer.registry.context import NetworkRules
from analyzer.registry.errors import RegistryError
from analyzer.services import notices, work
from analyzer.services.jobs import create_job
from analyzer.services.signed_calls import post_signed
from tests.archives import docker_save, image, layer, write
from tests.cast import Cast
from tests.programs import Program
from tests.taking import run_steps
from tests.web.budget import get_within_budget

SHOP = docker_save(image([layer({"etc/motd": b"hello"})], tags=["shop:1"], history=["ADD"]))


def brought(folder: Path, cast: Cast, user: User, name: str = "shop.tar") -> Job:
    path = write(folder / name, SHOP)
    job = create_job(team=cast.team, user=user, name=name, path=path, size=path.stat().st_size)
    run_steps(job)
    return job


def test_what_one_brought_is_told_to_oneself_on_every_page(cast: Cast, tmp_path: Path):
    job = brought(tmp_path, cast, cast.bob)
    bob = cast.client(cast.bob)
    assert "1 ready" in get_within_budget(bob, "/notices/count/").content.decode()
    assert "ready" not in cast.client(cast.alice).get("/notices/count/").content.decode()
    text = get_within_budget(bob, "/notices/").content.decode()
    assert f"/jobs/{job.pk}/" in text
    assert ">new</b>" in text
    assert "ready" not in bob.get("/notices/count/").content.decode()  # what was shown was seen
    assert bob.get("/notices/?format=json").json()["notices"][0]["name"] == "shop.tar"
    Membership.objects.filter(user=cast.bob).delete()
    assert "shop.tar" not in bob.get("/notices/").content.decode()


def test_a_failure_is_told_too_and_again_after_another_try(cast: Cast):
    job = Job.objects.create(team=cast.team, user=cast.bob, name="bad.tar", path="")
    work.fail(job, "It is no archive.")
    notice = Notice.objects.get()
    Notice.objects.update(seen=timezone.now())
    Job.objects.update(state="running")
    work.fail(job, "It is no archive.")
    notice.refresh_from_db()
    assert notice.seen is None
    work.fail(job, "again")  # it has ended already
    assert Notice.objects.count() == 1


def test_what_nobody_brought_is_nobodys_news(cast: Cast):
    work.fail(Job.objects.create(team=cast.team, user=None, name="bad.tar", path=""), "It is no archive.")
    assert not Notice.objects.exists()


def test_a_mail_is_sent_to_who_chose_it(cast: Cast, tmp_path: Path, settings: Settings):
    settings.SENDS_MAIL, settings.PUBLIC_URL = True, "https://layers.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    User.objects.filter(pk=cast.bob.pk).update(email="bob@example.org")
    cast.client(cast.bob).post("/notices/choice/", {"mail": "on"})
    job = brought(tmp_path, cast, cast.bob, "shop\nBcc: x@example.org.tar")
    notices.deliver(Notice.objects.get().pk)
    notices.deliver(Notice.objects.get().pk)
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["bob@example.org"]
    assert "\n" not in mail.outbox[0].subject
    assert f"https://layers.example.org/jobs/{job.pk}/" in str(mail.outbox[0].body)


def test_a_webhook_is_signed_and_tried_again_until_it_is_taken(
    cast: Cast, tmp_path: Path, settings: Settings, program: Program
):
    got = program.got
    settings.WEBHOOK_RULES = NetworkRules(private_hosts=frozenset({"127.0.0.1"}))
    secret = notices.choose(cast.bob, mail=False, hook_url=program.address)
    assert secret
    assert secret not in str(NoticeChoice.objects.get().__dict__)  # sealed
    brought(tmp_path, cast, cast.bob)
    pk = Notice.objects.get().pk
    program.statuses[:] = [500, 302]  # nor is a redirect followed
    for attempt in range(3):
        notices.deliver(pk)
        notices.deliver(pk)  # not before its time
        assert len(got) == attempt + 1
        Notice.objects.filter(hook_due__isnull=False).update(hook_due=timezone.now())
    headers, body = got[-1]
    signed = headers["X-Layersite-Time"].encode() + b"." + body
    assert headers["X-Layersite-Signature"] == "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert json.loads(body)["job"]["state"] == "done"
    assert Notice.objects.get().hook_due is None
    assert Notice.objects.get().attempt == 2


def test_it_is_given_up_after_an_hour(cast: Cast, tmp_path: Path):
    notices.choose(cast.bob, mail=False, hook_url="https://127.0.0.1:1/")  # an address inside: never called
    brought(tmp_path, cast, cast.bob)
    waited = timedelta()
    for _ in range(notices.ATTEMPTS):
        before = timezone.now()
        notices.deliver(Notice.objects.get().pk)
        due = Notice.objects.get().hook_due
        waited += due - before if due else timedelta()
        Notice.objects.filter(hook_due__isnull=False).update(hook_due=timezone.now())
    notice = Notice.objects.get()
    assert notice.hook_due is None
    assert "private" in notice.error
    assert timedelta(minutes=30) < waited < timedelta(hours=3)


def test_an_address_inside_is_never_called(cast: Cast, settings: Settings):
    for address in ("http://127.0.0.1:1/", "http://[::1]/", "http://169.254.169.254/latest/", "http://localhost/"):
        with pytest.raises(RegistryError, match="private"):
            post_signed(address, "x", {})


def test_only_https_is_taken_and_the_secret_is_shown_once(cast: Cast):
    bob = cast.client(cast.bob)
    assert bob.post("/notices/choice/", {"hook_url": "http://example.org/"}).status_code == 400
    assert bob.post("/notices/choice/", {"hook_url": "ftp://example.org/"}).status_code == 400
    shown = bob.post("/notices/choice/", {"hook_url": "https://example.org/x"})
    secret = shown.context["secret"]
    assert secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert secret not in bob.get("/notices/").content.decode()
    assert bob.post("/notices/choice/", {"hook_url": "https://example.org/x", "mail": ""}).status_code == 302


def test_who_left_is_told_nothing(cast: Cast, tmp_path: Path, settings: Settings):
    settings.SENDS_MAIL = True
    User.objects.filter(pk=cast.bob.pk).update(email="bob@example.org")
    notices.choose(cast.bob, mail=True, hook_url="")
    brought(tmp_path, cast, cast.bob)
    Membership.objects.filter(user=cast.bob).delete()
    notices.deliver(Notice.objects.get().pk)
    assert mail.outbox == []
