"""Two layers with other diffIDs that nearly hold the same: how much, why they are two, and what keeps them apart."""

from dataclasses import dataclass

from analyzer.models import Layer
from analyzer.selectors.listings import listing_of
from analyzer.selectors.memo import Memo
from analyzer.sharing.nearmiss import LEAST_COMMON
from analyzer.sharing.overlap import Differing, Files, near_overlap
from analyzer.sharing.reasons import difference

MEANINGLESS = frozenset({"mtime", "order", "framing"})
"""Reasons that change nothing for who runs the image."""

MOST_FILES = 150_000
"""Rows of layers' contents that a process keeps at hand while it compares, 100 to 200 bytes each."""


@dataclass(frozen=True, slots=True)
class Kinship:
    """A near miss. Bytes are of distinct contents; `differs` counts paths by reason."""

    common: int  # what both hold: stored twice
    rest: int  # the larger layer without the files set aside
    differs: dict[str, int]
    aside: tuple[Differing, ...]  # files set aside so that nine tenths are in common
    differing: tuple[Differing, ...]  # all files that differ, the heaviest first

    @property
    def alike(self) -> bool:
        """Whether only times, or the way the tar is written, differ."""
        return self.differs.keys() <= MEANINGLESS


_STRANGERS = Kinship(0, 0, {}, (), ())
_known: Memo[Kinship] = Memo(2_000, lambda kinship: 1)
_files: Memo[Files] = Memo(MOST_FILES, lambda files: len(files.paths) + 1)


def kinship_of(first: Layer, second: Layer) -> Kinship | None:
    """None where the two are no near miss. Layers never change, so what was found out is remembered."""
    key = f"{first.diff_id} {second.diff_id}"
    found = _known.get(key)
    if found is None:
        found = _compared(first, second) or _STRANGERS
        _known.put(key, found)
    return None if found is _STRANGERS else found


def _compared(first: Layer, second: Layer) -> Kinship | None:
    both = near_overlap(_files_of(first), _files_of(second))
    if both is None or both.common < LEAST_COMMON:
        return None
    differs = difference(listing_of(first), listing_of(second)).as_json()
    return Kinship(both.common, both.rest, differs, both.aside, both.differing)


def _files_of(layer: Layer) -> Files:
    files = _files.get(layer.diff_id)
    if files is None:
        files = Files.of(listing_of(layer))
        _files.put(layer.diff_id, files)
    return files
