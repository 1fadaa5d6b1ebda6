"""The finding of the table of images as its title."""

from collections.abc import Sequence

from analyzer.selectors.figures import ImageRow
from analyzer.units import binary_text, grouped


def heading(rows: Sequence[ImageRow], total: int) -> str:
    """`13 images, 5.90 GiB`; narrowed, `3 of 13 images, 1.62 GiB`."""
    images = "1 image" if total == 1 else f"{grouped(total)} images"
    counted = images if len(rows) == total else f"{grouped(len(rows))} of {images}"
    size = sum(row.size or 0 for row in rows)
    return f"{counted}, {binary_text(size)}" if size else counted
