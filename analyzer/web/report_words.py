"""What the report says of each proposal: what to do, how, and where more of it stands."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.urls import reverse

from analyzer.selectors.proposals import Proposal
from analyzer.selectors.scope import ScopeImage
from analyzer.selectors.scoping import ScopeQuery
from analyzer.selectors.sharing import Day, Owner
from analyzer.units import binary_text, grouped, share
from analyzer.web import common_ground_words, near_miss_words
from analyzer.web.overview_words import counted
from analyzer.web.what_if_query import Question

MOST_NAMES = 4
MOST_IN_ADDRESS = 60  # images that the address of a question names
LATELY = timedelta(days=30)


def names_of(images: Sequence[ScopeImage]) -> str:
    names = list(
        dict.fromkeys(image.name if image.references else f"{image.name} ({image.former})" for image in images)
    )
    return near_miss_words.listing(names, MOST_NAMES)


def actions_title(count: int, together: int, stored: int) -> str:
    if not count:
        return "Nothing stands out that would save much"
    told = "One action saves" if count == 1 else f"{grouped(count)} actions save"
    return f"{told} at least {binary_text(together)}, {share(together, stored)} of what is stored"


def owners_title(owners: Sequence[Owner]) -> str:
    if not owners:
        return "No team holds a whole image here"
    first = owners[0]
    if len(owners) == 1:
        return f"All of it is held by {first.team}: {binary_text(first.fair_cost)}"
    total = sum(owner.fair_cost for owner in owners)
    return f"Fair costs add up to {binary_text(total)}; {first.team} bears {share(first.fair_cost, total)}"


def lately(days: Sequence[Day], today: date) -> str:
    """What came in within the last thirty days."""
    recent = [day for day in days if day.day > today - LATELY]
    if not recent:
        return "Nothing came in within the last 30 days."
    logical, new = sum(day.logical for day in recent), sum(day.new for day in recent)
    images = counted(sum(day.images for day in recent), "image")
    return f"Within the last 30 days {images} of {binary_text(logical)} came in; {binary_text(new)} of that was new."


def title(proposal: Proposal) -> str:
    """What to do."""
    return TITLES[proposal.kind](proposal)


def remedy(proposal: Proposal) -> str:
    """How."""
    return REMEDIES[proposal.kind](proposal)


def address(proposal: Proposal, query: ScopeQuery) -> str:
    """Where it is told in full."""
    first = proposal.images[0].ref if proposal.images else ""
    match proposal.kind:
        case "near_miss":
            return f"{reverse('reuse-near-misses')}{'?' if query.parameters else ''}{query.as_query()}"
        case "common_ground":
            return f"{reverse('reuse-common-ground')}{'?' if query.parameters else ''}{query.as_query()}"
        case "old_push":
            images = tuple(image.ref for image in proposal.images[:MOST_IN_ADDRESS])
            return Question(ask="delete", images=images).address(query.parameters)
        case "rebase":
            return Question(ask="rebase", move=first, onto=proposal.about[1].ref).address(query.parameters)
        case _:
            return reverse("image-waste", args=[first])


def _near_miss(proposal: Proposal) -> str:
    layers = grouped(len(proposal.units))
    return f"Make one layer of {layers} that are nearly the same: {names_of(proposal.images)}"


def _near_miss_remedy(proposal: Proposal) -> str:
    return near_miss_words.remedy(proposal.family, len(proposal.images)) if proposal.family else ""


def _old_push(proposal: Proposal) -> str:
    number = len(proposal.images)
    if number == 1:
        return "Delete an image whose tag has moved on"
    return f"Delete {grouped(number)} images whose tags have moved on"


def _rebase(proposal: Proposal) -> str:
    return f"Move {names_of(proposal.images)} onto the newer {proposal.about[1].name}"


def _waste(proposal: Proposal) -> str:
    size = proposal.images[0].size or 0
    return f"Rebuild {proposal.images[0].name} without what it hides: {share(proposal.size, size)} of it"


def _common_ground(proposal: Proposal) -> str:
    where = common_ground_words.places(proposal.candidate.folders) if proposal.candidate else ""
    return f"Put {where} into a base that {counted(len(proposal.images), 'image')} share"


TITLES: dict[str, Callable[[Proposal], str]] = {
    "near_miss": _near_miss,
    "old_push": _old_push,
    "rebase": _rebase,
    "waste": _waste,
    "common_ground": _common_ground,
}
REMEDIES: dict[str, Callable[[Proposal], str]] = {
    "near_miss": _near_miss_remedy,
    "old_push": lambda proposal: f"{names_of(proposal.images)}. Layers that other images need stay.",
    "rebase": lambda proposal: (
        f"They stand on the push of {proposal.about[0].former} before. Build them anew, then delete that push; "
        "their own layers are counted as they are."
    ),
    "common_ground": lambda proposal: (
        f"{names_of(proposal.images)} carry the same files in {grouped(len(proposal.units))} layers of their own."
    ),
    "waste": lambda _: (
        "Its own layers bring these bytes and later ones hide them: do both in one RUN, or copy what is needed into a "
        "later stage. Its Waste page names the lines."
    ),
}
