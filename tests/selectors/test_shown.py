"""Names are data: nothing in them acts on the page, or hides."""

import pytest

from analyzer.selectors.shown import shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ünïcode/日本語".encode(), "ünïcode/日本語"),
        (b"new\nline", r"new\nline"),
        (b"tab\ttab", r"tab\ttab"),
        (b"bell\x07", r"bell\x07"),
        (b"bad\xff\xfebytes", "bad%FF%FEbytes"),
        ("gnp.\u202etxt".encode(), r"gnp.\u202etxt"),
        ("zero\u200bwidth".encode(), r"zero\u200bwidth"),
        (b"<b>", "<b>"),  # escaped where it becomes HTML
    ],
)
def test_what_cannot_be_seen_is_written_out(name: bytes, text: str):
    assert shown(name) == text
