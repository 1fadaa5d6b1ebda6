"""One image as an example of how layers work: a file that is hidden, one that is replaced, a layer that is shared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef

from analyzer.filetree.layerdiff import Change
from analyzer.filetree.waste import Cause
from analyzer.models import Image, Reference
from analyzer.selectors.access import Viewer, teams_of, visible_images
from analyzer.selectors.image import ImagePage, image_page
from analyzer.selectors.image_layers import LayerRow
from analyzer.selectors.image_waste import LayerChain, layer_chain
from analyzer.selectors.shown import shown

MOST_PATHS = 4
MOST_OTHERS = 8


@dataclass(frozen=True, slots=True)
class Fate:
    """A file of a lower layer that a later one hides. Sizes are bytes; `new_size` None where nothing replaces it."""

    path: str
    size: int
    brought: LayerRow
    hider: LayerRow
    hider_path: str
    new_size: int | None


@dataclass(frozen=True, slots=True)
class Lesson:
    page: ImagePage
    newest: LayerRow | None  # the topmost layer that adds something
    newest_paths: tuple[str, ...]
    deleted: Fate | None
    replaced: Fate | None
    emptied: Fate | None  # by an opaque marker
    shared: LayerRow | None  # the one in most of the viewer's images
    others: tuple[Image, ...]  # more of the viewer's images


def example_of(viewer: Viewer) -> Image | None:
    """The image that shows most: the smallest in which files are deleted and replaced; else whatever there is.

    One that a reference points at comes before one that goes by its digits alone.
    """
    references = Reference.objects.filter(image=OuterRef("pk"), team__in=teams_of(viewer))
    images = visible_images(viewer).filter(top_chain__isnull=False).annotate(named=Exists(references))
    telling = images.filter(top_chain__waste_deleted__gt=0, top_chain__waste_superseded__gt=0)
    wasteful = images.filter(top_chain__waste_deleted__gt=0)
    for some in (telling, wasteful, images):
        found = some.order_by("-named", F("size").asc(nulls_last=True), "pk").first()
        if found is not None:
            return found
    return None


def lesson_of(viewer: Viewer, image: Image, now: datetime) -> Lesson:
    """The lesson on an image that the viewer may see."""
    page = image_page(viewer, image, now)
    chain = layer_chain(image)
    newest, paths = _newest(page, chain) if chain else (None, ())
    known = [layer for layer in page.layers if layer.sharing and not layer.is_empty]
    shared = max(known, key=lambda layer: (layer.sharing.images if layer.sharing else 0, layer.size or 0), default=None)
    return Lesson(
        page=page,
        newest=newest,
        newest_paths=paths,
        deleted=_fate(page, chain, {Cause.DELETED, Cause.PARENT_DELETED}) if chain else None,
        replaced=_fate(page, chain, {Cause.SUPERSEDED}) if chain else None,
        emptied=_fate(page, chain, {Cause.OPAQUE}) if chain else None,
        shared=shared if shared and shared.shared else None,
        others=tuple(visible_images(viewer).exclude(pk=image.pk).order_by("-stored", "-pk")[:MOST_OTHERS]),
    )


def _newest(page: ImagePage, chain: LayerChain) -> tuple[LayerRow | None, tuple[str, ...]]:
    for index in range(len(chain.diffs) - 1, -1, -1):
        listing, diff = chain.listings[index], chain.diffs[index]
        rows = [row for row, change in enumerate(diff.changes) if change == Change.ADDED and listing.sizes[row]]
        if rows:
            largest = sorted(rows, key=lambda row: -listing.sizes[row])[:MOST_PATHS]
            return page.layers[index], tuple(shown(listing.paths[row]) for row in largest)
    return None, ()


def _fate(page: ImagePage, chain: LayerChain, causes: Iterable[Cause]) -> Fate | None:
    """The largest entry that died so."""
    wanted = frozenset(causes)
    found = [
        (dead.size, -hider, -dead.layer, -dead.ordinal, dead)
        for hider, diff in enumerate(chain.diffs)
        for dead in diff.dead
        if dead.cause in wanted and dead.size and dead.layer != hider
    ]
    if not found:
        return None
    size, hider, *_, dead = max(found)
    over = chain.listings[-hider]
    return Fate(
        path=shown(chain.listings[dead.layer].paths[dead.ordinal]),
        size=size,
        brought=page.layers[dead.layer],
        hider=page.layers[-hider],
        hider_path=shown(over.paths[dead.hider]),
        new_size=over.sizes[dead.hider] if dead.cause == Cause.SUPERSEDED else None,
    )
