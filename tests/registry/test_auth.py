"""What a registry's challenge says, and what a token server answers."""

import pytest

from analyzer.registry.answers import retry_after
from analyzer.registry.auth import Challenge, basic, parse_challenges, parse_token, token_query
from analyzer.registry.context import Credentials
from analyzer.registry.errors import RegistryError


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('Basic realm="x"', [Challenge("basic", {"realm": "x"})]),
        (
            'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
            [
                Challenge(
                    "bearer",
                    {
                        "realm": "https://auth.docker.io/token",
                        "service": "registry.docker.io",
                        "scope": "repository:a/b:pull,push",
                    },
                )
            ],
        ),
        (
            'Bearer realm="r", service = s , Basic realm="a \\"b\\""',
            [Challenge("bearer", {"realm": "r", "service": "s"}), Challenge("basic", {"realm": 'a "b"'})],
        ),
        ("Negotiate", [Challenge("negotiate", {})]),
        ("", []),
        ('="', []),
    ],
)
def test_challenges_are_read(header: str, expected: list[Challenge]) -> None:
    assert parse_challenges(header) == expected


def test_a_token_is_asked_for_with_the_challenges_scope_or_our_own() -> None:
    alice = Credentials("alice", "secret")
    asked = token_query(Challenge("bearer", {"service": "s"}), "repository:app:pull", alice)
    assert asked == {"service": "s", "scope": "repository:app:pull", "account": "alice"}
    assert token_query(Challenge("bearer", {"scope": "x"}), "y", None) == {"scope": "x"}
    assert basic(alice) == "Basic YWxpY2U6c2VjcmV0"


def test_a_token_lives_as_long_as_its_server_says() -> None:
    assert parse_token(b'{"token":"t","expires_in":300}', 0.0, "auth").expires == 290.0
    assert parse_token(b'{"access_token":"t"}', 0.0, "auth").expires == 50.0


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"token":5}', b'{"token":"a\\nb"}', b"<html>"])
def test_an_answer_without_a_token_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(RegistryError, match="token server auth"):
        parse_token(raw, 0.0, "auth")


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after("7") == 7.0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("soon") is None
    assert retry_after(None) is None
