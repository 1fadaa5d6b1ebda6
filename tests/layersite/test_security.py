"""What every answer tells browsers, and whom the site believes."""

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory

from layersite.proxies import client_ip


def test_the_content_security_policy_allows_no_foreign_and_no_inline_script(client: Client) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "script-src" not in rules  # default-src holds for scripts
    assert "unsafe-eval" not in policy


def test_answers_can_t_be_framed_sniffed_or_leaked_by_referrer(client: Client) -> None:
    headers = client.get("/healthz").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_request_that_names_a_foreign_host_is_refused(client: Client) -> None:
    assert client.get("/admin/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.django_db
def test_guessing_a_password_is_stopped(client: Client, settings: LazySettings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    guess = {"username": "alice", "password": "wrong"}
    answers = [client.post("/admin/login/", guess).status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "1.1.1.1", "10.0.0.9"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.1", "1.1.1.1"),
        (2, "1.1.1.1", "1.1.1.1"),
        (1, "", "10.0.0.9"),
    ],
)
def test_forwarded_addresses_are_believed_as_far_as_our_proxies_wrote_them(
    settings: LazySettings, proxies: int, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR="10.0.0.9")
    assert client_ip(request) == expected
