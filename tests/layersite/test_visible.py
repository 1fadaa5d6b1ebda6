"""What moves text around is written out on every page, whoever forgot it."""

import pytest
from django.http import HttpRequest, HttpResponse

from layersite.visible import Visible


@pytest.mark.parametrize(
    ("text", "written"),
    [("gnp.\u202eexe", "gnp.\\u202eexe"), ("a\u2066b\u2069", "a\\u2066b\\u2069"), ("\0\x1b", "\\u0000\\u001b")],
)
def test_a_page_shows_what_would_turn_it_around(text: str, written: str) -> None:
    assert Visible(lambda _: HttpResponse(text))(HttpRequest()).content.decode() == written  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["שלום", "tab\tand\nline", "€ – “words” …", "\u2028"])
def test_all_else_stays_as_it_is(text: str) -> None:
    assert Visible(lambda _: HttpResponse(text))(HttpRequest()).content.decode() == text  # type: ignore[attr-defined]


def test_what_is_no_page_stays_as_it_is() -> None:
    answer = HttpResponse("\u202e", content_type="application/json")
    assert Visible(lambda _: answer)(HttpRequest()).content.decode() == "\u202e"  # type: ignore[attr-defined]
