"""Webhooks of a team: told what happens, signed; tried again, left alone while they fail, and never in a log."""

import hashlib
import hmac
import json
import logging
import socket
import threading
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from analyzer.gate.reading import rules_of
from analyzer.models import AuditLine, Quota, Team, Webhook, WebhookDelivery, WebhookEvent
from analyzer.registry.context import NetworkRules
from analyzer.selectors.access import teams_of
from analyzer.services import gate, quotas, webhooks
from layersite.settings.registries import WEBHOOK_RULES
from tests.archives import Whiteout, docker_save, image, layer
from tests.cast import Cast
from tests.programs import Program
from tests.rows import add_image
from tests.taking import bring, run_job

WASTEFUL = docker_save(
    image([layer({"srv/big": b"b" * 5000}), layer({"srv/big": Whiteout()})], tags=["shop:1"], history=["COPY", "RUN"])
)


@pytest.fixture
def told(cast: Cast, program: Program, settings: Settings) -> tuple[Webhook, str]:
    """A webhook of Alice's team that wants to know of everything, at a program on loopback; and its secret."""
    settings.WEBHOOK_RULES = NetworkRules(private_hosts=frozenset({"127.0.0.1"}), timeout=2.0)
    hook, secret = webhooks.add(cast.team, cast.alice, "https://127.0.0.1/x", webhooks.CHOSEN)
    Webhook.objects.update(url=program.address)  # which speaks no TLS
    return hook, secret


def waiting() -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.filter(due__isnull=False).order_by("created"))


