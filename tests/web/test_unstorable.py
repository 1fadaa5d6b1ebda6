"""A character that a database may refuse to look for: PostgreSQL has no text with a NUL in it, SQLite finds nothing."""

import pytest

from tests.cast import Cast


@pytest.mark.parametrize(
    "address",
    [
        "/badges/%00.svg",
        "/share/?page=image&image=%00",
        "/images/delete/?team=%00&image=%00",
        "/images/?team=%00&repository=%00&tag=%00",
        "/compare/?a=%00&b=%00",
        "/reuse/?team=%00",
        "/teams/%00/",
        "/find/?q=%00",
        "/jobs/?state=%00",
    ],
)
def test_a_page_that_is_asked_for_it_does_not_fail(cast: Cast, address: str) -> None:
    assert cast.client(cast.alice).get(address).status_code in {200, 302, 400, 404}


def test_a_form_that_is_sent_with_it_does_not_fail(cast: Cast) -> None:
    for address in ("/add/sample/", "/add/pull/", "/share/"):
        sent = cast.client(cast.alice).post(address, {"team": "\0", "reference": "a", "page": "report", "days": "7"})
        assert sent.status_code < 500, address
