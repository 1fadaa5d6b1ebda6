"""Two images side by side: their layers by content, and what differs between what their containers see."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from analyzer.filetree.viewdiff import ViewDiff, view_diff
from analyzer.models import Image, ImageLayer
from analyzer.selectors.access import Viewer, ref_of
from analyzer.selectors.compare_config import ConfigChange, config_changes
from analyzer.selectors.compare_history import StepPair, history_pairs
from analyzer.selectors.layer_kinship import Kinship, kinship_of
from analyzer.selectors.listings import merged_of
from analyzer.selectors.memo import Memo
from analyzer.selectors.names import former_names, name_of, references_of
from analyzer.sharing.alignment import Pairing, Relation, align

MOST_ROWS = 200_000
"""Rows of differences that a process keeps at hand, some 200 bytes each."""

_diffs: Memo[ViewDiff] = Memo(MOST_ROWS, lambda diff: len(diff) + 1)


@dataclass(frozen=True, slots=True)
class ComparedLayer:
    """A layer of one of the images. `size` in bytes; None for a layer that is not stored."""

    index: int
    diff_id: str
    size: int | None
    created_by: str


@dataclass(frozen=True, slots=True)
class LayerPair:
    """How a layer of one image stands to the other image; at least one of both is there."""

    relation: Relation
    first: ComparedLayer | None
    second: ComparedLayer | None
    kinship: Kinship | None  # of near layers


@dataclass(frozen=True, slots=True)
class ComparedImage:
    image: Image
    ref: str
    name: str
    references: tuple[str, ...]
    former: str
    layers: tuple[ComparedLayer, ...]


@dataclass(frozen=True)
class Comparison:
    """The whole of it. Sizes are bytes; `files` is None where an image lacks a layer."""

    first: ComparedImage
    second: ComparedImage
    semantic: bool
    layers: tuple[LayerPair, ...]
    files: ViewDiff | None
    config: tuple[ConfigChange, ...]
    history: tuple[StepPair, ...]

    @property
    def relations(self) -> Counter[Relation]:
        return Counter(pair.relation for pair in self.layers)

    def bytes_of(self, *relations: Relation) -> int:
        """The sizes of the second image's layers (of the first's, where it is gone) that stand so, added up."""
        layers = [pair.second or pair.first for pair in self.layers if pair.relation in relations]
        return sum(layer.size or 0 for layer in layers if layer is not None)

    @property
    def lost(self) -> int:
        """Bytes of contents that near layers store twice."""
        return sum(pair.kinship.common for pair in self.layers if pair.kinship)

    @property
    def is_same(self) -> bool:
        """Whether nothing differs that is looked at."""
        layers = all(pair.relation is Relation.SAME for pair in self.layers)
        files = self.files is not None and len(self.files) == 0
        return (layers or self.semantic) and files and not self.config and not self.history


def comparison(viewer: Viewer, first: Image, second: Image, *, semantic: bool) -> Comparison:
    """Both are images that the viewer may see. `semantic` leaves out times and the order of what is written."""
    names = references_of(viewer, [first.pk, second.pk])
    former = former_names(viewer, {first.pk, second.pk} - names.keys())
    rows = {image.pk: list(_rows(image)) for image in (first, second)}
    sides = [
        ComparedImage(
            image=image,
            ref=ref_of(image),
            name=name_of(names.get(image.pk, ()), image.image_id),
            references=tuple(dict.fromkeys(str(reference) for reference in names.get(image.pk, ()))),
            former=former.get(image.pk, ""),
            layers=_layers(image, rows[image.pk]),
        )
        for image in (first, second)
    ]
    return Comparison(
        first=sides[0],
        second=sides[1],
        semantic=semantic,
        layers=tuple(_pairs(sides[0], sides[1], rows[first.pk], rows[second.pk])),
        files=_files(first, second, semantic=semantic),
        config=tuple(config_changes(bytes(first.config), bytes(second.config), semantic=semantic)),
        history=tuple(history_pairs(first.history, second.history, semantic=semantic)),
    )


def _rows(image: Image) -> QuerySet[ImageLayer]:
    return image.image_layers.select_related("layer").order_by("index")


def _layers(image: Image, rows: Sequence[ImageLayer]) -> tuple[ComparedLayer, ...]:
    made: Mapping[int, str] = (
        {step["layer"]: step.get("created_by") or "" for step in image.history if step.get("layer") is not None}
        if image.history_aligned
        else {}
    )
    return tuple(
        ComparedLayer(row.index, row.diff_id, row.layer.size if row.layer else None, made.get(row.index, ""))
        for row in rows
    )


def _pairs(
    first: ComparedImage, second: ComparedImage, old: Sequence[ImageLayer], new: Sequence[ImageLayer]
) -> list[LayerPair]:
    def near(one: int, other: int) -> tuple[int, Kinship] | None:
        layer, facing = old[one].layer, new[other].layer
        if layer is None or facing is None or not layer.size or not facing.size:
            return None
        kinship = kinship_of(layer, facing)
        return (kinship.common, kinship) if kinship else None

    pairs: list[Pairing[Kinship]] = align(
        [layer.diff_id for layer in first.layers], [layer.diff_id for layer in second.layers], near
    )
    return [
        LayerPair(
            pair.relation,
            None if pair.first is None else first.layers[pair.first],
            None if pair.second is None else second.layers[pair.second],
            pair.kinship,
        )
        for pair in pairs
    ]


def _files(first: Image, second: Image, *, semantic: bool) -> ViewDiff | None:
    """None where a view is not known."""
    tops = first.top_chain, second.top_chain
    if first.size is None or second.size is None or tops[0] is None or tops[1] is None:
        return None
    key = f"{tops[0].chain_id} {tops[1].chain_id}"
    diff = _diffs.get(key)
    if diff is None:
        diff = view_diff(merged_of(tops[0]), merged_of(tops[1]))
        _diffs.put(key, diff)
    return diff.semantic if semantic else diff
