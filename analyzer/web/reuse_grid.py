"""Images side by side, a column each, with what they share across their columns; and the form that chooses them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode

from analyzer.selectors.chain_forest import woods_of
from analyzer.selectors.layer_grid import (
    MOST_IMAGES,
    Cell,
    Grid,
    NoSuchImage,
    chosen_of,
    grid_of,
    thickness,
    unasked,
)
from analyzer.selectors.scope import Scope, ScopeImage
from analyzer.selectors.sharing_report import scope_document
from analyzer.web import reuse_pictures_words as words
from analyzer.web.reuse_frame import frame
from analyzer.web.twins import twin, wanted

SCALES = ("linear", "root")
THICKEST = 190  # pixels
LABEL = 36  # two lines
HAIRLINE = 9
ROWS = 60  # of the table; the twins have all
OFFERED = 60  # images in the form; what one looks for narrows them
COLUMNS = ("diff_id", "chain_id", "size", "files", "images", "saves", "references")


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell where it is drawn: pixels from the ground, of the cell, of the layer in it."""

    cell: Cell
    foot: int
    height: int
    thick: int

    @property
    def roomy(self) -> bool:
        """Whether the label has room on the layer."""
        return self.thick >= LABEL

    @property
    def style(self) -> str:
        return f"--c:{self.cell.column};--s:{self.cell.span};--b:{self.foot};--z:{self.height};--a:{self.thick}"


@login_required
def reuse_grid(request: HttpRequest) -> HttpResponse:
    """The images of each `image`, or of the scope. Raises Http404 for an image that is not the viewer's."""
    framed = frame(request)
    asked = request.GET.getlist("image")
    try:
        chosen = chosen_of(framed.everything, asked) if asked else unasked(woods_of(framed.scope))
    except NoSuchImage:
        raise Http404 from None
    scale = request.GET.get("scale") or SCALES[0]
    if scale not in SCALES:
        raise Http404
    grid = grid_of(framed.everything, chosen[:MOST_IMAGES])
    if wanted(request):
        figures = {
            "scope": scope_document(framed.query),
            "images": [_image(grid, image) for image in grid.images],
            "naive": grid.naive,
            "stored": grid.stored,
        }
        return twin(request, "layers", layer_rows(grid), COLUMNS, **figures)
    placed = _placed(grid.cells, root=scale == "root")
    drawn = {image.pk for image in grid.images}
    context: dict[str, Any] = {
        "grid": grid,
        "grid_title": words.grid_title(grid),
        "heads": [
            (image, image.name.rpartition("/")[2], grid.files(image), grid.unique(image)) for image in grid.images
        ],
        "placed": placed,
        "high": max((each.foot + each.height for each in placed), default=0),
        "rows": sorted((cell for cell in grid.cells if cell.size), key=lambda cell: (-cell.saves, -cell.size))[:ROWS],
        "rows_more": sum(1 for cell in grid.cells if cell.size) - ROWS,
        "scales": [(each, _address(request, each)) for each in SCALES],
        "scale": scale,
        "chosen_more": len(chosen) - MOST_IMAGES,
        "unasked_more": 0 if asked else len(framed.scope.images) - len(grid.images),
        "without": [framed.everything.images[pk].name for pk in chosen[:MOST_IMAGES] if pk not in drawn],
        "most": MOST_IMAGES,
        "wanted_text": request.GET.get("find", ""),
        "offered": offered_of(framed.scope, grid.images, request.GET.get("find", "")),
        "offered_of": len(framed.scope.images),
        "kept": {**framed.query.parameters, **({"scale": scale} if scale != SCALES[0] else {})},
    }
    return render(request, "analyzer/reuse_grid.html", framed.context | context)


def layer_rows(grid: Grid) -> list[dict[str, Any]]:
    """Every chain of the grid's images, each before what stands on it; sizes in bytes."""
    woods, forest = grid.woods, grid.woods.forest
    rows = []
    for key in forest.walk(forest.on(None)):
        layer, size = woods.layer(key), forest.nodes[key].size
        rows.append(
            {
                "diff_id": layer.diff_id,
                "chain_id": woods.scope.chains[key].chain_id,
                "size": size,
                "files": layer.files,
                "images": forest.images[key],
                "saves": size * (forest.images[key] - 1),
                "references": [text for image in woods.ends.get(key, ()) for text in image.references],
            }
        )
    return rows


def _image(grid: Grid, image: ScopeImage) -> dict[str, Any]:
    return {
        "image_id": image.image_id,
        "references": list(image.references),
        "size": image.size,
        "files": grid.files(image),
        "unique": grid.unique(image),
        "layers": [grid.woods.scope.layers[pk].diff_id for pk in image.layers if pk is not None],
    }


def _placed(cells: Sequence[Cell], *, root: bool) -> list[Placed]:
    largest = max((cell.size for cell in cells), default=0)
    placed: list[Placed] = []
    for cell in cells:
        thick = thickness(cell.size, largest, THICKEST, root=root)
        height = HAIRLINE if not cell.size else thick if thick >= LABEL else thick + LABEL
        below = placed[cell.under] if cell.under >= 0 else None
        placed.append(Placed(cell, below.foot + below.height if below else 0, height, thick))
    return placed


def _address(request: HttpRequest, scale: str) -> str:
    parameters = request.GET.copy()
    parameters.pop("scale", None)
    if scale != SCALES[0]:
        parameters["scale"] = scale
    query = urlencode(parameters, doseq=True)
    return f"{reverse('reuse-grid')}?{query}" if query else reverse("reuse-grid")


def offered_of(scope: Scope, drawn: Sequence[ScopeImage], text: str) -> list[tuple[ScopeImage, bool]]:
    """The images of the form and whether they are drawn: these first, then by name those in which `text` is found."""
    mine = {image.pk for image in drawn}
    found = [
        image
        for image in sorted(scope.images.values(), key=lambda image: (not image.references, image.name, image.pk))
        if image.pk not in mine and (text in image.name or text in image.image_id or text in " ".join(image.references))
    ]
    return [*((image, True) for image in drawn), *((image, False) for image in found[:OFFERED])]


urlpatterns = [path("reuse/grid/", reuse_grid, name="reuse-grid")]
