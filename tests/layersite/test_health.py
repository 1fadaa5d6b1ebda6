"""What load balancers and monitoring see."""

import pytest
from django.conf import LazySettings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from layersite import health
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_healthz_looks_at_nothing_but_the_process(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_readyz_says_yes_when_all_is_there(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert set(response.json()["checks"].values()) == {"ok"}


def test_readyz_names_what_fails_and_keeps_the_reason_to_itself(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise ConnectionError("redis://user:secret@10.0.0.1 is away")

    monkeypatch.setitem(health.CHECKS, "broker", away)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "ready": False,
        "checks": {"database": "ok", "migrations": "ok", "data_folder": "ok", "broker": "failed"},
    }
    assert b"secret" not in response.content


def test_metrics_are_for_administrators(cast: Cast) -> None:
    assert cast.client(cast.alice).get("/metrics").status_code == 404
    cast.alice.is_superuser = True
    cast.alice.save()
    response = cast.client(cast.alice).get("/metrics")
    assert response.status_code == 200
    assert b"django_http_requests" in response.content


def test_metrics_are_for_who_bears_the_token(client: Client, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "t0ken"
    assert client.get("/metrics", headers={"authorization": "Bearer t0ken"}).status_code == 200
    assert client.get("/metrics", headers={"authorization": "Bearer other"}).status_code == 404
    assert client.get("/metrics").status_code == 404


def test_no_token_set_lets_an_empty_one_not_pass(client: Client) -> None:
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
