"""What a Docker Engine has, as rows: with the addresses of those images that the viewer's teams hold already."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from analyzer.filetree.dockerdiff import Change, ChangeKind
from analyzer.oci.findings import escape
from analyzer.registry.daemon import EngineContainer, EngineImage
from analyzer.selectors.access import Viewer, ref_of, visible_images

Row = dict[str, Any]

LABELS = {ChangeKind.ADDED: "added", ChangeKind.CHANGED: "modified", ChangeKind.DELETED: "removed"}


def image_rows(viewer: Viewer, images: Sequence[EngineImage]) -> list[Row]:
    """In the engine's order; `ref` is the stored image's address, null where the viewer has none. One query."""
    refs = stored_refs(viewer, [image.image_id for image in images])
    return [
        {
            "image_id": image.image_id,
            "names": list(image.names),
            "size": image.size,
            "stored": image.image_id in refs,
            "ref": refs.get(image.image_id),
        }
        for image in images
    ]


def container_rows(viewer: Viewer, containers: Sequence[EngineContainer]) -> list[Row]:
    """`size`: bytes of its writable layer. One query."""
    refs = stored_refs(viewer, [container.image_id for container in containers])
    return [
        {
            "id": container.container_id,
            "name": container.name,
            "image": container.image,
            "image_id": container.image_id,
            "state": container.state,
            "size": container.size,
            "ref": refs.get(container.image_id),
        }
        for container in containers
    ]


def change_rows(changes: Sequence[Change]) -> list[Row]:
    """`change` is A, C or D; `size` null for folders, what is gone, and what was not asked for."""
    return [{"change": one.kind.value, "path": escape(one.path), "size": one.size} for one in changes]


def change_counts(changes: Sequence[Change]) -> dict[str, int]:
    """How many were added, modified and removed."""
    counts = Counter(change.kind for change in changes)
    return {label: counts[kind] for kind, label in LABELS.items()}


def stored_refs(viewer: Viewer, image_ids: Iterable[str]) -> dict[str, str]:
    """Image ID → its address, of those that the viewer's teams hold."""
    held = visible_images(viewer).filter(image_id__in=set(image_ids), forged_chain_id="")
    return {image.image_id: ref_of(image) for image in held.only("image_id", "forged_chain_id")}
