"""The columns of the table of images, and the little stack that each row has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import django_tables2

from analyzer.selectors.figures import ImageRow
from analyzer.web.tables import Figure, Rows, Words

MOST_PIECES = 24

COLUMNS = (
    "image_id",
    "references",
    "platform",
    "size",
    "own_size",
    "shared",
    "unique",
    "waste",
    "own_waste",
    "inherited_waste",
    "efficiency",
    "base",
    "layers",
    "created",
    "teams",
)
"""Of the CSV twin."""


@dataclass(frozen=True, slots=True)
class Strip:
    """The image's layers bottom first, (diffID, bytes); `width` is the image's share of the largest one's size."""

    width: float
    pieces: tuple[tuple[str, int], ...]


class ImageTable(django_tables2.Table):  # type: ignore[misc]
    name = Words(verbose_name="image", accessor="place")
    platform = Words(verbose_name="platform", drop="p5")
    size = Figure(verbose_name="size")
    strip = Words(verbose_name="layers to scale", orderable=False, drop="bar-cell")
    layers = Figure(verbose_name="layers", drop="p4")
    base = Words(verbose_name="base", accessor="base__name", drop="mid")
    own_size = Figure(verbose_name="own")
    shared = Figure(verbose_name="shared", drop="p4")
    unique = Figure(verbose_name="unique")
    waste = Figure(verbose_name="waste")
    created = Words(verbose_name="created", drop="p5")
    teams = Words(verbose_name="team", drop="p5")

    class Meta:
        order_by_field = "sort"
        page_field = "page"
        attrs = {"class": "fold images"}

    def __init__(self, rows: list[ImageRow], **kwargs: Any) -> None:
        super().__init__(Rows(rows), **kwargs)


def strips_of(rows: list[ImageRow], shown: list[ImageRow], sizes: Mapping[str, int]) -> list[tuple[ImageRow, Strip]]:
    """Each of the rows that are `shown` with its strip, to the scale of the largest image of all `rows`."""
    largest = max((row.size or 0 for row in rows), default=0) or 1
    return [(row, _strip(row, largest, sizes)) for row in shown]


def _strip(row: ImageRow, largest: int, sizes: Mapping[str, int]) -> Strip:
    known = [diff_id for diff_id in row.diff_ids if diff_id and sizes[diff_id]]
    if row.size is None:
        return Strip(0, ())
    thick = set(sorted(known, key=lambda diff_id: -sizes[diff_id])[:MOST_PIECES])
    return Strip(row.size / largest, tuple((diff_id, sizes[diff_id]) for diff_id in known if diff_id in thick))
