"""What pages tell of the whole store, worked out before anybody asks.

Who sees everything finds it at hand, and who sees less the rows that theirs is made of.
"""

from analyzer.models import Image
from analyzer.selectors import scope, scope_rows
from analyzer.selectors.access import OPERATOR
from analyzer.selectors.base_report import base_rows
from analyzer.selectors.bases import bases_of
from analyzer.selectors.chain_forest import woods_of
from analyzer.selectors.near_misses import families_in, pairs_of
from analyzer.selectors.overview import growth_of, shared_layers, wasteful_images
from analyzer.selectors.sharing import held_layers


def read_ahead() -> None:
    """Reads rows and works out facts; leaves it where there are too many to be kept."""
    scope_rows.read_ahead()
    if Image.objects.count() > scope.MOST_IMAGES:
        return
    everything = scope.scope_of(OPERATOR)
    bases = bases_of(everything)
    shared_layers(everything), held_layers(everything), growth_of(everything), woods_of(everything)
    wasteful_images(everything, bases), base_rows(everything, everything, bases)
    families_in(everything, pairs_of(everything))
