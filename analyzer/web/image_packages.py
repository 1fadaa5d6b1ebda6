"""The packages of an image as a tab of its page, and as CSV and JSON."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from analyzer.models import Image
from analyzer.selectors.access import image_for
from analyzer.selectors.image_packages import KINDS, Inventory, PackageRow, image_packages
from analyzer.units import grouped
from analyzer.web.twins import twin, wanted

MOST_ROWS = 250
COLUMNS = ("kind", "name", "version", "layer", "diff_id", "before")


@login_required
@require_safe
def packages(request: HttpRequest, ref: str) -> HttpResponse:
    """The twin of the tab; without a format the tab itself."""
    image = image_for(request.user, ref)
    if not wanted(request):
        return redirect(f"{reverse('image', args=[image])}?tab=packages#about")
    inventory = image_packages(image)
    return twin(request, "packages", documents(picked(request, inventory)), COLUMNS, **figures(image, inventory))


def packages_context(request: HttpRequest, image: Image) -> dict[str, Any]:
    """What the tab shows."""
    inventory = image_packages(image)
    rows = picked(request, inventory)
    kind = request.GET.get("kind", "")
    here = f"{reverse('image', args=[image])}?tab=packages"
    counts = inventory.counts()
    pills = [{"label": "all", "count": len(inventory.rows), "address": f"{here}#about", "current": kind not in counts}]
    pills += [
        {"label": name, "count": count, "address": f"{here}&kind={name}#about", "current": kind == name}
        for name, count in counts.items()
    ]
    twins = f"{reverse('image-packages', args=[image])}?" + (f"kind={kind}&" if kind in counts else "")
    return {
        "packages": rows[:MOST_ROWS],
        "more_packages": max(len(rows) - MOST_ROWS, 0),
        "packages_heading": packages_heading(inventory),
        "packages_notes": notes(inventory),
        "package_pills": pills if len(counts) > 1 else [],
        "package_twins": twins,
    }


def picked(request: HttpRequest, inventory: Inventory) -> list[PackageRow]:
    """Of one kind, if the address says so."""
    kind = request.GET.get("kind", "")
    return [row for row in inventory.rows if kind not in KINDS or row.kind == kind]


def packages_heading(inventory: Inventory) -> str:
    """How many, and by whom."""
    counts = inventory.counts()
    if not counts:
        return "No package is known" if inventory.unread or inventory.waiting else "No package database"
    parts = [f"{grouped(count)} by {kind}" for kind, count in counts.items()]
    total = len(inventory.rows)
    text = f"{grouped(total)} package{'' if total == 1 else 's'}"
    return f"{text}: {', '.join(parts)}" if len(parts) > 1 else f"{text} installed by {next(iter(counts))}"


def notes(inventory: Inventory) -> list[str]:
    """What is not known, in sentences."""
    found = []
    if inventory.waiting:
        layers = "One layer is" if inventory.waiting == 1 else f"{inventory.waiting} layers are"
        found.append(f"{layers} still to be read: its packages come when its turn has come.")
    for unread in inventory.unread:
        what = "A file" if unread.files == 1 else f"{grouped(unread.files)} files"
        found.append(
            f"{what} of {unread.kind} could not be read: the bytes were not kept, or have a form that is not known. "
            "What they say is not known."
        )
    return found


def figures(image: Image, inventory: Inventory) -> dict[str, Any]:
    """What the document says beside the packages."""
    return {
        "image_id": image.image_id,
        "unread": {each.kind: each.files for each in inventory.unread},
        "waiting_layers": inventory.waiting,
    }


def documents(rows: Iterable[PackageRow]) -> Iterator[dict[str, Any]]:
    """Packages as programs read them; `before` is null for one that is new in its layer."""
    for row in rows:
        yield {
            "kind": row.kind,
            "name": row.name,
            "version": row.version,
            "layer": row.index,
            "diff_id": row.diff_id,
            "before": row.before or None,
        }


urlpatterns = [path("images/<image_ref:ref>/packages/", packages, name="image-packages")]
