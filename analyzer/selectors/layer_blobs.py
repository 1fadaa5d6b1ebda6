"""The bytes that carried a layer into the viewer's teams."""

from django.db.models import TextField
from django.db.models.functions import Cast

from analyzer.models import ArchiveImage, Blob, Layer
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
