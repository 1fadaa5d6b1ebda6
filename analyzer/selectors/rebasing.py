"""What moving an image onto another base would change, and which of its own bytes that base already holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.models import LayerListing
from analyzer.selectors.scope import Scope, ScopeImage, ScopeLayer
from analyzer.selectors.scope_facts import once_a_scope
from analyzer.selectors.shown import shown
from analyzer.sharing.rebase import Rebase, Stacks

MOST_FILES = 20


class CannotRebase(Exception):
    """The message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """Regular files of the image's own layers whose content (by sha256) a layer of the base holds too."""

    files: int
    size: int  # bytes
    same_path: int  # bytes of those that lie at the same path there
    largest: tuple[tuple[str, int], ...]  # path as a page shows it, and bytes


@dataclass(frozen=True, slots=True)
class Move:
    """Image `image` moved from `base` (None: no base is known, so all of its layers are its own) onto `onto`."""

    image: ScopeImage
    base: ScopeImage | None
    onto: ScopeImage
    figures: Rebase
    now: tuple[ScopeLayer, ...]  # of the image, bottom first
    layers: tuple[ScopeLayer, ...]  # of the image as it would be, bottom first
    left: tuple[ScopeLayer, ...]  # layers that go
    repeated: Repeated | None  # None: nobody asked

    def as_json(self) -> dict[str, Any]:
        """The twin and the API: `layers` are those of the image as it would be, bottom first. Sizes in bytes."""
        figures, files = self.figures, self.repeated
        base = len(self.layers) - figures.own
        return {
            "image": self.image.image_id,
            "base": self.base.image_id if self.base else None,
            "onto": self.onto.image_id,
            "size": {"before": figures.before.size, "after": figures.after.size},
            "shared": {"before": figures.before.shared, "after": figures.after.shared},
            "more_shared": figures.more_shared,
            "freed": figures.freed,
            "freed_chains": figures.freed_chains,
            "already_in_base": {"files": files.files, "size": files.size, "same_path": files.same_path}
            if files
            else None,
            "layers": [
                {"index": at, "diff_id": layer.diff_id, "size": layer.size, "from": "base" if at < base else "image"}
                for at, layer in enumerate(self.layers)
            ],
            "left": [{"diff_id": layer.diff_id, "size": layer.size} for layer in self.left],
        }


def move(
    everything: Scope, bases: Mapping[int, ScopeImage], image: ScopeImage, onto: ScopeImage, *, contents: bool = True
) -> Move:
    """What moving the image would change among `everything`. A query for contents. Raises CannotRebase."""
    if image.pk == onto.pk:
        raise CannotRebase("An image can't be its own base.")
    for each in (image, onto):
        if each.size is None:
            raise CannotRebase(f"{each.name} lacks a layer, so nobody knows what moving it would change.")
    base = onto if onto.top_chain in image.chains else bases.get(image.pk)
    depth = everything.chains[base.top_chain].depth + 1 if base and base.top_chain is not None else 0
    stacks = stacks_of(everything)
    size_of = {layer.diff_id: layer.size for layer in everything.layers.values()}
    figures = Stacks(stacks.values(), size_of).rebase(stacks[image.pk], depth, stacks[onto.pk])
    known = {layer.diff_id: layer for layer in everything.layers.values()}
    own = [pk for pk in image.layers[depth:] if pk is not None]
    below = [pk for pk in onto.layers if pk is not None]
    return Move(
        image=image,
        base=base,
        onto=onto,
        figures=figures,
        now=tuple(known[diff_id] for diff_id in stacks[image.pk]),
        layers=tuple(known[diff_id] for diff_id in figures.stack),
        left=tuple(known[diff_id] for diff_id in figures.left),
        repeated=_repeated(own, below) if contents else None,
    )


@once_a_scope
def stacks_of(everything: Scope) -> dict[int, tuple[str, ...]]:
    """The diffIDs of each image bottom first, up to the first layer that is missing."""
    return {
        pk: tuple(everything.layers[everything.chains[chain].layer].diff_id for chain in image.chains)
        for pk, image in everything.images.items()
    }


def _repeated(own: Sequence[int], base: Sequence[int]) -> Repeated:
    import pyarrow.compute as pc

    mine, theirs = (_files(sorted(set(pks))) for pks in (own, base))
    compute: Any = pc
    there = mine.filter(compute.is_in(mine["sha256"], value_set=theirs["sha256"].combine_chunks()))
    pairs = there.join(theirs.select(["path", "sha256"]), ["path", "sha256"], join_type="left semi")
    largest = there.take(compute.sort_indices(there, [("size", "descending"), ("path", "ascending")])[:MOST_FILES])
    rows = zip(largest["path"].to_pylist(), largest["size"].to_pylist(), strict=True)
    return Repeated(
        files=there.num_rows,
        size=compute.sum(there["size"]).as_py() or 0,
        same_path=compute.sum(pairs["size"]).as_py() or 0,
        largest=tuple((shown(path), size) for path, size in rows),
    )


def _files(layers: Sequence[int]) -> Any:
    """Path, content and size of the regular files of these layers."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    fields: list[pa.Field[Any]] = [
        pa.field("path", pa.binary()),
        pa.field("sha256", pa.binary(32)),
        pa.field("size", pa.int64()),
    ]
    schema, columns = pa.schema(fields), [field.name for field in fields]
    documents = LayerListing.objects.filter(layer__in=layers).values_list("document", flat=True)
    tables = [pq.read_table(pa.BufferReader(bytes(document)), columns=columns) for document in documents]
    whole = pa.concat_tables([schema.empty_table(), *(table.select(columns).cast(schema) for table in tables)])
    return whole.filter(pc.is_valid(whole["sha256"]))
