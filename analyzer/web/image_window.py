"""As many steps of an image as a page shows at once: images of hundreds of layers are paged, long instructions cut.

The stack and the history show the same steps. Their twins have all of them, whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from analyzer.selectors.image import ImagePage
from analyzer.selectors.image_history import Span, Step, spans
from analyzer.selectors.image_stack import Plate

STEPS = 40  # of a page: one that names no more is within 150 kB, its tab included
ROWS = 25  # of a table in a tab
ROOM = 12_000  # characters of all instructions of a page
CUTS = (2_000, 1_000, 500, 250)  # characters of one instruction: the first that leaves all of them within ROOM


@dataclass(frozen=True, slots=True)
class Row:
    """A step of the history, and its instruction as far as it is shown."""

    step: Step
    spans: tuple[Span, ...]
    cut: int


@dataclass(frozen=True, slots=True)
class Window:
    rows: tuple[Row, ...]  # newest first
    own: tuple[Plate, ...]
    below: tuple[Plate, ...]  # of the base
    pages: Page[Plate]


def window_of(page: ImagePage, number: str | None = None) -> Window:
    """The steps of one page, the newest first; where history and layers do not align, as many layers beside them."""
    plates = [*page.stack.own, *page.stack.below]
    longer = max(plates, page.steps, key=len)
    pages: Page[Any] = Paginator(longer, STEPS).get_page(number)
    start = (pages.number - 1) * STEPS
    own = len(page.stack.own)
    return Window(
        rows=_rows(page.steps[start : start + STEPS]),
        own=page.stack.own[start : start + STEPS],
        below=page.stack.below[max(start - own, 0) : max(start + STEPS - own, 0)],
        pages=pages,
    )


def rows_page(request: HttpRequest, rows: Sequence[Any]) -> Page[Any]:
    """The rows of a tab's table that the address asks for."""
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


def _rows(steps: Sequence[Step]) -> tuple[Row, ...]:
    cut = cut_for([len(step.created_by) for step in steps])
    return tuple(Row(step, spans(step.created_by, cut), cut) for step in steps)


def cut_for(lengths: Sequence[int]) -> int:
    """After how many characters each of these texts is cut, so that they fit into a page together."""
    return next((cut for cut in CUTS if sum(min(length, cut) for length in lengths) <= ROOM), CUTS[-1])
