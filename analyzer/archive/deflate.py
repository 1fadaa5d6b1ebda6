"""zlib's functions, from the fastest library that this machine has."""

import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_GZIP = 31  # window bits that stand for "with the header and the trailer of gzip"
_RAW = -15  # and for "with neither"

_library: Any = zlib
with suppress(ImportError):  # no wheel for this machine: the standard library is half as fast, and right
    from isal import isal_zlib

    _library = isal_zlib

ERRORS: tuple[type[Exception], ...] = (zlib.error, _library.error)
adler32: Callable[[bytes], int] = _library.adler32


def decompressor() -> Any:
    """For one member of a gzip stream: what `zlib.decompressobj` returns. It raises one of ERRORS."""
    return _library.decompressobj(_GZIP)


def raw_decompressor(window: bytes) -> Any:
    """For a deflate stream (RFC 1951) that goes on where `window` ends, the plain bytes before it."""
    return _library.decompressobj(_RAW, window) if window else _library.decompressobj(_RAW)
