"""Near-miss layers: stored twice though nearly all of their bytes are the same, in families, with the remedy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from analyzer.charts.again import Group, Share, again, again_height
from analyzer.selectors.instructions import made_by
from analyzer.selectors.near_misses import Family, Pair, families_in, files_of, homes, not_compared, pairs_of
from analyzer.selectors.scope import Scope, ScopeImage, ScopeLayer
from analyzer.sharing.nearmiss import LEAST_COMMON
from analyzer.web import near_miss_twins as rows
from analyzer.web import near_miss_words as words
from analyzer.web.reuse_frame import frame
from analyzer.web.twins import wanted

FAMILIES = 8  # of a page
LINKS = 5  # of a family; the twins have all pairs
BARS = 10
FILES = 6  # that differ, of a pair; those that are set aside are always named


@dataclass(frozen=True, slots=True)
class Side:
    """A layer of a pair as the page shows it: the images that have it, the one that ends lowest first."""

    layer: ScopeLayer
    images: Sequence[ScopeImage]
    instruction: str


@dataclass(frozen=True, slots=True)
class Line:
    """A pair as the page shows it."""

    pair: Pair
    first: Side
    second: Side
    differs: str
    note: str
    files: Sequence[dict[str, Any]]
    more_files: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A family as the page shows it."""

    family: Family
    title: str
    remedy: str
    lines: Sequence[Line]


@login_required
@require_safe
@vary_on_headers("HX-Target")
def near_misses(request: HttpRequest) -> HttpResponse:
    """The families, those that cost most first, or every pair as a twin."""
    framed = frame(request)
    pairs = pairs_of(framed.scope)
    families = families_in(framed.scope, pairs)
    if wanted(request):
        return rows.near_miss_twin(request, framed, pairs, families)
    waiting = not_compared(framed.scope)
    page = Paginator(families, FAMILIES).get_page(request.GET.get("page"))
    blocks = _blocks(framed.scope, list(page))
    bars = _bars(framed.scope, families[:BARS])
    context: dict[str, Any] = {
        "heading": words.heading(families, waiting),
        "families": families,
        "layers": sum(len(family.layers) for family in families),
        "pairs": len(pairs),
        "lost": sum(family.lost for family in families),
        "page": page,
        "blocks": blocks,
        "waiting": waiting,
        "least": LEAST_COMMON,
        "figure": again(bars) if bars else None,
        "figure_height": again_height(bars),
        "figure_label": "Bytes stored again by family: " + ", ".join(f"{bar.label} {bar.size:,} bytes" for bar in bars),
        "bars": bars,
    }
    part = "_" if request.headers.get("HX-Target") == "near" else ""
    return render(request, f"analyzer/{part}near_misses.html", framed.context | context)


def _blocks(scope: Scope, families: Sequence[Family]) -> list[Block]:
    shown = [pair for family in families for pair in family.links[:LINKS]]
    files = files_of(shown)
    layers = {pk for pair in shown for pk in pair.layers}
    where = homes(scope, layers)
    made = made_by({pk: images[0] for pk, images in where.items()})
    sides = {pk: Side(scope.layers[pk], where[pk], made.get(pk, "")) for pk in layers}
    return [_block(family, sides, files) for family in families]


def _block(family: Family, sides: dict[int, Side], files: dict[int, list[dict[str, Any]]]) -> Block:
    lines = [_line(pair, sides, files.get(pair.pk, [])) for pair in family.links[:LINKS]]
    names = [sides[pk].images[0].name for line in lines for pk in line.pair.layers]
    apart = [file["path"] for line in lines for file in line.files if file["aside"] or family.reasons == ("files",)]
    images = len({image.pk for line in lines for side in (line.first, line.second) for image in side.images})
    remedy = words.remedy(family, images, list(dict.fromkeys(apart)))
    return Block(family, words.family_title(names, family), remedy, lines)


def _line(pair: Pair, sides: dict[int, Side], files: Sequence[dict[str, Any]]) -> Line:
    aside = [file for file in files if file["aside"]]
    weight = max((sum(file[side] for file in aside) for side in ("first", "second")), default=0)
    paths = [file["path"] for file in aside]
    note = words.aside_note(pair.common, pair.larger, pair.rest, paths, weight) if aside else ""
    shown = files[: max(FILES, len(aside))]
    differs = pair.differs
    more = len(shown) < differs.get("files", 0)
    return Line(pair, sides[pair.first], sides[pair.second], words.differs_in(differs), note, shown, more)


def _bars(scope: Scope, families: Sequence[Family]) -> list[Group]:
    """What each family stores again: a share for each link, in the colour of the layer that came later."""
    where = homes(scope, {pk for family in families for pk in family.layers})
    return [Group(words.names_of(_names(where, family.layers)), _shares(scope, family)) for family in families]


def _names(where: dict[int, list[ScopeImage]], layers: Iterable[int]) -> list[str]:
    return [where[pk][0].name for pk in layers]


def _shares(scope: Scope, family: Family) -> list[Share]:
    diff_ids = [(scope.layers[pair.second].diff_id, pair.common) for pair in family.links]
    return [Share(diff_id, size, link=reverse("layer", args=[diff_id])) for diff_id, size in diff_ids]


urlpatterns = [path("reuse/near-misses/", near_misses, name="reuse-near-misses")]
