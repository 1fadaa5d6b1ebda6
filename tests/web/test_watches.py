"""Watches: begun, paused, gone on with, ended; and the webhook that makes them look at once."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from analyzer.models import Registry, Role, Watch, WatchedTag
from analyzer.services import watches, watching
from analyzer.services.registries import new_hook_secret
from tests.cast import Cast
from tests.fake_registry import FakeRegistry
from tests.web.budget import get_within_budget
from tests.web.registry_pages import kept_and_served


@pytest.fixture
def served(cast: Cast, settings: LazySettings) -> Iterator[tuple[Registry, FakeRegistry]]:
    with kept_and_served(cast, settings) as both:
        yield both


@pytest.fixture
def registry(served: tuple[Registry, FakeRegistry]) -> Registry:
    return served[0]


@pytest.fixture
def watch(registry: Registry) -> Watch:
    return watches.begin(registry, registry.user, repository="team/app", tag="*")


@pytest.fixture
def bob(cast: Cast) -> Client:
    cast.give(cast.bob, Role.OWNER)
    return cast.client(cast.bob)


def told(registry: Registry, document: Any, secret: str, header: str = "Authorization") -> Any:
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/registries/{registry.pk}/", document, content_type="application/json", headers={header: secret}
    )


def test_a_member_watches_a_pattern(bob: Client, cast: Cast, registry: Registry):
    entered = {"repository": "team/*", "tag": "1.*", "every": "900", "from_now_on": "on"}
    response = bob.post(f"/registries/{registry.pk}/watches/add/", entered)
    made = Watch.objects.get()
    assert response["Location"] == f"/watches/{made.pk}/"
    assert (made.repository, made.tag, made.every, made.from_now_on, made.user) == (
        "team/*",
        "1.*",
        900,
        True,
        cast.bob,
    )
    assert "team/*:1.*" in bob.get(f"/registries/{registry.pk}/").content.decode()


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ({"repository": "", "every": "900"}, "Say which repository."),
        ({"repository": "NO", "every": "900"}, "This is no repository"),
        ({"repository": "app", "tag": "a b", "every": "900"}, "This is no tag"),
        ({"repository": "app", "every": "1"}, "Select a valid choice"),
    ],
)
def test_what_can_not_be_watched_is_told(bob: Client, registry: Registry, entered: dict[str, str], sentence: str):
    response = bob.post(f"/registries/{registry.pk}/watches/add/", entered)
    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_the_page_tells_the_tags_the_next_look_and_why_the_last_failed(bob: Client, watch: Watch):
    watching.poll(watch.pk)
    text = bob.get(f"/watches/{watch.pk}/").content.decode()
    assert "team/app:latest" in text
    assert "in 1 hour" in text
    assert "queued" in text
    Watch.objects.update(error="It is <gone>.")
    assert "The last look failed: It is &lt;gone&gt;." in bob.get(f"/watches/{watch.pk}/").content.decode()
    twin = bob.get(f"/watches/{watch.pk}/?format=json").json()
    assert len(twin["tags"]) == 3
    assert twin["every_seconds"] == 3600


def test_a_limit_is_shown_with_the_time_of_the_next_look(
    bob: Client, watch: Watch, served: tuple[Registry, FakeRegistry]
):
    fake = served[1]
    fake.headers = {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "76;w=21600"}
    watching.poll(watch.pk)
    assert "76 of 100 requests left" in bob.get(f"/watches/{watch.pk}/").content.decode()
    fake.refuse = (429, {"Retry-After": "7200"})
    watches.look_now(watch)
    watching.poll(watch.pk)
    text = bob.get(f"/watches/{watch.pk}/").content.decode()
    assert "it is left alone until" in text
    assert "in 2 hours" in text


def test_pausing_going_on_and_looking_now(bob: Client, watch: Watch):
    assert "rests" in bob.post(f"/watches/{watch.pk}/pause/", follow=True).content.decode()
    assert "Go on" in bob.get(f"/watches/{watch.pk}/").content.decode()
    bob.post(f"/watches/{watch.pk}/resume/")
    watching.poll(watch.pk)
    bob.post(f"/watches/{watch.pk}/look/")
    assert watching.poll(watch.pk) == 0
    for action in ("pause", "resume", "look"):
        assert bob.get(f"/watches/{watch.pk}/{action}/").status_code == 405


def test_deleting_asks_first(bob: Client, watch: Watch):
    assert "no longer?" in bob.get(f"/watches/{watch.pk}/delete/").content.decode()
    assert bob.post(f"/watches/{watch.pk}/delete/")["Location"] == f"/registries/{watch.registry_id}/"
    assert not Watch.objects.exists()


def test_the_secret_of_the_webhook_is_shown_once_to_owners(cast: Cast, registry: Registry):
    alice = cast.client(cast.alice)
    response = alice.post(f"/registries/{registry.pk}/hook/")
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert secret not in alice.get(f"/registries/{registry.pk}/").content.decode()
    bob = cast.client(cast.bob)
    assert bob.post(f"/registries/{registry.pk}/hook/").status_code == 404
    assert "Webhook" not in bob.get(f"/registries/{registry.pk}/").content.decode()
    assert told(registry, {"repository": "team/app"}, secret).status_code == 202


def test_a_registry_that_sends_no_header_has_the_secret_in_its_address(cast: Cast, registry: Registry, watch: Watch):
    """As Docker Hub; it is shown with the secret, once, and a new secret makes it lead nowhere."""
    alice = cast.client(cast.alice)
    hub = {"push_data": {"tag": "2"}, "repository": {"repo_name": "team/app"}}
    page = alice.post(f"/registries/{registry.pk}/hook/")
    address = page.context["whole_address"]
    assert address in page.content.decode()
    assert page.context["secret"] not in alice.get(f"/registries/{registry.pk}/").content.decode()

    def call(at: str) -> Any:
        return Client(enforce_csrf_checks=True).post(at, hub, content_type="application/json")

    assert (call(address).status_code, call(address).json()) == (202, {"looks": 1})
    wrong = call(f"/hooks/registries/{registry.pk}/wrong/")
    assert wrong.status_code == 401
    assert wrong.content == call("/hooks/registries/999999/wrong/").content
    new_hook_secret(registry)
    assert call(address).status_code == 401


@pytest.mark.parametrize(
    "document",
    [
        {"events": [{"action": "push", "target": {"repository": "team/app", "tag": "2", "digest": "sha256:0"}}]},
        {
            "type": "PUSH_ARTIFACT",
            "event_data": {"resources": [{"tag": "2"}], "repository": {"repo_full_name": "team/app"}},
        },
        {"push_data": {"tag": "2"}, "repository": {"repo_name": "team/app"}},
        {"repository": "team/app", "tag": "2"},
    ],
)
def test_each_form_of_a_webhook_makes_a_look(registry: Registry, watch: Watch, document: dict[str, Any]):
    secret = new_hook_secret(registry)
    response = told(registry, document, f"Bearer {secret}")
    assert response.status_code == 202
    assert response.json() == {"looks": 1}
    assert list(WatchedTag.objects.filter(told__isnull=False).values_list("tag", flat=True)) == ["2"]
    registry.refresh_from_db()
    assert registry.hook_used is not None


@pytest.mark.parametrize(
    "document",
    [
        {"events": [{"action": "pull", "target": {"repository": "team/app", "tag": "2"}}]},
        {"events": [{"action": "push", "target": {"repository": "team/app"}}, 5, {"target": []}]},
        {"events": [{"action": "push", "target": {"repository": "../../etc", "tag": "2"}}]},
        {"type": "DELETE_ARTIFACT", "event_data": {"resources": [{"tag": "2"}]}},
        {"reference": "elsewhere.example.org/team/app:2"},
        {"repository": "team/other", "tag": "2"},
    ],
)
def test_what_is_no_push_of_a_watched_tag_is_passed_over(registry: Registry, watch: Watch, document: dict[str, Any]):
    response = told(registry, document, new_hook_secret(registry), "X-Layersite-Secret")
    assert response.json() == {"looks": 0}


def test_a_wrong_secret_learns_nothing(registry: Registry, watch: Watch):
    document = {"repository": "team/app", "tag": "2"}
    before = told(registry, document, "Bearer ")
    new_hook_secret(registry)
    wrong = told(registry, document, "Bearer wrong")
    registry.pk = 999_999
    unknown = told(registry, document, "Bearer wrong")
    assert [answer.status_code for answer in (before, wrong, unknown)] == [401] * 3
    assert before.content == wrong.content == unknown.content
    assert not WatchedTag.objects.exists()


def test_a_new_secret_replaces_the_one_of_before(registry: Registry):
    first, second = new_hook_secret(registry), new_hook_secret(registry)
    assert told(registry, {"repository": "a"}, first).status_code == 401
    assert told(registry, {"repository": "a"}, second).status_code == 202


def test_bodies_are_limited_and_held_to_be_json(registry: Registry):
    secret = new_hook_secret(registry)
    assert told(registry, "x" * (1 << 20) + "x", secret).status_code == 413
    for nonsense in ("{", "[1]", "5", "{}", "[" * 100 + "]" * 100, '{"reference": "a b"}'):
        assert told(registry, nonsense, secret).status_code == 400
    assert Client().get(f"/hooks/registries/{registry.pk}/").status_code == 405


def test_the_page_keeps_to_its_budget(bob: Client, watch: Watch):
    watching.poll(watch.pk)
    assert get_within_budget(bob, f"/watches/{watch.pk}/").status_code == 200


def test_team_access_works(bob: Client, watch: Watch):
    assert bob.get(f"/watches/{watch.pk}/").status_code == 200


def test_a_bad_id_gives_404(bob: Client):
    assert bob.get("/watches/999999/").status_code == 404
    assert bob.post("/watches/999999/pause/").status_code == 404


def test_ownership_is_checked(cast: Cast, watch: Watch):
    charlie = cast.client(cast.charlie)
    assert charlie.get(f"/watches/{watch.pk}/").status_code == 404
    for action in ("pause", "resume", "look", "delete"):
        assert charlie.post(f"/watches/{watch.pk}/{action}/").status_code == 404
    assert Watch.objects.get().paused is False
    assert Client().get(f"/watches/{watch.pk}/").status_code == 302