def test_every_way_in_tells_of_each_image_and_the_call_is_signed(
    cast: Cast, told: tuple[Webhook, str], program: Program, tmp_path: Path
):
    run_job(tmp_path, WASTEFUL, cast.team, name="shop.tar")
    bring(tmp_path, WASTEFUL, cast.team, name="again.tar")
    bring(tmp_path, WASTEFUL, cast.other_team, name="other.tar")
    first, second = waiting()
    webhooks.deliver(str(first.pk))
    webhooks.deliver(str(first.pk))  # rung twice
    ((headers, body),) = program.got
    signed = headers["X-Layersite-Time"].encode() + b"." + body
    wanted = hmac.new(told[1].encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Layersite-Signature"] == f"sha256={wanted}"
    assert (headers["X-Layersite-Event"], headers["X-Layersite-Delivery"]) == ("image.analysed", str(first.pk))
    document = json.loads(body)
    assert (document["event"], document["team"], document["archive"]["name"]) == (
        "image.analysed",
        "alices-team",
        "shop.tar",
    )
    shown = document["image"]
    assert (shown["references"], shown["waste"], shown["size"]) == (["docker.io/library/shop:1"], 5000, 5000)
    assert shown["api_url"].endswith(f"/api/v1/images/{shown['image_id']}/")
    first.refresh_from_db()
    assert (first.state, first.status, first.due) == ("delivered", 200, None)
    assert second.document["archive"]["name"] == "again.tar"


def test_a_failed_gate_and_quotas_are_told(cast: Cast, told: tuple[Webhook, str], tmp_path: Path):
    wasteful = bring(tmp_path, WASTEFUL, cast.team).archive_images.get().image
    rules = rules_of("rules:\n  efficiency: 99 %\n")
    keeping = gate.Keeping(cast.team, cast.alice, ("docker.io/library/shop", "1"))
    assert not gate.run_gate(cast.alice, wasteful, rules, teams_of(cast.alice), keeping=keeping).passed
    gate.run_gate(cast.alice, wasteful, rules, teams_of(cast.alice))  # only looked at
    quota = Quota.objects.create(team=cast.team, stored=6000)
    quotas.warn_due()
    quotas.warn_due()
    Quota.objects.filter(pk=quota.pk).update(stored=5000)
    for _ in range(3):
        with pytest.raises(quotas.QuotaReached):
            quotas.check(cast.team)
    told_of = {row.event: row for row in waiting()}
    assert [row.event for row in waiting()] == ["image.analysed", "gate.failed", "quota.fills", "quota.refused"]
    assert [rule["rule"] for rule in told_of["gate.failed"].document["failed"]] == ["efficiency"]
    assert told_of["quota.fills"].document["quota"] == {"of": "stored", "limit": 6000, "percent": 83}
    assert told_of["quota.refused"].about == "100 % of 4.88 KiB"


def test_a_quota_is_told_once_though_no_mail_can_be_sent(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    webhooks.add(cast.team, cast.alice, "https://a.example/", ["quota.fills"])
    add_image(cast.team, ["a:1"], layers={"a": 80})
    Quota.objects.create(team=cast.team, stored=100)

    def away(*args: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(quotas, "_mail", away)
        quotas.warn_due()
        quotas.warn_due()
    assert (len(waiting()), AuditLine.objects.filter(action="quota.warn").count()) == (1, 0)
    quotas.warn_due()
    quotas.warn_due()
    assert (len(waiting()), AuditLine.objects.filter(action="quota.warn").count()) == (1, 1)


def test_a_webhook_that_fails_is_tried_again_later_and_left_alone_meanwhile(
    cast: Cast, told: tuple[Webhook, str], program: Program
):
    hook, _ = told
    first, other = webhooks.ping(hook), webhooks.ping(hook)
    program.statuses[:] = [500, 302, 200]
    webhooks.deliver(str(first.pk))
    webhooks.deliver(str(other.pk))  # its webhook is left alone: nothing is sent
    assert len(program.got) == 1
    first.refresh_from_db()
    assert (first.state, first.status, first.error) == ("waiting", 500, "It answered 500.")
    other.refresh_from_db()
    assert other.due is not None
    assert (other.attempt, other.due > timezone.now() + timedelta(seconds=20)) == (0, True)
    again()
    webhooks.deliver(str(first.pk))  # 302: nor is a redirect followed
    again()
    webhooks.deliver(str(first.pk))
    first.refresh_from_db()
    assert (first.state, first.status, first.attempt, len(program.got)) == ("delivered", 200, 3, 3)
    assert len({headers["X-Layersite-Delivery"] for headers, _ in program.got}) == 1
    assert Webhook.objects.get().failures == 0
    program.statuses[:] = [404]
    webhooks.send_again(first)
    webhooks.deliver(str(first.pk))
    first.refresh_from_db()
    assert (first.state, first.status, first.attempt) == ("waiting", 404, 1)
    assert AuditLine.objects.filter(action="webhook.again").exists()


def again() -> None:
    WebhookDelivery.objects.filter(due__isnull=False).update(due=timezone.now())
    Webhook.objects.update(quiet_until=None)


def test_it_is_given_up_after_about_an_hour_and_nothing_tells_the_secret(
    cast: Cast, told: tuple[Webhook, str], caplog: pytest.LogCaptureFixture, settings: Settings
):
    hook, secret = told
    address = "https://127.0.0.1:1/in/an-address-that-lets-in"
    Webhook.objects.update(url=address)
    caplog.set_level(logging.INFO)
    delivery, waited = webhooks.ping(hook), timedelta()
    settings.WEBHOOK_RULES = NetworkRules(private_setting="WEBHOOK_PRIVATE_HOSTS")  # an address inside is never called
    for _ in range(webhooks.ATTEMPTS):
        before = timezone.now()
        webhooks.deliver(str(delivery.pk))
        delivery.refresh_from_db()
        waited += delivery.due - before if delivery.due else timedelta()
        again()
    assert (delivery.state, delivery.due, delivery.status) == ("failed", None, None)
    assert "WEBHOOK_PRIVATE_HOSTS" in delivery.error
    assert timedelta(minutes=30) < waited < timedelta(hours=3)
    assert "failed" in caplog.text
    told_of = caplog.text + delivery.error + str(list(AuditLine.objects.values_list("object", "details")))
    assert not any(word in told_of for word in ("lets-in", secret))
    assert secret not in str(list(Webhook.objects.values()))


def test_a_program_that_never_comes_to_its_answer_keeps_no_worker(
    cast: Cast, told: tuple[Webhook, str], settings: Settings
):
    settings.WEBHOOK_RULES = replace(WEBHOOK_RULES, private_hosts=frozenset({"127.0.0.1"}), slow_seconds=0.3)
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: " + b"x" * 16_000 + b"\r\n\r\n"
    hints: list[int] = []

    def talk() -> None:
        caller, _ = server.accept()
        with caller, suppress(OSError):
            for number in range(150):  # three seconds
                caller.sendall(hint)
                hints.append(number)
                sleep(0.02)
            caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        Webhook.objects.update(url=f"http://127.0.0.1:{server.getsockname()[1]}/x")
        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        delivery = webhooks.ping(told[0])
        webhooks.deliver(str(delivery.pk))
        thread.join()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.error) == (
        "waiting",
        None,
        "It did not answer within 10 seconds.",
    )
    assert len(hints) < 150


@pytest.mark.parametrize("url", ["http://a.example/", "https://", "https://u:p@a.example/", "https://[::1", "x" * 501])
def test_what_is_no_address_is_refused(cast: Cast, url: str):
    with pytest.raises(webhooks.BadWebhook):
        webhooks.add(cast.team, cast.alice, url, ["gate.failed"])


def test_only_what_was_chosen_is_told_and_only_to_who_is_not_paused(cast: Cast):
    with pytest.raises(webhooks.BadWebhook, match="at least one"):
        webhooks.add(cast.team, cast.alice, "https://a.example/", ["ping", "nonsense"])
    hook, _ = webhooks.add(cast.team, cast.alice, "https://a.example/", ["gate.failed"])
    assert webhooks.listening(cast.team, WebhookEvent.GATE) == [hook]
    assert webhooks.listening(cast.team, WebhookEvent.IMAGE) == []
    assert webhooks.listening(Team(pk=cast.other_team.pk), WebhookEvent.GATE) == []
    webhooks.tell([hook], WebhookEvent.GATE, "app:1", {})
    ping = webhooks.ping(hook)
    webhooks.change(hook, ["gate.failed"], paused=True)
    assert webhooks.listening(cast.team, WebhookEvent.GATE) == []
    assert waiting() == [ping]  # somebody wants to see that called
    (given_up,) = WebhookDelivery.objects.exclude(pk=ping.pk)
    assert (given_up.state, given_up.error) == ("failed", "The webhook was paused.")


def test_the_oldest_deliveries_are_dropped(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(webhooks, "MOST_KEPT", 2)
    hook, _ = webhooks.add(cast.team, cast.alice, "https://a.example/", ["gate.failed"])
    ids = [webhooks.ping(hook).pk for _ in range(4)]
    webhooks.forget()
    assert set(WebhookDelivery.objects.values_list("pk", flat=True)) == set(ids[2:])
    webhooks.deliver(str(uuid.uuid4()))  # one that is gone
