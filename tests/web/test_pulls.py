"""The form that pulls from a registry."""

import pytest
from django.test import Client

from analyzer.models import Job
from tests.cast import Cast


@pytest.fixture
def alice(cast: Cast) -> Client:
    return cast.client(cast.alice)


def typed(cast: Cast, **more: str) -> dict[str, str]:
    return {"reference": "nginx:1", "platform": "", "team": cast.team.slug, "username": "", "password": "", **more}


def test_the_form_leads_to_the_job(alice: Client, cast: Cast) -> None:
    response = alice.post("/add/pull/", typed(cast))
    job = Job.objects.get()
    assert response.headers["Location"] == f"/jobs/{job.pk}/"
    assert (job.reference, job.user) == ("docker.io/library/nginx:1", cast.alice)
    assert "docker.io/library/nginx:1" in alice.get(f"/jobs/{job.pk}/").content.decode()


def test_what_is_wrong_is_said_and_what_was_typed_stays_but_for_the_password(alice: Client, cast: Cast) -> None:
    response = alice.post("/add/pull/", typed(cast, reference="No <b>!", username="me", password="very-secret"))
    text = response.content.decode()
    assert response.status_code == 400
    assert "is not a valid image reference" in text
    assert "No &lt;b&gt;!" in text
    assert 'value="me"' in text
    assert "very-secret" not in text
    assert not Job.objects.exists()


def test_the_password_is_not_kept_in_plain(alice: Client, cast: Cast) -> None:
    alice.post("/add/pull/", typed(cast, username="me", password="very-secret"))
    job = Job.objects.get()
    assert job.sealed_credentials
    assert "very-secret" not in job.sealed_credentials
    assert "very-secret" not in alice.get(f"/jobs/{job.pk}/?format=json").content.decode()


def test_team_access_works(cast: Cast) -> None:
    assert cast.client(cast.bob).post("/add/pull/", typed(cast)).status_code == 302


def test_a_bad_id_gives_404(alice: Client, cast: Cast) -> None:
    assert alice.post("/add/pull/", typed(cast, team="nobody")).status_code == 404


def test_ownership_is_checked(cast: Cast) -> None:
    assert cast.client(cast.charlie).post("/add/pull/", typed(cast)).status_code == 404
    assert Client().post("/add/pull/", typed(cast)).status_code == 302
    assert not Job.objects.exists()
