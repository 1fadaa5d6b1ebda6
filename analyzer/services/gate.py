"""Judging an image at the gate, and keeping what was said: the newest that passed is what the next one is against."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from analyzer.gate.output.document import document_of
from analyzer.gate.ruleset import Result, RuleSet
from analyzer.models import GateRun, Image, Layer, Team
from analyzer.selectors.access import Viewer
from analyzer.selectors.gate import judged
from analyzer.selectors.gate_before import Name
from analyzer.services import webhook_events
from analyzer.services.indexing import ensure_indexed, waiting


@dataclass(frozen=True, slots=True)
class Keeping:
    """Who keeps what is said, under which name of theirs."""

    team: Team
    user: User | None = None
    name: Name | None = None


def run_gate(
    viewer: Viewer,
    image: Image,
    rules: RuleSet,
    teams: QuerySet[Team],
    *,
    name: Name | None = None,
    against: Image | None = None,
    keeping: Keeping | None = None,
) -> Result:
    """The result for an image that the viewer may see (see `selectors.gate.judged`), kept where `keeping` is given.

    What was accepted and is asked for again is not kept again (see `is_new`).
    """
    result = judged(viewer, image, rules, teams, timezone.now(), name=name, against=against)
    if keeping is not None and is_new(result, against):
        _keep(keeping, image, rules, result)
    return result


def is_new(result: Result, against: Image | None) -> bool:
    """Whether there is something to keep. Where nothing changed, the run that accepted the very image stands; an image
    of the same layers gets a run of its own; one that was chosen to compare with may never have been accepted."""
    if not result.silent:
        return True
    return against is None and result.against is not None and result.against.ref != result.image.ref


def search_now(image: Image) -> None:
    """Searches the image's layers for secrets before it comes back: for commands, which have no worker."""
    ensure_indexed(Layer.objects.filter(image_layers__image=image), only=("seek", "secrets"))


def still_searching(image: Image) -> int:
    """How many of the image's layers a worker has still to search for secrets. Those that were given up don't count."""
    return waiting().filter(image_layers__image=image, secret_search__isnull=True).distinct().count()


def _keep(keeping: Keeping, image: Image, rules: RuleSet, result: Result) -> None:
    repository, tag = keeping.name or ("", "")
    with transaction.atomic():
        GateRun.objects.create(
            team=keeping.team,
            user=keeping.user,
            image=image,
            repository=repository,
            tag=tag,
            passed=result.passed,
            rules_name=rules.name[:255],
            rules_sha256=rules.digest,
            rules=rules.text,
            document=_storable(document_of(result)),
        )
        if not result.passed:
            webhook_events.gate_failed(keeping.team, image, f"{repository}:{tag}" if repository else "", result)


def _storable(document: dict[str, Any]) -> dict[str, Any]:
    """Without what no JSON column holds: names of files are shown escaped already, so that little is left to do."""
    text = json.dumps(document, ensure_ascii=False).encode(errors="replace").decode()
    stored: dict[str, Any] = json.loads(text.replace("\\u0000", "\\ufffd"))
    return stored
