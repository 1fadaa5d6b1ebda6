"""Layers that a pull need not fetch: those that the teams of whoever asks hold already."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from analyzer.models import ArchiveImage, Blob, Holding, ImageLayer, Layer, Team


def held_layers(teams: QuerySet[Team], diff_ids: Collection[str]) -> set[str]:
    """Those of the diffIDs whose layer an image of these teams has."""
    used = ImageLayer.objects.filter(layer=OuterRef("pk"), image__holdings__in=Holding.objects.filter(team__in=teams))
    found = Layer.objects.filter(Exists(used), diff_id__in=diff_ids)
    return set(found.values_list("diff_id", flat=True))


def brought_blobs(teams: QuerySet[Team], digests: Collection[str]) -> dict[str, str]:
    """Digest and diffID of those blobs that an archive of these teams brought, their bytes read and hashed.

    What another team carried a layer in is that team's business: it is not told by leaving it out of a pull.
    """
    blobs = dict(Blob.objects.filter(digest__in=digests).values_list("digest", "layer__diff_id"))
    held = held_layers(teams, set(blobs.values()))
    rows = ArchiveImage.objects.filter(
        archive__team__in=teams, image__image_layers__layer__diff_id__in=set(blobs.values()) & held
    )
    told = {
        (layer.get("blob_digest"), layer.get("diff_id"))
        for layers in rows.distinct().values_list("layers", flat=True)
        for layer in layers
        if layer.get("status") == "ok"
    }
    return {digest: diff_id for digest, diff_id in blobs.items() if (digest, diff_id) in told}
