"""Whole numbers as bytes, small ones as one byte (LEB128; signed ones zigzag, as in protocol buffers)."""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate


def pack(numbers: Iterable[int]) -> bytes:
    """Numbers of any sign, one after the other."""
    packed = bytearray()
    for number in numbers:
        rest = number << 1 if number >= 0 else (-number << 1) - 1
        while rest > 0x7F:
            packed.append(rest & 0x7F | 0x80)
            rest >>= 7
        packed.append(rest)
    return bytes(packed)


def unpack(packed: bytes) -> Iterator[int]:
    """The numbers of `pack`. Raises ValueError if the last one is cut."""
    if packed and packed[-1] & 0x80:
        raise ValueError("the last number is cut")
    return map(_SMALL.__getitem__, _ONE.findall(packed))


def deltas(numbers: Iterable[int]) -> Iterator[int]:
    """Each number less the one before."""
    before = 0
    for number in numbers:
        yield number - before
        before = number


def sums(differences: Iterable[int]) -> Iterator[int]:
    """The numbers of `deltas`."""
    return accumulate(differences)


class _Numbers(dict[bytes, int]):
    """Numbers by their bytes. Those of one or two bytes, which most are, are decoded once."""

    def __missing__(self, packed: bytes) -> int:
        value = 0
        for byte in reversed(packed):
            value = value << 7 | byte & 0x7F
        number = -(value + 1 >> 1) if value & 1 else value >> 1
        if len(packed) <= 2:
            self[packed] = number
        return number


_ONE = re.compile(rb"[\x80-\xff]*[\x00-\x7f]")
_SMALL = _Numbers()
