"""Two versions of a text file, line by line."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.selectors.file_text import guess_encoding
from analyzer.selectors.shown import shown_text

MOST_BYTES = 128 << 10  # of each version
MOST_LINES = 2_000  # of each version, what both begin and end with left out: difflib's time grows with their square
MOST_SHOWN = 1_500
_CONTEXT = 3


class NoDiff(Exception):
    """The versions can't be compared; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    sign: str  # "+", "-", " ", or "@" for a gap
    text: str
    old: int | None = None
    new: int | None = None


@dataclass(frozen=True, slots=True)
class FileDiff:
    lines: tuple[DiffLine, ...]
    added: int
    removed: int
    clipped: bool  # more lines differ than are shown


def diff_of(old: bytes, new: bytes) -> FileDiff:
    """What differs, with three lines around it. Raises NoDiff."""
    before, after = _lines(old), _lines(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    if max(len(before), len(after)) - head - tail > MOST_LINES:
        raise NoDiff(f"More than {MOST_LINES:,} lines differ: download both to compare them.")
    middle = difflib.SequenceMatcher(
        None, before[head : len(before) - tail], after[head : len(after) - tail], autojunk=True
    )
    codes = [("equal", 0, head, 0, head)] if head else []
    codes += [(tag, i + head, j + head, k + head, m + head) for tag, i, j, k, m in middle.get_opcodes()]
    if tail:
        codes.append(("equal", len(before) - tail, len(before), len(after) - tail, len(after)))
    changed = [code for code in codes if code[0] != "equal"]
    lines = list(_shown(codes, before, after))
    return FileDiff(
        lines=tuple(lines[:MOST_SHOWN]),
        added=sum(code[4] - code[3] for code in changed),
        removed=sum(code[2] - code[1] for code in changed),
        clipped=len(lines) > MOST_SHOWN,
    )


def _lines(data: bytes) -> list[str]:
    if len(data) > MOST_BYTES:
        raise NoDiff(f"A version is larger than {MOST_BYTES >> 10} KiB: download both to compare them.")
    encoding = guess_encoding(data) if data else "utf-8"
    if not encoding:
        raise NoDiff("A version is no text: download both to compare them.")
    return data.decode(encoding, "replace").splitlines()


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _shown(codes: list[tuple[str, int, int, int, int]], before: list[str], after: list[str]) -> Iterator[DiffLine]:
    for number, (tag, i, j, k, m) in enumerate(codes):
        if tag != "equal":
            yield from (DiffLine("-", shown_text(before[at]), old=at + 1) for at in range(i, j))
            yield from (DiffLine("+", shown_text(after[at]), new=at + 1) for at in range(k, m))
            continue
        above = 0 if number == 0 else _CONTEXT
        below = 0 if number == len(codes) - 1 else _CONTEXT
        same = [DiffLine(" ", shown_text(before[i + at]), i + at + 1, k + at + 1) for at in range(j - i)]
        if len(same) <= above + below:
            yield from same
            continue
        yield from same[:above]
        yield DiffLine("@", f"{len(same) - above - below:,} equal lines")
        yield from same[len(same) - below :] if below else ()
