"""Registries and watches by the API: passwords are written and never read; members use, owners change."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings

from analyzer.api.registryschemas import RegistryOut, WatchOut
from analyzer.models import Job, Registry
from tests.api.client import Api
from tests.cast import Cast
from tests.fake_registry import FakeRegistry
from tests.web.registry_pages import kept_and_served

SECRET = "hunter2-hunter2"
ENTERED = {"name": "Theirs", "host": "registry.example.org", "username": "robot", "password": SECRET}


@pytest.fixture
def served(cast: Cast, settings: LazySettings) -> Iterator[tuple[Registry, FakeRegistry]]:
    with kept_and_served(cast, settings) as both:
        yield both


@pytest.fixture
def registry(served: tuple[Registry, FakeRegistry]) -> Registry:
    return served[0]


@pytest.fixture
def bob(cast: Cast) -> Api:
    return Api(cast.bob)


def sent(api: Api, method: str, path: str, document: Any) -> Any:
    return api.call(method, path, json.dumps(document), "application/json")


def test_a_registry_is_kept_changed_and_forgotten(cast: Cast) -> None:
    alice = Api(cast.alice)
    made = sent(alice, "POST", "registries/", ENTERED)
    assert made.status_code == 201
    document = alice.get(made["Location"]).json()
    assert RegistryOut.model_validate(document).model_dump() == document
    assert document["has_password"] is True
    changed = sent(alice, "PUT", made["Location"], {**ENTERED, "name": "Other", "password": ""})
    assert changed.json()["name"] == "Other"
    assert Registry.objects.get().password() == SECRET
    refused = sent(alice, "PUT", made["Location"], {**ENTERED, "host": "evil.example.org", "password": ""})
    assert refused.status_code == 422
    assert refused.json()["field"] == "password"
    answers = [made, changed, refused, alice.get("registries/"), alice.get(made["Location"])]
    assert not any(SECRET in answer.content.decode() for answer in answers)
    assert alice.call("DELETE", made["Location"]).status_code == 204
    assert not Registry.objects.exists()


def test_a_password_of_a_wrong_kind_is_not_given_back(cast: Cast) -> None:
    answer = sent(Api(cast.alice), "POST", "registries/", {**ENTERED, "password": [SECRET]})
    assert answer.status_code == 422
    assert SECRET not in answer.content.decode()


def test_browsing_and_pulling(bob: Api, registry: Registry) -> None:
    at = f"registries/{registry.pk}"
    assert bob.call("POST", f"{at}/test/").json()["works"] is True
    assert bob.get(f"{at}/repositories/").json()["names"] == ["team/app", "team/db"]
    assert bob.get(f"{at}/tags/?repository=team/app").json()["names"] == ["1", "2", "latest"]
    assert bob.get(f"{at}/matching/?repository=team/*&tag=1").json()["count"] == 2
    pulled = sent(bob, "POST", f"{at}/pull/", {"repository": "team/*", "tag": "1"})
    assert pulled.status_code == 202
    assert len(pulled.json()["jobs"]) == Job.objects.count() == 2
    assert sent(bob, "POST", f"{at}/pull/", {"repository": "NO"}).status_code == 422


def test_a_registry_that_fails_is_a_problem_of_the_gateway(bob: Api, served: tuple[Registry, FakeRegistry]) -> None:
    registry, fake = served
    fake.refuse = (429, {"Retry-After": "60"})
    answer = bob.get(f"registries/{registry.pk}/matching/?repository=team/*")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert answer.json()["kind"] == "rate-limited"


def test_a_watch_is_begun_paused_and_ended(cast: Cast, registry: Registry) -> None:
    alice = Api(cast.alice)
    made = sent(alice, "POST", f"registries/{registry.pk}/watches/", {"repository": "team/app", "tag": "*"})
    assert made.status_code == 201
    document = made.json()
    assert WatchOut.model_validate(document).model_dump() == document
    at = f"registries/watches/{document['id']}/"
    assert sent(alice, "PATCH", at, {"paused": True}).json()["next_poll"] is None
    assert sent(alice, "PATCH", at, {"paused": False}).json()["paused"] is False
    assert alice.get(f"{at}tags/").json()["count"] == 0
    assert len(alice.get(f"registries/{registry.pk}/watches/").json()) == 1
    assert alice.call("DELETE", at).status_code == 204


def test_members_use_and_owners_change(bob: Api, registry: Registry) -> None:
    assert bob.get(f"registries/{registry.pk}/").json()["may_change"] is False
    assert sent(bob, "PUT", f"registries/{registry.pk}/", ENTERED).status_code == 404
    assert bob.call("DELETE", f"registries/{registry.pk}/").status_code == 404
    assert sent(bob, "POST", "registries/", ENTERED).status_code == 404


def test_ownership_is_checked(cast: Cast, registry: Registry) -> None:
    charlie = Api(cast.charlie)
    assert charlie.get("registries/").json() == []
    for path in ("", "repositories/", "tags/?repository=a", "matching/?repository=a", "watches/"):
        assert charlie.get(f"registries/{registry.pk}/{path}").status_code == 404
    for path in ("test/", "pull/", "watches/"):
        assert sent(charlie, "POST", f"registries/{registry.pk}/{path}", {"repository": "a"}).status_code == 404
    assert sent(charlie, "POST", "registries/", {**ENTERED, "team": "alices-team"}).status_code == 404
