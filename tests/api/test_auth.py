"""Who may call the API: bearers of a token, and people who are logged in, with a CSRF token where it matters."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from analyzer.models import ApiToken, Job, Membership, Role, TokenScope, Upload
from analyzer.services.tokens import issue_token, revoke_token
from tests.api.client import Api
from tests.cast import Cast

UPLOADS = "/api/v1/uploads/"


@pytest.fixture
def browser(cast: Cast) -> Client:
    """Alice's, which checks CSRF tokens as a real one is checked."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def csrf_of(browser: Client) -> str:
    browser.get("/accounts/password/")
    return browser.cookies["csrftoken"].value


def test_a_token_is_kept_as_a_hash_only(cast: Cast) -> None:
    token, text = issue_token(cast.alice, "ci")
    assert text.startswith("lay_")
    assert text not in "".join(str(value) for value in vars(token).values())
    assert token.sha256 == ApiToken.hash_of(text)


def test_a_revoked_token_opens_nothing(cast: Cast) -> None:
    api = Api(cast.alice)
    assert api.get("jobs/").status_code == 200
    revoke_token(ApiToken.objects.get())
    response = api.get("jobs/")
    assert response.status_code == 401
    assert "invalid_token" in response["WWW-Authenticate"]


def test_the_token_of_who_may_not_log_in_opens_nothing(cast: Cast) -> None:
    api = Api(cast.alice)
    cast.alice.is_active = False
    cast.alice.save()
    assert api.get("jobs/").status_code == 401


def test_an_expired_token_opens_nothing(cast: Cast) -> None:
    api = Api(cast.alice)
    ApiToken.objects.update(expires=timezone.now() + timedelta(hours=1))
    assert api.get("jobs/").status_code == 200
    ApiToken.objects.update(expires=timezone.now())
    assert api.get("jobs/").status_code == 401


def test_a_token_does_what_its_scope_says_and_its_owner_may(cast: Cast) -> None:
    """Alice owns the team, Vera sees it: reading, beginning an upload, stopping a job, keeping a registry."""
    job = Job.objects.create(team=cast.team, name="a.tar", path="")
    registry = {"team": cast.team.slug, "name": "hub", "host": "hub.example", "username": "", "password": ""}
    vera = cast.join("vera", Role.VIEWER)
    for owner, scope, allowed in (
        (cast.alice, "read", "read"),
        (cast.alice, "upload", "read upload stop"),
        (cast.alice, "admin", "read upload stop keep"),
        (vera, "admin", "read"),
    ):
        api = Api(owner)
        ApiToken.objects.filter(user=owner).update(scope=scope)
        Job.objects.update(state="queued")
        told = {
            "read": api.get(f"jobs/{job.pk}/"),
            "upload": api.create(5),
            "stop": api.call("POST", f"jobs/{job.pk}/cancel/"),
            "keep": api.call("POST", "registries/", json.dumps(registry), type="application/json"),
        }
        assert " ".join(name for name, answer in told.items() if answer.status_code < 300) == allowed, scope
        assert all(answer.status_code in {200, 201, 403, 404} for answer in told.values()), told
    assert (
        "scope is read"
        in Api(cast.alice, scope=TokenScope.READ).call("POST", f"jobs/{job.pk}/cancel/").json()["detail"]
    )


def test_a_token_of_one_team_finds_nothing_of_the_others(cast: Cast) -> None:
    Membership.objects.create(team=cast.other_team, user=cast.alice, role=Role.OWNER)
    jobs = [Job.objects.create(team=team, name="a.tar", path="") for team in (cast.team, cast.other_team)]
    api = Api(cast.alice, team=cast.other_team)
    assert api.get("jobs/").json()["count"] == 1
    assert [api.get(f"jobs/{job.pk}/").status_code for job in jobs] == [404, 200]
    assert api.create(5, team=cast.team.slug).status_code == 404
    assert api.create(5).status_code == 201
    assert Upload.objects.get().team == cast.other_team
    Membership.objects.filter(team=cast.other_team, user=cast.alice).delete()
    assert api.get("jobs/").json()["count"] == 0


def test_the_last_use_of_a_token_is_noted_once_a_minute(cast: Cast) -> None:
    api = Api(cast.alice)
    api.get("jobs/")
    first = ApiToken.objects.get().last_used
    api.get("jobs/")
    assert ApiToken.objects.get().last_used == first
    ApiToken.objects.update(last_used=timezone.now() - timedelta(minutes=2))
    api.get("jobs/")
    used = ApiToken.objects.get().last_used
    assert used is not None
    assert first is not None
    assert used > first


def test_a_bad_token_is_not_saved_by_a_session(browser: Client) -> None:
    assert browser.get("/api/v1/jobs/", headers={"Authorization": "Bearer lay_wrong"}).status_code == 401


def test_who_is_logged_in_reads_without_more(browser: Client) -> None:
    assert browser.get("/api/v1/jobs/").status_code == 200


def test_a_session_changes_nothing_without_a_csrf_token(browser: Client, cast: Cast) -> None:
    upload = Upload.objects.create(team=cast.team, user=cast.alice, name="a.tar", length=5)
    job = Job.objects.create(team=cast.team, name="a.tar", path="")
    for method, path in (
        ("POST", UPLOADS),
        ("PUT", f"{UPLOADS}?name=a.tar"),
        ("PATCH", f"{UPLOADS}{upload.pk}/"),
        ("DELETE", f"{UPLOADS}{upload.pk}/"),
        ("POST", f"/api/v1/jobs/{job.pk}/cancel/"),
    ):
        response = browser.generic(method, path, b"x", headers={"Upload-Length": "5"})
        assert response.status_code == 403, (method, path)
        assert "X-CSRFToken" in response.json()["detail"]
    assert list(Upload.objects.all()) == [upload]
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_session_with_its_csrf_token_uploads(browser: Client) -> None:
    headers = {"X-CSRFToken": csrf_of(browser)}
    created = browser.post(UPLOADS, headers=headers | {"Upload-Length": "5"}, content_type="text/plain")
    assert created.status_code == 201
    patched = browser.patch(
        created["Location"], b"abcde", "application/offset+octet-stream", headers=headers | {"Upload-Offset": "0"}
    )
    assert patched.status_code == 204
    assert patched["Layersite-Job"]


def test_a_csrf_token_from_elsewhere_is_refused(browser: Client) -> None:
    headers = {"X-CSRFToken": csrf_of(browser), "Origin": "https://elsewhere.example", "Upload-Length": "5"}
    assert browser.post(UPLOADS, headers=headers, content_type="text/plain").status_code == 403


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_a_form_is_refused_unread(browser: Client, kind: str) -> None:
    headers = {"X-CSRFToken": csrf_of(browser), "Upload-Length": "5"}
    response = browser.post(UPLOADS, b"--x\r\n", headers=headers, content_type=kind)
    assert response.status_code == 415


def test_the_bearer_of_a_token_needs_no_csrf_token(cast: Cast) -> None:
    text = issue_token(cast.alice, "ci")[1]
    client = Client(enforce_csrf_checks=True)
    response = client.put(f"{UPLOADS}?name=a.tar", b"x", headers={"Authorization": f"Bearer {text}"})
    assert response.status_code == 202
