"""The layers of an image as the viewer may know them: figures, who else stands on them, what later ones hide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from django.db.models import Count

from analyzer.models import Chain, Image, ImageLayer, Layer
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID
from analyzer.selectors.access import Viewer, visible_images
from analyzer.selectors.diffs import hidden_by_layer
from analyzer.selectors.names import names_of

MOST_NAMES = 40  # of the images that a title lists
MOST_STROKES = 40


@dataclass(frozen=True, slots=True)
class Sharing:
    """In how many of the viewer's images a chain is, this one included, and what some of them are called."""

    images: int
    names: tuple[str, ...]

    @property
    def strokes(self) -> int:
        return min(self.images, MOST_STROKES)

    @property
    def title(self) -> str:
        more = self.images - len(self.names)
        return ", ".join(self.names) + (f" and {more:,} more" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Hider:
    """A later layer, and how many bytes of this one it hides first."""

    index: int
    diff_id: str
    size: int
    in_base: bool


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer in its image. Sizes are bytes; None is not known. `index` counts from the bottom."""

    index: int
    diff_id: str
    chain_id: str | None
    status: str  # ok, missing, foreign, damaged, unsupported
    size: int | None
    tar_size: int | None
    entries: int | None
    added: int | None
    modified: int | None
    removed: int | None
    blob_digest: str | None
    blob_size: int | None
    compression: str | None
    media_type: str | None
    sharing: Sharing | None  # by chainID
    dead: int | None  # bytes of this layer that later ones hide
    hiders: tuple[Hider, ...]  # most bytes first
    in_base: bool
    linear: float  # its size over the largest layer's, 0 to 1
    stored: Layer | None

    @property
    def known(self) -> bool:
        return self.size is not None

    @property
    def is_empty(self) -> bool:
        return self.diff_id == EMPTY_LAYER_DIFF_ID

    @property
    def shared(self) -> bool:
        return self.sharing is not None and self.sharing.images > 1

    @property
    def thickness(self) -> str:
        """For a style attribute: the exact thickness on both scales, 1 for the largest layer."""
        return f"--sq:{sqrt(self.linear):.4f};--li:{self.linear:.5f}"

    @property
    def dead_share(self) -> float:
        return self.dead / self.size if self.dead and self.size else 0.0


def stored_layers(image: Image) -> list[ImageLayer]:
    """The image's layers, bottom first, with layer and chain but without the chain's change codes. One query."""
    rows = image.image_layers.select_related("layer", "chain").defer("chain__changes", "layer__findings")
    return list(rows.order_by("index"))


def sharing_of(viewer: Viewer, chains: Sequence[Chain]) -> dict[int, Sharing]:
    """For each chain (by its key) the viewer's images that stand on it. Three queries."""
    uses = ImageLayer.objects.filter(chain__in=chains, image__in=visible_images(viewer))
    counts = dict(uses.values_list("chain_id").annotate(Count("image_id")).order_by())
    # Upper chains first: an image on one of them is on all below it too, so every title gets its nearest kin.
    pairs = list(
        uses.order_by("-chain__depth", "image_id").values_list("chain_id", "image_id", "image__image_id")[:2000]
    )
    names = names_of(viewer, {pk: image_id for _, pk, image_id in pairs})
    users: dict[int, list[str]] = {}
    for chain_pk, image_pk, _ in pairs:
        users.setdefault(chain_pk, []).append(names[image_pk])
    return {pk: Sharing(count, tuple(sorted(users.get(pk, []))[:MOST_NAMES])) for pk, count in counts.items()}


def layer_rows(
    stored: Sequence[ImageLayer],
    sharing: Mapping[int, Sharing],
    carried: Sequence[Mapping[str, Any]],
    base_layers: int,
) -> list[LayerRow]:
    """Rows for the stored layers, bottom first.

    `carried` is what an archive says of each layer's blob; `base_layers` how many belong to the base.
    """
    readable = [(item.chain, item.layer) for item in stored if item.chain is not None and item.layer is not None]
    whole = len(readable) == len(stored)
    dead = hidden_by_layer([chain for chain, _ in readable], [layer for _, layer in readable]) if whole else {}
    largest = max((item.layer.size for item in stored if item.layer is not None), default=0)
    rows = []
    for item in stored:
        hiders = sorted(dead.get(item.index, {}).items(), key=lambda pair: -pair[1]) if whole else None
        rows.append(
            _row(
                item,
                sharing,
                carried[item.index],
                [Hider(at, stored[at].diff_id, size, at < base_layers) for at, size in hiders]
                if hiders is not None
                else None,
                item.index < base_layers,
                largest,
            )
        )
    return rows


def _row(
    item: ImageLayer,
    sharing: Mapping[int, Sharing],
    blob: Mapping[str, Any],
    hiders: Sequence[Hider] | None,
    in_base: bool,
    largest: int,
) -> LayerRow:
    layer, chain = item.layer, item.chain
    status = "ok" if layer is not None else str(blob.get("status") or "missing")
    return LayerRow(
        index=item.index,
        diff_id=item.diff_id,
        chain_id=chain.chain_id if chain else None,
        status=status,
        size=layer.size if layer else None,
        tar_size=layer.tar_size if layer else None,
        entries=layer.entries if layer else None,
        added=chain.added if chain else None,
        modified=chain.modified if chain else None,
        removed=chain.removed if chain else None,
        blob_digest=blob.get("blob_digest"),
        blob_size=blob.get("blob_size"),
        compression=blob.get("compression"),
        media_type=blob.get("media_type"),
        sharing=sharing.get(chain.pk) if chain else None,
        dead=sum(hider.size for hider in hiders) if hiders is not None else None,
        hiders=tuple(hiders or ()),
        in_base=in_base,
        linear=layer.size / largest if layer and largest else 0.0,
        stored=layer,
    )
