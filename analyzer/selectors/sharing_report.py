"""The report of a scope: `report --json`, GET /api/v1/reports/sharing/ and the JSON twin of the Reuse page."""

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.models import Team
from analyzer.selectors.figures import image_row
from analyzer.selectors.overview import SharedLayer, Totals, shared_layers, totals_of
from analyzer.selectors.scope import Scope, ScopeImage
from analyzer.selectors.scoping import ScopeQuery
from analyzer.selectors.sharing import Owner, owners_of

Document = dict[str, Any]


def sharing_report(scope: Scope, query: ScopeQuery, bases: Mapping[int, ScopeImage], teams: Sequence[Team]) -> Document:
    """The figures of the images of `scope`; `bases` and `teams` as the viewer knows them.

    Contents are counted, however long it takes. Images that lack a layer are in `per_image` with null figures and in
    `incomplete`, and in no sum.
    """
    totals = totals_of(scope, patient=True)
    return {
        "scope": scope_document(query),
        "images": totals.images,
        "incomplete": totals.left_out,
        "layers": totals.layers,
        "ladder": {rung.key: rung.size for rung in totals.rungs},
        "per_image": [image_row(scope, image, bases).as_json() for image in by_name(scope)],
        "top_layers": [top_layer(item) for item in shared_layers(scope)],
        "owners": [owner_document(owner) for owner in owners_of(scope, teams)],
    }


def scope_document(query: ScopeQuery) -> Document:
    """What the scope is narrowed to; null for what it is not."""
    asked = query.parameters
    return {name: asked.get(name) for name in ("team", "tag", "repository", "since", "until")}


def by_name(scope: Scope) -> list[ScopeImage]:
    return sorted(scope.images.values(), key=lambda image: (not image.references, image.name, image.ref))


def top_layer(item: SharedLayer) -> Document:
    return {"diff_id": item.layer.diff_id, "size": item.layer.size, "images": item.images, "saves": item.saves}


def owner_document(owner: Owner) -> Document:
    return {
        "team": owner.team.slug,
        "images": owner.images,
        "naive": owner.naive,
        "stored": owner.stored,
        "fair_cost": owner.fair_cost,
    }


def ladder_documents(totals: Totals) -> list[Document]:
    """The steps of the ladder as rows: ratio = naive ÷ step, saving = naive − step."""
    return [
        {
            "step": rung.key,
            "count": rung.count,
            "size": rung.size,
            "ratio": round(totals.naive / rung.size, 4) if rung.size else None,
            "saving": totals.naive - rung.size if rung.size is not None else None,
        }
        for rung in totals.rungs
    ]
