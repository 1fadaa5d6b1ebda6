"""Sizes and counts as people read them: binary units, thousands apart."""

import re
from datetime import timedelta

UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def binary(size: int) -> tuple[str, str]:
    """`size` in bytes as number and unit, three digits or a little more: ("5.57", "MiB"), ("189.7", "MiB")."""
    value, unit = float(size), 0
    # Against 1023.95, not 1024: what would be printed as 1024.0 is one of the next unit.
    while abs(value) >= (1024 if unit == 0 else 1023.95) and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    number = grouped(size) if unit == 0 else f"{value:.2f}" if abs(value) < 9.995 else f"{value:.1f}"
    return number.replace("-", "−"), UNITS[unit]


def binary_text(size: int) -> str:
    """`size` in bytes as one text: "5.57 MiB"."""
    return " ".join(binary(size))


_SIZE = re.compile(r"(\d{1,15}(?:[.,]\d{1,6})?)\s*(?:([kmgtp]?)(i?)(b?)|bytes?)", re.IGNORECASE)


def parsed(text: str) -> int:
    """A size as people write it, in bytes: "2 GiB", "500 MB", "1.5G" (binary, as this site prints), "1048576".

    Raises ValueError, with a sentence.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text.strip()[:40]!r} is no size: write it as 2 GiB or 500 MB.")
    number, unit, binary_, byte = found.groups()
    power = " kmgtp".index((unit or " ").lower())
    return int(float(number.replace(",", ".")) * (1024 if binary_ or not byte else 1000) ** power)


def grouped(number: int) -> str:
    """`number` with its thousands apart: "5,839,514"."""
    return f"{number:,}"


def exact(size: int) -> str:
    """`size` in bytes to the last byte: "5,839,514 bytes"."""
    return f"{size:,} byte" if size == 1 else f"{size:,} bytes"


def share(part: int, whole: int) -> str:
    """`part` of `whole` in percent: "56.8 %", whole numbers from 99.5 and for 0; "–" of nothing."""
    if whole == 0:
        return "–"
    percent = part * 100 / whole
    if percent == 0 or percent >= 99.5:
        # 100 % is said only of the whole: what is a byte short of it reads 99.9 %.
        return f"{percent:.0f} %" if part in (0, whole) else "99.9 %"
    return f"{percent:.1f} %" if percent >= 0.1 else "< 0.1 %"


def duration(length: timedelta) -> str:
    """`0.8 s`, `14 s`, `3 min 5 s`, `15 min`"""
    seconds = length.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
