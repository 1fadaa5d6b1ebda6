"""The findings of the Reuse page as sentences: each is the title of what shows it."""

from collections.abc import Sequence

from analyzer.selectors.figures import ImageRow
from analyzer.selectors.overview import Growth
from analyzer.selectors.sharing import Day, HeldLayer, Owner
from analyzer.selectors.spread import SpreadLayer, quantile
from analyzer.units import binary_text, grouped
from analyzer.web.overview_words import counted

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


def number_word(number: int) -> str:
    """`Four` at the start of a sentence, `36` beyond twelve."""
    return NUMBERS[number] if number < len(NUMBERS) else grouped(number)


def held_title(layers: Sequence[HeldLayer]) -> str:
    shared = sum(1 for item in layers if item.images > 1)
    if not shared:
        return "No layer is in two images yet"
    verbs = "is shared, and does" if shared == 1 else "are shared, and do"
    return f"{number_word(shared)} of {counted(len(layers), 'layer')} {verbs} all the saving"


def held_by(key: str) -> str:
    """`in 4 images`, `in 5 to 8 images`"""
    low, _, high = key.partition("-")
    return f"in {low} to {high} images" if high else f"in {counted(int(low), 'image')}"


def images_title(rows: Sequence[ImageRow]) -> str:
    whole = [row for row in rows if row.size is not None]
    most = sum(1 for row in whole if row.shared and row.size and row.shared * 2 > row.size)
    if not most:
        return "No image shares more than half of its bytes"
    shares = "shares" if most == 1 else "share"
    return f"{number_word(most)} of {counted(len(whole), 'image')} {shares} more than half of the bytes"


def size_title(layers: Sequence[SpreadLayer]) -> str:
    sizes = sorted(item.size for item in layers)
    half, tenth = (binary_text(int(quantile(sizes, part))) for part in (0.5, 0.9))
    return f"Half of the layers have at most {half}, nine of ten at most {tenth}"


def files_title(layers: Sequence[SpreadLayer]) -> str:
    files = sorted(item.files for item in layers)
    half, tenth = (counted(int(quantile(files, part)), "file") for part in (0.5, 0.9))
    return f"Half of the layers hold at most {half}, nine of ten at most {tenth}"


def ratio_title(layers: Sequence[SpreadLayer]) -> str:
    ratios = sorted(item.ratio for item in layers if item.ratio is not None)
    if not ratios:
        return "No layer came in compressed, so nothing is known of how well they compress"
    half, best = quantile(ratios, 0.5), ratios[-1]
    return f"Half of the layers compress {half:.1f} : 1 or less, the best one {best:.1f} : 1"


def growth_title(growth: Sequence[Growth]) -> str:
    first, last = (_ratio(item) for item in (growth[0], growth[-1]))
    if len(growth) == 1:
        return f"With one image, a stored byte serves {last:.2f} bytes"
    return (
        f"With {grouped(len(growth))} images a stored byte serves {last:.2f} bytes, with the first it was {first:.2f}"
    )


def _ratio(item: Growth) -> float:
    return item.logical / item.stored if item.stored else 1.0


def days_title(days: Sequence[Day]) -> str:
    top = max(days, key=lambda day: day.logical)
    brought = f"{binary_text(top.logical)}, {binary_text(top.new)} of it new"
    if len(days) == 1:
        return f"All came in on {day_words(top)}: {brought}"
    return f"{day_words(top)} brought most: {brought}"


def day_words(day: Day) -> str:
    return f"{day.day.day} {day.day:%B %Y}"


def owners_title(owners: Sequence[Owner], stored: int) -> str:
    if not owners:
        return "No team holds a whole image here"
    if len(owners) == 1:
        return f"Team {owners[0].team} holds all of the {binary_text(stored)}"
    quotas = sum(owner.stored for owner in owners)
    apart = f"stores of their own would take {binary_text(quotas)}"
    return f"Fair costs add up to the {binary_text(stored)} on the disk; {apart}"
