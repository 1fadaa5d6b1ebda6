"""The base of every image at once: the nearest other image whose chain is a proper prefix of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.models import Image
from analyzer.selectors.scope import Scope, ScopeImage
from analyzer.selectors.scope_facts import once_a_scope

History = Sequence[Mapping[str, Any]]


@once_a_scope
def bases_of(scope: Scope) -> dict[int, ScopeImage]:
    """The base of each image that has one, by the image's primary key.

    Of several images that end on the same chain, the one whose history goes on in the image's is meant, and of those
    one that has a name; histories are read for those alone, in one query.
    """
    ending: dict[int, list[ScopeImage]] = {}
    for image in scope.images.values():
        if image.top_chain is not None:
            ending.setdefault(image.top_chain, []).append(image)
    found: dict[int, list[ScopeImage]] = {}
    for image in scope.images.values():
        candidates = _nearest(image, ending)
        if candidates:
            found[image.pk] = candidates
    undecided = {pk for pk, candidates in found.items() if len(candidates) > 1}
    wanted = undecided | {other.pk for pk in undecided for other in found[pk]}
    histories = dict(Image.objects.filter(pk__in=wanted).values_list("pk", "history")) if wanted else {}
    return {
        pk: candidates[0] if len(candidates) == 1 else _continued(histories.get(pk, []), candidates, histories)
        for pk, candidates in found.items()
    }


def _nearest(image: ScopeImage, ending: Mapping[int, list[ScopeImage]]) -> list[ScopeImage]:
    # An image that lacks a layer may stand wholly on what is known of it; a whole one is no base of itself.
    below = image.chains if image.top_chain is None else image.chains[:-1]
    for chain in reversed(below):
        others = [other for other in ending.get(chain, []) if other.pk != image.pk]
        if others:
            return others
    return []


def _continued(history: History, candidates: Sequence[ScopeImage], histories: Mapping[int, History]) -> ScopeImage:
    def rank(other: ScopeImage) -> tuple[int, bool, bool, int]:
        own = histories.get(other.pk, [])
        return len(own) if history[: len(own)] == own else 0, "@" not in other.ref, bool(other.references), -other.pk

    return max(candidates, key=rank)
