"""What a team's rules let go at this moment: the images, the rule that lets each go, and what is freed.

Which images go is judged among those of the team alone, so that it is the same whoever asks. What that frees is told
as `selectors.removal` tells it: as if the viewer's teams were all there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Max
from django.utils import timezone

from analyzer.models import Blob, Reference, ReferenceMove, RetentionRule, Team
from analyzer.selectors.access import Viewer
from analyzer.selectors.figures import rfc3339
from analyzer.selectors.freeing import freeing
from analyzer.selectors.names import said
from analyzer.selectors.scope import Scope, ScopeImage, held_by, scope_of
from analyzer.selectors.scoping import is_tagged
from analyzer.sharing.retention import Push, Rule, judged


@dataclass(frozen=True, slots=True)
class Going:
    """An image that goes. Bytes: what goes with it after those before it."""

    image: ScopeImage
    references: tuple[str, ...]  # that point at it now, as this team has them
    former: tuple[str, ...]  # that did
    pushed: datetime
    rule: RetentionRule
    freed: int  # layers, by diffID
    on_disk: int  # their blobs, as the blob store keeps them

    def as_json(self) -> dict[str, Any]:
        """A row of the twins."""
        return {
            "image_id": self.image.image_id,
            "ref": self.image.ref,
            "references": list(self.references),
            "former_references": list(self.former),
            "pushed": rfc3339(self.pushed),
            "pattern": self.rule.pattern,
            "rule": self.rule.words,
            "size": self.image.size,
            "freed": self.freed,
            "on_disk": self.on_disk,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """The images that go, those pushed longest ago first; `in_use` would, but others that stay stand on them."""

    at: datetime
    held: int  # images of the team
    goes: tuple[Going, ...]
    in_use: tuple[ScopeImage, ...]

    @property
    def freed(self) -> int:
        """Bytes of layers, by diffID."""
        return sum(item.freed for item in self.goes)

    @property
    def on_disk(self) -> int:
        """Bytes that the blob store loses."""
        return sum(item.on_disk for item in self.goes)

    @property
    def key(self) -> str:
        """The same for as long as the same images go: what was shown is what is agreed to."""
        return sha256(" ".join(item.image.ref for item in self.goes).encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """The dry run without its rows."""
        return {
            "at": rfc3339(self.at),
            "held": self.held,
            "freed": self.freed,
            "on_disk": self.on_disk,
            "in_use": [image.ref for image in self.in_use],
        }


def plan_of(viewer: Viewer, team: Team, now: datetime | None = None) -> Plan:
    """What the rules of one of the viewer's teams let go. No rule: nothing. The queries of `scope_of`, and five."""
    now = now or timezone.now()
    rules = list(team.retention_rules.all())
    everything = scope_of(viewer)
    mine = [everything.images[pk] for pk in sorted(held_by(viewer, team)) if pk in everything.images]
    if not rules:
        return Plan(now, len(mine), (), ())
    pushes = _pushes(team, {image.pk for image in mine})
    verdict = judged(pushes, [_rule(rule) for rule in rules], _bases(mine), now, _matches)
    return Plan(
        at=now,
        held=len(mine),
        goes=_going(everything, pushes, {pk: rules[index] for pk, index in verdict.goes.items()}),
        in_use=tuple(image for image in mine if image.pk in verdict.in_use),
    )


def _rule(rule: RetentionRule) -> Rule:
    return Rule(rule.pattern, rule.keep_last, timedelta(days=rule.keep_days) if rule.keep_days else None)


def _matches(push: Push[int], pattern: str) -> bool:
    return is_tagged(f"{push.repository}:{push.tag}", pattern)


def _pushes(team: Team, pks: set[int]) -> list[Push[int]]:
    """When each of the team's references last came to each of these images."""
    found: dict[tuple[int, str, str], Push[int]] = {}
    moves = ReferenceMove.objects.filter(reference__team=team, image__isnull=False).order_by()
    rows = moves.values_list("image_id", "reference__repository", "reference__tag").annotate(last=Max("at"))
    for image, repository, tag, at in rows:
        if image in pks:
            found[image, repository, tag] = Push(image, repository, tag, at, now=False)
    current = Reference.objects.filter(team=team, image__in=pks).order_by()
    for image, repository, tag, moved in current.values_list("image_id", "repository", "tag", "moved"):
        found[image, repository, tag] = Push(image, repository, tag, moved, now=True)
    return [found[key] for key in sorted(found)]


def _bases(images: Sequence[ScopeImage]) -> dict[int, set[int]]:
    """All that each image stands on: those whose chain is a proper prefix of its own."""
    ending: dict[int, set[int]] = {}
    for image in images:
        if image.top_chain is not None:
            ending.setdefault(image.top_chain, set()).add(image.pk)
    found: dict[int, set[int]] = {}
    for image in images:
        below = image.chains if image.top_chain is None else image.chains[:-1]
        found[image.pk] = {pk for chain in below for pk in ending.get(chain, ())} - {image.pk}
    return found


def _going(everything: Scope, pushes: Sequence[Push[int]], rules: Mapping[int, RetentionRule]) -> tuple[Going, ...]:
    """The images with what they free; one that another team of the viewer's holds too frees nothing."""
    images = [everything.images[pk] for pk in rules]
    told = freeing(everything, {}, [image for image in images if len(image.teams) == 1])
    layers = {item.image.pk: [layer.diff_id for layer in item.goes] for item in told.images}
    freed = {item.image.pk: sum(layer.size for layer in item.goes) for item in told.images}
    blobs: dict[str, int] = {}
    kept = Blob.objects.filter(layer__diff_id__in=[item.layer.diff_id for item in told.layers], kept=True)
    for diff_id, size in kept.values_list("layer__diff_id", "size"):
        blobs[diff_id] = blobs.get(diff_id, 0) + size
    of: dict[int, list[Push[int]]] = {}
    for push in pushes:
        of.setdefault(push.image, []).append(push)
    return tuple(
        Going(
            image=image,
            references=tuple(said(push.repository, push.tag) for push in of[image.pk] if push.now),
            former=tuple(said(push.repository, push.tag) for push in of[image.pk] if not push.now),
            pushed=max(push.at for push in of[image.pk]),
            rule=rules[image.pk],
            freed=freed.get(image.pk, 0),
            on_disk=sum(blobs.get(diff_id, 0) for diff_id in layers.get(image.pk, ())),
        )
        for image in images
    )
