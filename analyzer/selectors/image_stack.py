"""The stack: the layers of an image to scale, with a hairline for each step that made none."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from analyzer.selectors.image_history import Step
from analyzer.selectors.image_kin import Base
from analyzer.selectors.image_layers import LayerRow
from analyzer.selectors.layer_map import top_of
from analyzer.units import UNITS

THICKEST = 15.0  # rem: the largest layer, where the layers are few
THINNEST = 3.0  # rem: the same of a stack of very many
TALLEST = 60.0  # rem: what all plates together should not exceed
ROOM_FOR_FOLDERS = 11.0  # rem: from here on `site.css` shows a plate's folders


@dataclass(frozen=True, slots=True)
class Plate:
    """A layer, or a step without one."""

    number: int  # of the step; of the layer where history does not align
    step: Step | None
    layer: LayerRow | None
    folders: tuple[tuple[str, int], ...]  # the top-level folders with their bytes, where the plate has room


@dataclass(frozen=True, slots=True)
class Mark:
    """A ruler of the key: a round size, and how thick it is."""

    size: int
    label: str
    thickness: str  # for a style attribute


@dataclass(frozen=True, slots=True)
class Stack:
    own: tuple[Plate, ...]  # newest first
    below: tuple[Plate, ...]  # those of the base
    marks: tuple[Mark, ...]
    thickest: float  # rem


def stack_of(steps: Sequence[Step], layers: Sequence[LayerRow], base: Base | None, aligned: bool) -> Stack:
    """The plates, newest first; of layers alone where history and layers do not align."""
    thickest = _thickest(layers)
    if aligned and steps:
        plates = [Plate(step.number, step, step.layer, _folders(step.layer, thickest)) for step in steps]
    else:
        plates = [Plate(layer.index, None, layer, _folders(layer, thickest)) for layer in reversed(layers)]
    own = tuple(plate for plate in plates if not _in_base(plate))
    below = tuple(plate for plate in plates if _in_base(plate)) if base else ()
    return Stack(own, below, _marks(max((layer.size or 0 for layer in layers), default=0)), thickest)


def _thickest(layers: Sequence[LayerRow]) -> float:
    """How thick the largest layer is drawn: less where so many are nearly as large that nobody would see the end."""
    together = sum(sqrt(layer.linear) for layer in layers)
    return max(THINNEST, min(THICKEST, TALLEST / together)) if together else THICKEST


def _in_base(plate: Plate) -> bool:
    if plate.step is not None:
        return plate.step.in_base
    return plate.layer is not None and plate.layer.in_base


def _folders(layer: LayerRow | None, thickest: float) -> tuple[tuple[str, int], ...]:
    """The largest top-level folders, for plates that have room to name them."""
    if layer is None or layer.stored is None or sqrt(layer.linear) * thickest < ROOM_FOR_FOLDERS:
        return ()
    return top_of(layer.stored)


def _marks(largest: int) -> tuple[Mark, ...]:
    """Up to four sizes that are read off easily, thickest at most a fifth of the largest layer."""
    marks: list[Mark] = []
    for power in range(4, -1, -1):
        for count in (100, 10, 1):
            size = count << (10 * power)
            if 0 < size <= largest / 5 and len(marks) < 4 and (not marks or size * 9 <= marks[-1].size):
                linear = size / largest
                marks.append(Mark(size, f"{count} {UNITS[power]}", f"--sq:{sqrt(linear):.4f};--li:{linear:.5f}"))
    return tuple(marks)
