"""The Webhooks pages of a team: for its owners alone; a secret is shown once."""

import pytest

from analyzer.models import DeliveryState, Role, Webhook, WebhookDelivery
from analyzer.services import webhooks
from tests.cast import Cast
from tests.web.budget import get_within_budget

PAGE = "/teams/alices-team/webhooks/"
URL = "https://ci.example.org/in/a-part-that-lets-in"


@pytest.fixture
def hook(cast: Cast) -> Webhook:
    made, _ = webhooks.add(cast.team, cast.alice, URL, ["gate.failed", "quota.fills"])
    return made


def test_an_owner_adds_one_and_sees_its_secret_once(cast: Cast):
    alice = cast.client(cast.alice)
    assert "None yet" in get_within_budget(alice, PAGE).content.decode()
    for form, why in (
        ({"url": "http://a.example.org/", "event": "gate.failed"}, "begins with https://"),
        ({"url": URL}, "at least one"),
    ):
        refused = alice.post(f"{PAGE}add/", form)
        assert (refused.status_code, why in refused.content.decode()) == (400, True)
    shown = alice.post(f"{PAGE}add/", {"url": URL, "event": ["gate.failed", "image.analysed"]})
    secret = shown.context["secret"]
    assert secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    made = Webhook.objects.get()
    assert (made.events, made.secret()) == (["image.analysed", "gate.failed"], secret)
    renewed = alice.post(f"{PAGE}{made.pk}/secret/").context["secret"]
    for address in (PAGE, f"{PAGE}{made.pk}/", f"{PAGE}?format=json", f"{PAGE}{made.pk}/?format=json"):
        page = get_within_budget(alice, address).content.decode()
        assert secret not in page
        assert renewed not in page
    assert secret != renewed == Webhook.objects.get().secret()


def test_each_call_stands_there_with_its_answer_and_is_sent_again(cast: Cast, hook: Webhook):
    alice, page = cast.client(cast.alice), f"{PAGE}{hook.pk}/"
    assert "never called" in get_within_budget(alice, page).content.decode()
    alice.post(f"{page}ping/")
    part = {"HX-Request": "true", "HX-Target": "calls"}
    assert alice.get(page, headers=part).status_code == 200
    row = WebhookDelivery.objects.get()
    failed = {"state": DeliveryState.FAILED, "due": None, "status": 503, "error": "It answered 503.", "attempt": 8}
    WebhookDelivery.objects.update(**failed)
    assert alice.get(page, headers=part).status_code == 286
    text = get_within_budget(alice, page).content.decode()
    assert ">503<" in text
    assert "This is how layersite calls." in text
    (told,) = alice.get(f"{page}?format=json").json()["deliveries"]
    assert (told["state"], told["status"], told["attempts"], told["event"]) == ("failed", 503, 8, "ping")
    assert "ping" in alice.get(f"{page}?format=csv").content.decode()
    alice.post(f"{page}deliveries/{row.pk}/again/")
    row.refresh_from_db()
    assert (row.state, row.attempt) == ("waiting", 0)
    assert alice.get(f"{PAGE}?format=json").json()["webhooks"][0]["waiting"] == 1


def test_it_is_changed_paused_and_removed(cast: Cast, hook: Webhook):
    alice, page = cast.client(cast.alice), f"{PAGE}{hook.pk}/"
    assert alice.post(page, {}).status_code == 400
    alice.post(page, {"event": "image.analysed", "paused": "on"})
    hook.refresh_from_db()
    assert (hook.events, hook.paused) == (["image.analysed"], True)
    assert "Remove the webhook at ci.example.org?" in alice.get(f"{page}remove/").content.decode()
    alice.post(f"{page}remove/")
    assert not Webhook.objects.exists()


def test_access_by_team_works_for_owners_alone(cast: Cast, hook: Webhook):
    assert "Webhooks" not in cast.client(cast.bob).get("/teams/alices-team/").content.decode()
    assert cast.client(cast.bob).get(PAGE).status_code == 404
    cast.give(cast.bob, Role.OWNER)
    assert "ci.example.org" in cast.client(cast.bob).get(PAGE).content.decode()


def test_a_bad_id_gives_404(cast: Cast, hook: Webhook):
    alice = cast.client(cast.alice)
    assert alice.get(f"{PAGE}999999/").status_code == 404
    other = "/deliveries/00000000-0000-0000-0000-000000000007/again/"
    assert alice.post(f"{PAGE}{hook.pk}{other}").status_code == 404


def test_ownership_is_checked(cast: Cast, hook: Webhook):
    """Also where a webhook or a call of another team is named by the address of one's own."""
    delivery = webhooks.ping(hook)
    theirs, _ = webhooks.add(cast.other_team, cast.charlie, URL, ["gate.failed"])
    mine = f"/teams/charlies-team/webhooks/{theirs.pk}/"
    charlie = cast.client(cast.charlie)
    for address in (PAGE, f"{PAGE}{hook.pk}/", f"/teams/charlies-team/webhooks/{hook.pk}/"):
        assert charlie.get(address).status_code == 404
    assert charlie.post(f"{mine}deliveries/{delivery.pk}/again/").status_code == 404
    assert charlie.post(f"/teams/charlies-team/webhooks/{hook.pk}/remove/").status_code == 404
    assert Webhook.objects.count() == 2
