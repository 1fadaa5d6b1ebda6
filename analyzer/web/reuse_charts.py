"""The charts of the Reuse page: its rows as bars and curves, each mark with its words and the page behind it."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse

from analyzer.charts.bars import Column, bars
from analyzer.charts.cdf import cdf
from analyzer.charts.days import DayBar, days
from analyzer.charts.figure import Figure
from analyzer.charts.growth import Step, growth
from analyzer.selectors.overview import Growth
from analyzer.selectors.sharing import Day, Held
from analyzer.selectors.spread import SpreadLayer
from analyzer.units import binary_text, exact, grouped
from analyzer.web import reuse_words as words
from analyzer.web.overview_words import counted
from analyzer.web.reuse_frame import Frame

MOST_DAYS = 30
MOST_STEPS = 60


def held_chart(rows: Sequence[Held], framed: Frame) -> Figure:
    """Layers by the number of images that hold them; a click lists the layers of a bar."""
    return bars(
        [
            Column(
                label=row.key.replace("-", "–"),
                value=row.layers,
                text=grouped(row.layers),
                title=f"{counted(row.layers, 'layer')} {words.held_by(row.key)}: {exact(row.stored)} stored, "
                f"{exact(row.naive)} unshared",
                link=held_address(row, framed),
                strong=row.low > 1,
            )
            for row in reversed(rows)
        ],
        "images that hold a layer",
    )


def held_address(row: Held, framed: Frame) -> str:
    """Where the layers of a bar are listed."""
    return f"{reverse('reuse')}?{urlencode({**framed.query.parameters, 'held': row.key})}#held"


def size_chart(layers: Sequence[SpreadLayer]) -> Figure:
    return cdf(
        [item.size for item in layers],
        lambda at: (f"{_short(layers[at])}: {exact(layers[at].size)}", _page(layers[at])),
        lambda size: binary_text(int(size)).replace(".00", ""),
    )


def files_chart(layers: Sequence[SpreadLayer]) -> Figure:
    return cdf(
        [item.files for item in layers],
        lambda at: (f"{_short(layers[at])}: {counted(layers[at].files, 'file')}", _page(layers[at])),
        lambda files: grouped(int(files)),
        step=2,
    )


def ratio_chart(layers: Sequence[SpreadLayer]) -> Figure:
    """Of those that are known."""
    known = [(item, item.ratio) for item in layers if item.ratio is not None]
    return cdf(
        [ratio for _, ratio in known],
        lambda at: (f"{_short(known[at][0])}: {known[at][1]:.2f} : 1", _page(known[at][0])),
        lambda ratio: f"{ratio:g} : 1",
        step=1,
        least=0.5,
    )


def growth_chart(items: Sequence[Growth]) -> Figure:
    every = -(-len(items) // MOST_STEPS) or 1
    numbered = list(enumerate(items, 1))[::-1][::every][::-1]
    return growth(
        [
            Step(
                number=number,
                ratio=item.logical / item.stored if item.stored else 1.0,
                title=f"{counted(number, 'image')}, the last one {item.image.name}: {exact(item.logical)} in "
                f"{exact(item.stored)}",
                link=reverse("image", args=[item.image.ref]),
            )
            for number, item in numbered
        ]
    )


def days_chart(items: Sequence[Day], framed: Frame) -> Figure:
    """Days, or stretches of them where there are many; a click narrows the scope to it."""
    every = -(-len(items) // MOST_DAYS) or 1
    stretches = [items[at : at + every] for at in range(0, len(items), every)]
    return days([_stretch(some, framed) for some in stretches])


def _stretch(some: Sequence[Day], framed: Frame) -> DayBar:
    first, last = some[0], some[-1]
    when = words.day_words(first) if first == last else f"{words.day_words(first)} to {words.day_words(last)}"
    logical, new = sum(day.logical for day in some), sum(day.new for day in some)
    asked = {**framed.query.parameters, "since": first.day.isoformat(), "until": last.day.isoformat()}
    images = counted(sum(day.images for day in some), "image")
    return DayBar(
        label=f"{first.day.day} {first.day:%b}",
        logical=logical,
        new=new,
        title=f"{when}: {images} of {exact(logical)}, {exact(new)} of it new",
        link=f"{reverse('reuse')}?{urlencode(asked)}",
    )


def _short(item: SpreadLayer) -> str:
    return item.diff_id.removeprefix("sha256:")[:12]


def _page(item: SpreadLayer) -> str:
    return reverse("layer", args=[item.diff_id])
