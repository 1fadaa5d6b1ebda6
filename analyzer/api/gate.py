"""The gate of a build: `manage.py gate` over HTTP, and its badge for whoever bears a token."""

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import viewer
from analyzer.api.gateschemas import PLAIN, GateIn, GateOut
from analyzer.api.problems import Problem
from analyzer.gate.output import CONTENT_TYPES, FORMATS
from analyzer.gate.output.badge import CONTENT_TYPE, badge_svg
from analyzer.gate.output.document import document_of
from analyzer.gate.reading import rules_of
from analyzer.gate.ruleset import DEFAULTS, RuleSet
from analyzer.gate.yamldoc import BadRules
from analyzer.models import BadgeShows, Image, Role, Team
from analyzer.selectors.access import teams_of
from analyzer.selectors.gate_badge import badge_for
from analyzer.selectors.gate_names import holders_of, name_asked
from analyzer.selectors.lookup import NoSuchImage, image_named
from analyzer.services.gate import Keeping, is_new, run_gate, still_searching

RETRY_SECONDS = "3"

router = Router(tags=["gate"])


class BadgeAsked(Schema):
    image: str = Field(max_length=1_000, pattern=PLAIN, description="A reference.")
    shows: BadgeShows = Field(BadgeShows.GATE, description="gate: what was said last. efficiency: of the image.")


@router.post("/", response=GateOut, url_name="api-gate", summary="Judge an image by the rules of a gate")
def judge(request: HttpRequest, asked: GateIn) -> HttpResponse:
    """Judges what the image adds: its base's faults are not held against it. `Layersite-Gate` says passed or failed,
    whatever the format. 503 with Retry-After while layers are still to be searched for secrets and a rule asks."""
    user = viewer(request)
    for name in (asked.format, *asked.reports):
        if name not in FORMATS:
            raise Problem(422, f"A format is one of {', '.join(FORMATS)}; not {name[:50]!r}.")
    rules = _rules(asked)
    image = _image(request, asked.image)
    against = _image(request, asked.against) if asked.against else None
    team = _team(request, image, asked.team)
    if rules.needs_search and (waiting := still_searching(image)):
        layers = "1 layer is" if waiting == 1 else f"{waiting:,} layers are"
        raise Problem(
            503, f"{layers} still to be searched for secrets; ask again in a moment.", {"Retry-After": RETRY_SECONDS}
        )
    teams = teams_of(user).filter(pk=team.pk)
    called = name_asked(asked.image, image, teams)
    keep = asked.keep and teams_of(user, Role.UPLOADER).filter(pk=team.pk).exists()
    keeping = Keeping(team, user if isinstance(user, User) else None, called) if keep else None
    result = run_gate(user, image, rules, teams, name=called, against=against, keeping=keeping)
    headers = {"Layersite-Gate": "passed" if result.passed else "failed"}
    if asked.format == "json":
        kept = keep and is_new(result, against)
        more = {"kept": kept, "reports": {name: FORMATS[name](result) for name in asked.reports}}
        return JsonResponse(document_of(result) | more, headers=headers)
    return HttpResponse(FORMATS[asked.format](result), content_type=CONTENT_TYPES[asked.format], headers=headers)


@router.get("/badge/", url_name="api-gate-badge", summary="A badge of an image, as SVG")
def badge(request: HttpRequest, asked: Query[BadgeAsked]) -> HttpResponse:
    """For pages that bear a token; the page of the image's gate makes links that need none."""
    image = _image(request, asked.image)
    word = badge_for(_team(request, image, ""), image, asked.shows)
    return HttpResponse(badge_svg(word), content_type=CONTENT_TYPE, headers={"Cache-Control": "private, no-cache"})


def _rules(asked: GateIn) -> RuleSet:
    if not asked.rules.strip():
        return DEFAULTS
    try:
        return rules_of(asked.rules, asked.rules_name)
    except BadRules as error:
        raise Problem(422, str(error), line=error.line) from error


def _image(request: HttpRequest, named: str) -> Image:
    try:
        return image_named(named, viewer(request))
    except NoSuchImage as error:
        raise Problem(404, str(error)) from error


def _team(request: HttpRequest, image: Image, slug: str) -> Team:
    """The team `slug` of those of the viewer's that hold the image, or the first; one that they may add to before
    others."""
    holders = holders_of(viewer(request), image)
    if slug:
        named = holders.filter(slug=slug).first()
        if named is None:
            raise Problem(404, f"No team of yours that is called {slug[:100]} holds this image.")
        return named
    adding = teams_of(viewer(request), Role.UPLOADER).filter(holdings__image=image).first()
    team = adding or holders.first()
    if team is None:  # it was taken away meanwhile
        raise Problem(404, "No team of yours holds this image.")
    return team
