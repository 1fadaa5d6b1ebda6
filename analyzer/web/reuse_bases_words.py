"""What bases tell, as sentences: each is the title of what shows it."""

from collections.abc import Sequence

from analyzer.selectors.base_claims import AGREES, BELOW, NOT_HERE, OLDER, Claim
from analyzer.selectors.base_report import BaseRow, Drift
from analyzer.units import binary_text
from analyzer.web.overview_words import counted


def bases_title(rows: Sequence[BaseRow]) -> str:
    if not rows:
        return "No image stands on another one"
    first = rows[0]
    if not first.saved:
        return f"{counted(len(rows), 'base')}, none of which saves a byte"
    return f"{first.image.name} saves {binary_text(first.saved)}: {counted(first.users, 'image')} share it"


def drift_title(drifting: Sequence[Drift]) -> str:
    if not drifting:
        return "No base has moved on"
    first = drifting[0]
    verb = "stands" if len(first.images) == 1 else "stand"
    return f"{counted(len(first.images), 'image')} still {verb} on an older push of {first.name}"


def claims_title(said: Sequence[Claim]) -> str:
    if not said:
        return "No image says what its base is"
    differ = sum(1 for claim in said if claim.verdict not in (AGREES, NOT_HERE))
    if differ:
        return f"{counted(differ, 'image')} of {len(said):,} name another base than their chain stands on"
    missing = sum(1 for claim in said if claim.verdict == NOT_HERE)
    if missing:
        return f"The bases of {counted(missing, 'image')} are named, and are not here"
    return f"All {counted(len(said), 'image')} that name their base stand on it"


def verdict(claim: Claim) -> str:
    """What is made of the claim."""
    if claim.verdict == NOT_HERE:
        return "no image of that name is here"
    if claim.verdict == OLDER:
        return "the name has moved on: the chain stands on an older push"
    if claim.verdict == BELOW:
        return "it lies further below: the chain has another image nearer"
    return "the chain does not stand on it"
