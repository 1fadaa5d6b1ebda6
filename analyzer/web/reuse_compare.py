"""Several images compared: what they have together, by layers, chains or contents, and in just these few."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from analyzer.charts.upset import MOST_ROWS, Intersection, upset, upset_height
from analyzer.selectors.chain_forest import woods_of
from analyzer.selectors.layer_grid import MOST_IMAGES, NoSuchImage, chosen_of, unasked
from analyzer.selectors.scope import ScopeImage
from analyzer.selectors.several import KEYS, several
from analyzer.selectors.several_document import several_document
from analyzer.sharing.several import Region, Together
from analyzer.units import binary_text, grouped, share
from analyzer.web.overview_words import counted
from analyzer.web.reuse_frame import Frame, frame
from analyzer.web.reuse_grid import offered_of
from analyzer.web.twins import twin, wanted

UNASKED = 8  # images that are compared as long as nobody chose any
ROWS = 30  # of intersections in the table; the twins have all
WORDS = {"layers": ("layers", "diffID", "layer"), "chains": ("chains", "chainID", "chain")}
WORDS |= {"contents": ("contents of files", "sha256", "content")}
COLUMNS = {
    "intersections": ("size", "units", "images", "references"),
    "images": ("image_id", "references", "size", "held", "unique"),
}


@login_required
@require_safe
def reuse_compare(request: HttpRequest) -> HttpResponse:
    """Of each `image`, or of the first ones of the scope. Raises Http404 for an image that is not the viewer's."""
    framed = frame(request)
    images = chosen_images(framed, request.GET.getlist("image"))
    by = request.GET.get("by") or KEYS[0]
    if by not in KEYS:
        raise Http404
    found = several(framed.everything, images, by)
    if wanted(request):
        part = request.GET.get("part") or "intersections"
        if part not in COLUMNS:
            raise Http404
        document = several_document(images, found, by)
        rows = document.pop(part)
        return twin(request, part, rows, COLUMNS[part], **(document if "part" not in request.GET else {}))
    names = [image.name for image in images]
    rows = [Intersection(region.members, region.size, _units(region, by)) for region in found.regions if region.size]
    context: dict[str, Any] = {
        "images": images,
        "by": by,
        "by_words": WORDS[by],
        "keys": [(WORDS[key][0], _address(request, key), key == by) for key in KEYS],
        "together_title": title(found, images, by),
        "found": found,
        "figure": upset(names, rows) if rows and images else None,
        "figure_height": upset_height(rows),
        "figure_label": f"Bars of what just these images hold. {title(found, images, by)}",
        "regions": [(region, [images[member] for member in region.members]) for region in found.regions[:ROWS]],
        "regions_more": len(found.regions) - ROWS,
        "drawn": min(len(rows), MOST_ROWS),
        "rows": [(image, found.held(number), found.unique(number)) for number, image in enumerate(images)],
        "unasked_more": 0 if request.GET.getlist("image") else len(framed.scope.images) - len(images),
        "most": MOST_IMAGES,
        "wanted_text": request.GET.get("find", ""),
        "offered": offered_of(framed.scope, images, request.GET.get("find", "")),
        "kept": {**framed.query.parameters, **({"by": by} if by != KEYS[0] else {})},
    }
    return render(request, "analyzer/reuse_compare.html", framed.context | context)


def chosen_images(framed: Frame, asked: list[str]) -> list[ScopeImage]:
    """The images that are asked for, at most MOST_IMAGES; the first of the forest if none is. Raises Http404."""
    try:
        chosen = chosen_of(framed.everything, asked) if asked else unasked(woods_of(framed.scope))[:UNASKED]
    except NoSuchImage:
        raise Http404 from None
    return [framed.everything.images[pk] for pk in chosen[:MOST_IMAGES]]


def title(found: Together, images: list[ScopeImage], by: str) -> str:
    """What they have in common, in words."""
    whole, key = WORDS[by][:2]
    if not found.union:
        return "There is nothing to compare"
    if len(images) == 1:
        return f"{images[0].name} alone: {binary_text(found.union)} by {key}"
    both = binary_text(found.intersection)
    common = "have nothing in common" if not found.intersection else f"have {both} in common"
    part = f", {share(found.intersection, found.union)} of the {binary_text(found.union)} that they hold together"
    return f"{counted(len(images), 'image')} {common}{part if found.intersection else ''}, by {whole}"


def _units(region: Region, by: str) -> str:
    return f"{grouped(region.units)} {WORDS[by][2]}{'' if region.units == 1 else 's'}"


def _address(request: HttpRequest, by: str) -> str:
    parameters = request.GET.copy()
    parameters["by"] = by
    return f"{reverse('reuse-compare')}?{parameters.urlencode()}"


urlpatterns = [path("reuse/compare/", reuse_compare, name="reuse-compare")]
