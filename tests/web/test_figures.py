"""What the figures mean: one page for all who are logged in, linked from every page."""

from django.test import Client

from analyzer.web.figures_words import GROUPS
from tests.cast import Cast
from tests.web.budget import get_within_budget


def test_every_word_has_its_meaning_and_an_address(cast: Cast) -> None:
    text = get_within_budget(cast.client(cast.charlie), "/help/figures/").content.decode()
    assert text.count("<dt ") == sum(len(group.words) for group in GROUPS)
    assert 'id="parent_deleted"' in text
    assert "<code>docker history</code>" in text


def test_every_page_leads_there(cast: Cast) -> None:
    assert 'href="/help/figures/"' in cast.client(cast.alice).get("/jobs/").content.decode()


def test_it_is_for_who_is_logged_in(db: None) -> None:
    assert Client().get("/help/figures/")["Location"].startswith("/accounts/login/")
