"""The near misses of a scope in one line of its report."""

from collections.abc import Iterator

from analyzer.selectors.near_misses import families_of, not_compared, pairs_of
from analyzer.selectors.scope import Scope
from analyzer.units import binary_text, grouped


def lines_of(scope: Scope) -> Iterator[str]:
    """What near-miss layers store again, and how many layers nobody has compared yet; nothing where neither is."""
    families = families_of(pairs_of(scope))
    waiting = not_compared(scope)
    if families or waiting:
        yield ""
    if families:
        layers = sum(len(family.layers) for family in families)
        lost = binary_text(sum(family.lost for family in families))
        yield f"Near misses: {grouped(layers)} layers that are nearly the same as another store {lost} again"
    if waiting:
        yield f"Near misses: {grouped(waiting)} layers are still to be compared; a worker does it, or `manage.py find`"
