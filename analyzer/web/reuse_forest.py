"""The chain forest: which layers carry which images, as an icicle that opens where it is clicked."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from analyzer.charts.icicle import Slab, icicle, icicle_height
from analyzer.selectors.chain_forest import Woods, woods_of
from analyzer.selectors.sharing_report import scope_document
from analyzer.sharing.forest import Box, Place
from analyzer.units import binary_text, exact, grouped
from analyzer.web import reuse_pictures_words as words
from analyzer.web.overview_words import counted
from analyzer.web.reuse_frame import Frame, frame
from analyzer.web.reuse_places import Places, place_of
from analyzer.web.twins import twin, wanted

ROWS = 60  # of the table under the figure; the twins have all
THIN = 900  # a layer with less than this fraction of the bytes that are shown is drawn thin
COLUMNS = ("chain_id", "parent", "diff_id", "size", "from_here_up", "images", "ends", "references")


@login_required
def reuse_forest(request: HttpRequest) -> HttpResponse:
    """The part of the forest that `at` and `from` name. Raises Http404 where there is none."""
    framed = frame(request)
    woods = woods_of(framed.scope)
    place = place_of(request, woods)
    if wanted(request):
        return twin(request, "chains", chain_rows(woods, place), COLUMNS, **_figures(framed, woods, place))
    drawn = woods.drawn(place)
    places = Places("reuse-forest", framed, woods)
    shape = Shape(places, woods, place)
    slabs = shape.slabs(drawn)
    title = words.forest_title(woods, place)
    order = sorted(range(len(drawn)), key=lambda index: (-drawn[index].width, index))
    rows = [shape.row(drawn[index]) for index in order[:ROWS]]
    context: dict[str, Any] = {
        "woods": woods,
        "forest_title": title,
        "trail": places.trail(place),
        "top": places.address(Place()),
        "figure": icicle(slabs),
        "height": icicle_height(slabs),
        "label": f"Icicle of {counted(len(woods.forest.nodes), 'chain')}. {title}",
        "rows": rows,
        "rows_more": len(drawn) - len(rows),
        "is_folded": any(len(box.keys) > 1 and not box.more for box in drawn),
        "left_out": len(framed.scope.images) - len(framed.scope.whole),
    }
    return render(request, "analyzer/reuse_forest.html", framed.context | context)


def chain_rows(woods: Woods, place: Place) -> list[dict[str, Any]]:
    """Every chain of `place`, each before what stands on it; sizes in bytes, `parent` a chainID."""
    forest, chains = woods.forest, woods.scope.chains
    rows = []
    for key in forest.walk(forest.at(place)):
        parent = forest.parents[key]
        ends = woods.ends.get(key, ())
        rows.append(
            {
                "chain_id": chains[key].chain_id,
                "parent": chains[parent].chain_id if parent is not None else None,
                "diff_id": woods.layer(key).diff_id,
                "size": forest.nodes[key].size,
                "from_here_up": forest.above[key],
                "images": forest.images[key],
                "ends": [image.image_id for image in ends],
                "references": [text for image in ends for text in image.references],
            }
        )
    return rows


def _figures(framed: Frame, woods: Woods, place: Place) -> dict[str, Any]:
    bottom = woods.forest.at(place)
    return {
        "scope": scope_document(framed.query),
        "at": woods.scope.chains[place.at].chain_id if place.at is not None else None,
        "images": sum(woods.forest.images[key] for key in bottom),
        "size": sum(woods.forest.above[key] for key in bottom),
    }


class Shape:
    """How the boxes of a page are told, and where they lead."""

    def __init__(self, places: Places, woods: Woods, place: Place) -> None:
        self.woods = woods
        self.place = place
        self.places = places
        self.width = sum(woods.forest.above[key] for key in woods.forest.at(place))

    def leads_to(self, box: Box) -> str:
        """Deeper where there is more to see; to the layer's page where there is not."""
        if box.more:
            return self.places.address(Place(box.on, box.start))
        is_bottom = box.keys[0] == self.place.at
        if not is_bottom and (len(box.keys) > 1 or self.woods.forest.on(box.keys[0])):
            return self.places.address(Place(box.keys[0]))
        return reverse("layer", args=[self.woods.layer(self.woods.largest(box.keys)).diff_id])

    def slabs(self, drawn: Sequence[Box]) -> list[Slab]:
        return [self._slab(box) for box in drawn]

    def _slab(self, box: Box) -> Slab:
        told = f"{binary_text(box.own)} in {counted(box.images, 'image')}" if box.images > 1 else binary_text(box.own)
        if box.more:
            number = grouped(len(box.keys))
            return Slab(
                box.parent,
                box.left,
                box.width,
                "",
                thin=False,
                texts=(f"{number} more\n{binary_text(box.width)}", number),
                hover=f"{number} more branches: {exact(box.width)}, in {counted(box.images, 'image')}",
                address=self.leads_to(box),
            )
        forest = self.woods.forest
        layer = self.woods.layer(self.woods.largest(box.keys))
        digest = layer.diff_id.removeprefix("sha256:")[:12]
        if len(box.keys) > 1:
            digest += f" and {len(box.keys) - 1} more"
        images = self.woods.ends.get(box.keys[-1], ())
        name = images[0].name.rpartition("/")[2] if images else ""  # the hover text has all of it
        some = ", ".join(image.name for image in images[:3]) + (f" and {len(images) - 3} more" if images[3:] else "")
        leaf = bool(images) and not forest.on(box.keys[-1])
        return Slab(
            box.parent,
            box.left,
            box.width,
            layer.diff_id,
            thin=box.own * THIN < self.width,
            texts=(f"{name}\n{digest} · {told}", f"{name}\n{told}", name) if name else (f"{digest}\n{told}", digest),
            hover=f"{f'{some} · ' if some else ''}{digest}: {exact(box.own)}, in {counted(box.images, 'image')}; "
            f"{exact(box.width)} from here up",
            address=self.leads_to(box),
            name=name,
            label=name if leaf else "",
            label_address=reverse("image", args=[images[0].ref]) if leaf else "",
        )

    def row(self, box: Box) -> dict[str, Any]:
        """A line of the table: the box as it is drawn."""
        largest = None if box.more else self.woods.layer(self.woods.largest(box.keys)).diff_id
        images = () if box.more else self.woods.ends.get(box.keys[-1], ())
        return {"box": box, "diff_id": largest, "others": len(box.keys) - 1, "images": images, "to": self.leads_to(box)}


urlpatterns = [path("reuse/forest/", reuse_forest, name="reuse-forest")]
