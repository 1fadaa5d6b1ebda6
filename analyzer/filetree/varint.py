"""Whole numbers as bytes, small ones as one byte (LEB128; signed ones zigzag, as in protocol buffers)."""

from collections.abc import Iterable, Iterator


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
    value = shift = 0
    for byte in packed:
        value |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            continue
        yield -(value + 1 >> 1) if value & 1 else value >> 1
        value = shift = 0
    if shift:
        raise ValueError("the last number is cut")


def deltas(numbers: Iterable[int]) -> Iterator[int]:
    """Each number less the one before."""
    before = 0
    for number in numbers:
        yield number - before
        before = number


def sums(differences: Iterable[int]) -> Iterator[int]:
    """The numbers of `deltas`."""
    number = 0
    for difference in differences:
        number += difference
        yield number
