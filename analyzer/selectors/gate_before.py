"""What an image is compared with at the gate: the image of its name that was accepted last."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from analyzer.gate.ruleset import RuleSet
from analyzer.models import GateRun, Image, Team
from analyzer.selectors.access import Viewer, visible_images
from analyzer.selectors.pushes import push_before

Name = tuple[str, str]
"""Repository and tag."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`image`: None where there is none. `changed`: whether the image is another one, or the rules are others."""

    image: Image | None
    changed: bool


def compared_with(viewer: Viewer, image: Image, teams: QuerySet[Team], name: Name | None, rules: RuleSet) -> Compared:
    """The image that last passed the gate of these teams under this tag; else under another tag of its repository;
    else the one that its reference meant before. Five queries at most."""
    runs = GateRun.objects.filter(team__in=teams, passed=True, image__in=visible_images(viewer))
    runs = runs.select_related("image").defer("document", "rules", "image__config", "image__history")
    for accepted in _under(runs, name):
        same = accepted.filter(rules_sha256=rules.digest).first()
        newest = accepted.first()
        if same is not None and newest is not None and same.pk == newest.pk and same_layers(same.image, image):
            return Compared(same.image, changed=False)
        other = accepted.exclude(image__top_chain=image.top_chain_id).first()
        if other is not None:
            return Compared(other.image, changed=True)
    push = push_before(viewer, image)
    return Compared(push.image if push else None, changed=True)


def _under(runs: QuerySet[GateRun], name: Name | None) -> Sequence[QuerySet[GateRun]]:
    if name is None:
        return ()
    repository, tag = name
    return runs.filter(repository=repository, tag=tag), runs.filter(repository=repository)


def same_layers(one: Image, other: Image) -> bool:
    """Whether two images are the same layers in the same order. Never of one that lacks a layer."""
    return one.top_chain_id is not None and one.top_chain_id == other.top_chain_id
