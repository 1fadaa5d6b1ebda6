"""Which images a team's rules let go, and which of those stay after all because others stand on them.

A rule is about the references that its pattern matches, repository by repository: of the images that were pushed
there it keeps the last so many, and those pushed lately; the others it lets go. What any rule keeps stays, whatever
another one lets go, and so does what goes by a name now that no rule is about.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Image = TypeVar("Image", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Push(Generic[Image]):
    """A reference has pointed at the image since `at`, the last time that it came to; `now`: it still does."""

    image: Image
    repository: str
    tag: str
    at: datetime
    now: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """Keeps the `last` images pushed to a repository, and those pushed within `younger`; None: by that it keeps none.

    One that keeps by neither lets everything go that it is about.
    """

    pattern: str
    last: int | None = None
    younger: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Verdict(Generic[Image]):
    """`goes`: the images, those pushed last longest ago first, each with the index of the first rule that lets it go.

    `in_use`: those that the rules let go, and that stay because an image that stays stands on them.
    """

    goes: dict[Image, int]
    in_use: frozenset[Image]


Matches = Callable[[Push[Image], str], bool]


def judged(
    pushes: Sequence[Push[Image]],
    rules: Sequence[Rule],
    stands_on: Mapping[Image, Collection[Image]],
    now: datetime,
    matches: Matches[Image],
) -> Verdict[Image]:
    """What goes at the moment `now`. `stands_on`: the images that each image has as its bases, for all that there are.

    An image that never had a name is not among the pushes: no rule is about it. Of pushes at the same moment the one
    that stands later in `pushes` is the newer.
    """
    let_go: dict[Image, int] = {}
    kept: set[Image] = set()
    named: set[int] = set()  # the indexes of the pushes that a rule is about
    for index, rule in enumerate(rules):
        about = [number for number, push in enumerate(pushes) if matches(push, rule.pattern)]
        named.update(about)
        for images in _newest(pushes, about).values():
            for rank, (image, at) in enumerate(images):
                is_among_last = rule.last is not None and rank < rule.last
                is_young = rule.younger is not None and now - at < rule.younger
                if is_among_last or is_young:
                    kept.add(image)
                else:
                    let_go.setdefault(image, index)
    kept.update(push.image for number, push in enumerate(pushes) if push.now and number not in named)
    would = let_go.keys() - kept
    goes = _unused(would, stands_on)
    last = {push.image: (push.at, number) for number, push in sorted(enumerate(pushes), key=_age)}
    return Verdict({image: let_go[image] for image in sorted(goes, key=last.__getitem__)}, frozenset(would - goes))


def _newest(pushes: Sequence[Push[Image]], about: Sequence[int]) -> dict[str, list[tuple[Image, datetime]]]:
    """By repository its images with their newest push, the newest first."""
    found: dict[str, dict[Image, datetime]] = {}
    for _, push in sorted(((number, pushes[number]) for number in about), key=_age, reverse=True):
        found.setdefault(push.repository, {}).setdefault(push.image, push.at)
    return {repository: list(images.items()) for repository, images in found.items()}


def _age(item: tuple[int, Push[Image]]) -> tuple[datetime, int]:
    return item[1].at, item[0]


def _unused(would: Collection[Image], stands_on: Mapping[Image, Collection[Image]]) -> set[Image]:
    """Without those that something which stays stands on, which then stays too."""
    goes = set(would)
    staying = [image for image in stands_on if image not in goes]
    while staying:
        for base in stands_on.get(staying.pop(), ()):
            if base in goes:
                goes.remove(base)
                staying.append(base)
    return goes
