"""The figures of a data root as a document of plain values."""

from collections import Counter
from typing import Any

from analyzer.oci.findings import escape
from analyzer.storage.usage import ContainerUsage, Usage

Document = dict[str, Any]


def usage_document(usage: Usage) -> Document:
    """Sizes in bytes: `size` as the engine counts (bytes of files), `disk` what is allocated, hard links once."""
    return {
        "driver": usage.driver,
        "size": usage.engine_size,
        "disk": usage.disk.allocated,
        "layers": [
            {
                "chain_id": one.layer.chain_id,
                "diff_id": one.layer.diff_id,
                "folder": one.layer.cache_id,
                "size": one.layer.size,
                "disk": one.disk.allocated,
                "images": list(one.images),
                "containers": one.containers,
            }
            for one in sorted(usage.layers, key=lambda one: (-one.disk.allocated, one.layer.chain_id))
        ],
        "images": [
            {
                "image_id": one.image_id,
                "references": list(one.references),
                "size": one.size,
                "shared": one.shared,
                "unique": one.unique,
                "containers": one.containers,
            }
            for one in usage.images
        ],
        "containers": [_container(one) for one in usage.containers],
        "orphans": [
            {"folder": one.folder, "size": one.disk.apparent, "disk": one.disk.allocated}
            for one in sorted(usage.orphans, key=lambda one: (-one.disk.allocated, one.folder))
        ],
        "unreadable": usage.broken,
    }


def _container(one: ContainerUsage) -> Document:
    counts = Counter(change.kind.value for change in one.changes)
    return {
        "id": one.container,
        "name": one.name,
        "image_id": one.image_id or None,
        "size": one.disk.apparent,
        "disk": one.disk.allocated + one.init.allocated,
        "counts": {"A": counts["A"], "C": counts["C"], "D": counts["D"]},
        "changes": [
            {"path": escape(change.path), "change": change.kind.value, "size": change.size} for change in one.changes
        ],
    }
