"""A progress bar on a terminal; silent elsewhere."""

import time
from types import TracebackType
from typing import TextIO

from analyzer.units import binary_text

WIDTH = 30


class ProgressBar:
    """Redraws one line, at most ten times a second, and wipes it at the end."""

    def __init__(self, label: str, stream: TextIO, unit: str = "") -> None:
        """`unit`: what is counted, if it is not bytes."""
        self._unit = unit
        self._label = label if label.isprintable() else ascii(label)
        self._stream = stream
        self._shown = stream.isatty()
        self._started = time.monotonic()
        self._drawn = 0.0

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def report(self, done: int, total: int) -> None:
        """Bytes of layers read, and bytes to read; or whatever is counted."""
        now = time.monotonic()
        if not self._shown or now - self._drawn < 0.1:
            return
        self._drawn = now
        share = min(done / total, 1.0) if total else 1.0
        filled = round(share * WIDTH)
        bar = "█" * filled + "·" * (WIDTH - filled)
        self._stream.write(f"\r\x1b[K{self._label}  {bar} {share:4.0%}  {self._amount(done, now)}")
        self._stream.flush()

    def _amount(self, done: int, now: float) -> str:
        if self._unit:
            return f"{done:,} {self._unit}"
        return f"{binary_text(done)}, {binary_text(int(done / max(now - self._started, 0.001)))}/s"
