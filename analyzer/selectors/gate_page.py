"""What the Gate page of an image shows: how it is judged now, by which rules, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from analyzer.gate.reading import rules_of
from analyzer.gate.ruleset import DEFAULTS, Result, RuleSet
from analyzer.gate.verdict import SHUT
from analyzer.gate.yamldoc import BadRules
from analyzer.models import Badge, BadgeShows, GateRun, Image, Reference, Role
from analyzer.selectors.access import Viewer, teams_of, visible_images
from analyzer.selectors.gate import judged
from analyzer.selectors.image import ImagePage
from analyzer.selectors.names import names_of

MOST_RUNS = 50


@dataclass(frozen=True, slots=True)
class Named:
    """A reference of a team's that the viewer owns, with the badges that it has."""

    reference: Reference
    badges: Sequence[Badge]

    @property
    def makeable(self) -> list[tuple[str, str]]:
        """What no badge of it shows yet, with the words of a button."""
        there = {badge.shows for badge in self.badges}
        words = {BadgeShows.GATE: "a gate", BadgeShows.EFFICIENCY: "an efficiency"}
        return [(shows.value, label) for shows, label in words.items() if shows not in there]


@dataclass(frozen=True, slots=True)
class Run:
    """What a build was told. `against`: what it was compared with, where the viewer may see that image."""

    row: GateRun
    against: str

    @property
    def broken(self) -> list[str]:
        """The rules that kept the gate shut."""
        return [rule["rule"] for rule in self.row.document["rules"] if rule["outcome"] in SHUT]


@dataclass(frozen=True, slots=True)
class GatePage:
    result: Result
    runs: Sequence[Run]  # of this image, the newest first
    named: Sequence[Named]


def gate_page(viewer: Viewer, page: ImagePage, now: datetime) -> GatePage:
    """By the rules by which the image was judged last, else the last image of its repository, else our own."""
    teams = teams_of(viewer)
    runs = GateRun.objects.filter(team__in=teams)
    own = list(runs.filter(image=page.image).select_related("team", "user").defer("rules")[:MOST_RUNS])
    rules = _rules(runs, page)
    return GatePage(
        judged(viewer, page.image, rules, teams, now, page=page), _told(viewer, own), _named(viewer, page.image)
    )


def owned_references(viewer: Viewer, image: Image) -> QuerySet[Reference]:
    """The references of the image in teams that the viewer owns: those may be told to everybody."""
    owned = teams_of(viewer, Role.OWNER)
    return Reference.objects.filter(team__in=owned, image=image).select_related("team")


def _told(viewer: Viewer, runs: Sequence[GateRun]) -> list[Run]:
    """With the name that each image has for the viewer: it was judged by who may see more, or calls it otherwise."""
    compared = {run.pk: run.document["against"]["image_id"] for run in runs if run.document["against"]}
    rows = dict(visible_images(viewer).filter(image_id__in=compared.values()).values_list("pk", "image_id"))
    called = names_of(viewer, rows) if rows else {}
    names = {image_id: called[pk] for pk, image_id in rows.items()}
    return [Run(run, names.get(compared.get(run.pk, ""), "")) for run in runs]


def _rules(runs: QuerySet[GateRun], page: ImagePage) -> RuleSet:
    repositories = {reference.repository for reference in page.references}
    told = runs.filter(image=page.image).only("rules", "rules_name").first()
    if told is None and repositories:
        told = runs.filter(repository__in=repositories).only("rules", "rules_name").first()
    if told is None or not told.rules:
        return DEFAULTS
    try:
        return rules_of(told.rules, told.rules_name)
    except BadRules:  # a rule that there was once
        return DEFAULTS


def _named(viewer: Viewer, image: Image) -> list[Named]:
    references = list(owned_references(viewer, image))
    known: dict[tuple[int, str, str], list[Badge]] = {}
    for badge in Badge.objects.filter(team__in={each.team_id for each in references}) if references else ():
        known.setdefault((badge.team_id, badge.repository, badge.tag), []).append(badge)
    return [Named(each, known.get((each.team_id, each.repository, each.tag), [])) for each in references]
