"""The history table in the words of `docker history`."""

from datetime import UTC, datetime, timedelta

import pytest

from analyzer.models import Image
from analyzer.selectors.image_history import is_prefix, moment, since, spans, steps_below

NOW = datetime(2026, 11, 24, 6, 35, tzinfo=UTC)
DIGEST = "0123456789ab" + "cd" * 26


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(milliseconds=300), "Less than a second ago"),
        (timedelta(seconds=1), "1 second ago"),
        (timedelta(seconds=59), "59 seconds ago"),
        (timedelta(minutes=1), "About a minute ago"),
        (timedelta(minutes=44), "44 minutes ago"),
        (timedelta(hours=1), "About an hour ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=15), "2 weeks ago"),
        (timedelta(days=61), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_ages_are_told_as_docker_tells_them(ago: timedelta, words: str):
    assert since(NOW - ago, NOW) == words


def test_a_time_that_nobody_knows_is_not_applicable():
    assert since(None, NOW) == "N/A"


@pytest.mark.parametrize("text", [None, "", "yesterday", "0001-01-01T00:00:00Z", "2026-11-24T05:51:03"])
def test_what_is_no_time_is_none(text: str | None):
    assert moment(text) is None


def test_a_time_may_have_nanoseconds():
    assert moment("2026-11-24T05:51:03.123456789Z") == datetime(2026, 11, 24, 5, 51, 3, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "soft"),
    [
        ('/bin/sh -c #(nop)  CMD ["node"]', "/bin/sh -c #(nop)  "),
        ("/bin/sh -c apt-get update", "/bin/sh -c "),
        ("RUN /bin/sh -c make # buildkit", "RUN /bin/sh -c "),
        ("RUN |1 A=1 /bin/sh -c make", "RUN |1 A=1 /bin/sh -c "),
        ("COPY . /src # buildkit", ""),
        ("", ""),
    ],
)
def test_what_the_builder_wrapped_around_is_told_apart(text: str, soft: str):
    pieces = spans(text)
    assert "".join(piece.text for piece in pieces) == text
    assert "".join(piece.text for piece in pieces if piece.kind == "soft") == soft


def test_digests_are_split_after_twelve_digits_and_nothing_is_lost():
    text = f"/bin/sh -c #(nop) COPY file:{DIGEST} in / "
    pieces = spans(text)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.kind for piece in pieces] == ["soft", "head", "tail", ""]
    assert pieces[2].text == DIGEST[12:]


def step(name: str, layer: int | None) -> dict[str, object]:
    return {"created": None, "created_by": name, "comment": "", "empty_layer": layer is None, "layer": layer}


def test_steps_of_the_base_end_where_its_own_history_ends():
    base = Image(history=[step("a", 0), step("b", None)])
    image = Image(history=[*base.history, step("c", None), step("d", 1)], history_aligned=True)
    assert is_prefix(base.history, image.history)
    assert steps_below(image, 1, base) == 2


def test_without_a_common_history_they_end_with_the_layer():
    other = Image(history=[step("x", 0), step("y", None)])
    image = Image(history=[step("a", 0), step("b", None), step("c", 1)], history_aligned=True)
    assert steps_below(image, 1, other) == 1
    assert steps_below(image, 0, other) == 0


def test_where_history_does_not_align_no_step_belongs_below():
    assert steps_below(Image(history=[step("a", 0)], history_aligned=False), 1) == 0
