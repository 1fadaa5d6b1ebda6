"""The bytes that carried a layer into the viewer's teams."""

from collections.abc import Sequence

from django.db.models import TextField
from django.db.models.functions import Cast

from analyzer.models import ArchiveImage, Blob, Image, Layer
from analyzer.selectors.access import Viewer, teams_of


def blobs_of(viewer: Viewer, layer: Layer) -> list[Blob]:
    """The layer's blobs that an archive of the viewer's teams brought, plain first. A query, and one a blob.

    What another team carried it in is that team's business, and the layer's own tar everyone's who sees it.
    """
    blobs = sorted(layer.blobs.all(), key=lambda blob: (blob.compression != "none", blob.size))
    return [blob for blob in blobs if blob.digest == layer.diff_id or _brought(viewer, layer, blob)]


def _brought(viewer: Viewer, layer: Layer, blob: Blob) -> bool:
    documents = ArchiveImage.objects.filter(archive__team__in=teams_of(viewer), image__image_layers__layer=layer)
    texts = documents.annotate(text=Cast("layers", TextField()))
    return bool(texts.filter(text__contains=blob.digest).exists())


def kept_blobs(viewer: Viewer, image: Image, layers: Sequence[Layer]) -> dict[int, Blob]:
    """For each layer of the image (by its key) the blob to read it from, where the bytes of one are kept.

    Of those that were recompressed here or that an archive of the viewer's teams brought, plain first. Two queries; for
    a layer that came with other images only, those of `blobs_of`.
    """
    archives = ArchiveImage.objects.filter(archive__team__in=teams_of(viewer), image=image)
    brought = {
        document.get("blob_digest") for documents in archives.values_list("layers", flat=True) for document in documents
    }
    found: dict[int, Blob] = {}
    unsure: set[int] = set()
    blobs = Blob.objects.filter(layer__in=layers, kept=True)
    diff_ids = {layer.pk: layer.diff_id for layer in layers}
    for blob in sorted(blobs, key=lambda blob: (blob.compression != "none", blob.size)):
        if blob.made or blob.digest in brought or blob.digest == diff_ids[blob.layer_id]:
            found.setdefault(blob.layer_id, blob)
        else:
            unsure.add(blob.layer_id)
    for layer in layers:
        if layer.pk in unsure and layer.pk not in found:
            theirs = [blob for blob in blobs_of(viewer, layer) if blob.kept]
            found |= {layer.pk: theirs[0]} if theirs else {}
    return found
