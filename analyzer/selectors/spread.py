"""How layers are spread by size, by files, and by how well they compress, as studies of registries print it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from analyzer.models import ArchiveImage
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID
from analyzer.selectors.access import Viewer, teams_of
from analyzer.selectors.scope import Scope, ScopeLayer


@dataclass(frozen=True, slots=True)
class SpreadLayer:
    """A layer; `blob_size` is that of its smallest compressed blob, None where no archive of the viewer's had one."""

    diff_id: str
    size: int
    files: int
    tar_size: int
    blob_size: int | None

    @property
    def ratio(self) -> float | None:
        """Bytes of the plain tar for a byte of the compressed blob."""
        return self.tar_size / self.blob_size if self.blob_size else None


def spread_of(viewer: Viewer, scope: Scope) -> list[SpreadLayer]:
    """Every layer of the scope's whole images but the empty one, by diffID. One query, of what archives told."""
    layers = {
        scope.layers[pk].diff_id: scope.layers[pk] for image in scope.whole for pk in image.layers if pk is not None
    }
    layers.pop(EMPTY_LAYER_DIFF_ID, None)
    blobs = _smallest(viewer, scope, layers)
    return [
        SpreadLayer(diff_id, layer.size, layer.files, layer.tar_size, blobs.get(diff_id))
        for diff_id, layer in sorted(layers.items())
    ]


def _smallest(viewer: Viewer, scope: Scope, layers: dict[str, ScopeLayer]) -> dict[str, int]:
    # What archives of other teams had them in is not the viewer's to know.
    rows = ArchiveImage.objects.filter(archive__team__in=teams_of(viewer)).order_by()
    found: dict[str, int] = {}
    for pk, documents in rows.values_list("image_id", "layers"):
        if pk not in scope.images:
            continue
        for document in documents:
            diff_id, size = document.get("diff_id"), document.get("blob_size")
            if diff_id in layers and size and document.get("compression") not in (None, "none"):
                found[diff_id] = min(size, found.get(diff_id, size))
    return found


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest of the sorted `values` that at least `part` of them do not exceed; at least one value."""
    return values[max(0, ceil(len(values) * part) - 1)]
