"""A part of a file as lines or in hexadecimal; two versions of a text, line by line."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.selectors import file_diff
from analyzer.selectors.file_diff import NoDiff, diff_of
from analyzer.selectors.file_text import PART_BYTES, guess_encoding, part_of


def parts(data: bytes) -> list[str]:
    """The lines of all parts, as one follows the links."""
    lines: list[str] = []
    start, line, encoding = 0, 1, ""
    while True:
        part = part_of(data[start : start + PART_BYTES], len(data), start, line, encoding)
        assert part.first_line == len(lines) + 1
        lines += part.lines
        if not part.more:
            return lines
        assert part.end > start
        start, line, encoding = part.end, part.next_line, part.encoding


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"plain", "utf-8"),
        ("grüße".encode(), "utf-8"),
        ("grüße".encode("cp1252"), "cp1252"),
        ("grüße".encode("utf-16"), "utf-16-le"),
        (b"\xef\xbb\xbfmarked", "utf-8"),
        (b"\x7fELF\x02\x01\x01\0", ""),
        (b"\xff\xfe\xfd\x01\x02", "utf-16-le"),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"\xe9\x01", ""),
    ],
)
def test_the_encoding_is_guessed(data: bytes, encoding: str):
    assert guess_encoding(data) == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"])
def test_a_long_text_is_whole_over_its_parts(encoding: str):
    lines = [f"Zeile {number} grüßt Ċ" if encoding != "cp1252" else f"Zeile {number} grüßt" for number in range(4000)]
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    assert parts((mark + "\n".join(lines)).encode(encoding)) == lines


def test_a_line_longer_than_a_part_is_cut_between_characters():
    assert "".join(parts("ü".encode() * PART_BYTES)) == "ü" * PART_BYTES


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp", "Cs"]), max_size=300))
def test_every_text_of_utf8_is_shown_as_it_stands(text: str):
    data = text.encode()
    assert parts(data) == ([text] if text else [])


def test_characters_that_are_not_seen_are_written_out():
    assert part_of(b"a\x1b[0m\tb\r\n", 8).lines == ["a\\x1b[0m\tb"]


def test_bytes_stand_as_in_a_hex_dump():
    part = part_of(b"\0\x01AZ" * 5, 20)
    assert (part.encoding, part.rows[1].offset, part.rows[1].octets, part.rows[1].text) == (
        "",
        "00000010",
        "00 01 41 5a",
        "··AZ",
    )


def signs(old: str, new: str) -> str:
    return "".join(line.sign for line in diff_of(old.encode(), new.encode()).lines)


def test_a_diff_shows_three_lines_around_what_differs():
    old = "\n".join(map(str, range(30)))
    assert signs(old, old.replace("15", "x")) == "@   -+   @"
    assert signs("a\nb", "a\nb\nc") == "  +"
    assert signs("", "a") == "+"


def test_a_diff_counts_what_came_and_went():
    found = diff_of(b"a\nb\nc\n", b"a\nX\nY\nc\n")
    assert (found.added, found.removed, found.clipped) == (2, 1, False)
    assert [(line.old, line.new) for line in found.lines] == [(1, 1), (2, None), (None, 2), (None, 3), (3, 4)]


def test_what_would_take_too_long_is_refused_in_words():
    with pytest.raises(NoDiff, match="larger than"):
        diff_of(bytes(file_diff.MOST_BYTES + 1), b"")
    with pytest.raises(NoDiff, match="no text"):
        diff_of(b"\0", b"a")
    many = "\n".join(map(str, range(5000)))
    with pytest.raises(NoDiff, match="lines differ"):
        diff_of(many.encode(), many[::-1].encode())


def test_the_worst_that_is_compared_takes_a_few_seconds_at_most():
    lines = [str(number) for number in range(file_diff.MOST_LINES)]
    begun = time.process_time()
    diff_of("\n".join(lines).encode(), "\n".join(lines[::-1]).encode())
    diff_of("\n".join(lines).encode(), "\n".join(f"{each}\nx" for each in lines[: file_diff.MOST_LINES // 2]).encode())
    assert time.process_time() - begun < 10
