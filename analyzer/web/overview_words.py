"""The findings of the overview as sentences: each is the title of what shows it."""

from collections.abc import Sequence

from analyzer.selectors.figures import ImageRow
from analyzer.selectors.overview import SharedLayer, Totals
from analyzer.units import binary_text, grouped, share


def counted(number: int, word: str) -> str:
    """`1 image`, `13 images`"""
    return f"{grouped(number)} {word}" if number == 1 else f"{grouped(number)} {word}s"


def heading(totals: Totals) -> str:
    if not totals.images:
        return f"{counted(totals.left_out, 'image')}, none of them whole"
    return f"{counted(totals.images, 'image')} of {binary_text(totals.naive)}, stored in {binary_text(totals.stored)}"


def shared_title(layers: Sequence[SharedLayer], saved: int) -> str:
    if not layers:
        return "No layer is in two images yet"
    first = share(layers[0].saves, saved)
    if len(layers) == 1:
        return "One layer does all of the saving"
    return f"One layer does {first} of the saving"


def waste_title(rows: Sequence[ImageRow]) -> str:
    if not rows:
        return "No image hides bytes of its own"
    worst = rows[0]
    if not worst.own_waste:
        return "All that is wasted is inherited from bases"
    return f"{worst.name} hides {share(worst.own_waste, worst.size or 0)} of its {binary_text(worst.size or 0)}"


def trend_title(totals: Totals) -> str:
    return f"Images grew to {binary_text(totals.naive)}, the store to {binary_text(totals.stored)}"


def lately_title(active: int) -> str:
    if not active:
        return "Came in lately"
    return "An archive is being read" if active == 1 else f"{active} archives are being read"
