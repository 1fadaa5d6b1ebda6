"""An image goes to another team, with its references and what its archives told of it; or is held by both."""

from django.db import transaction

from analyzer.models import Archive, ArchiveImage, GateRun, Holding, Image, Reference, ShareLink, Team
from analyzer.services import audit, quotas, references


class NotMoved(Exception):
    """The image can't go there; the message says why to a person."""


def move_image(image: Image, source: Team, target: Team, keep: bool = False) -> None:
    """`keep`: the source holds it too from then on. Raises NotMoved."""
    try:
        quotas.check(target)
    except quotas.QuotaReached as full:
        raise NotMoved(str(full)) from None
    with transaction.atomic():
        held = Holding.objects.select_for_update().filter(image=image, team=source).first()
        if held is None or source == target:
            raise NotMoved(f"{source} does not hold this image any more.")
        if image.incomplete_in_id is not None:
            raise NotMoved("Layers of this image are missing. Another team adds the archive itself.")
        names = [f"{row.repository}:{row.tag}" for row in Reference.objects.filter(team=source, image=image)]
        Holding.objects.get_or_create(image=image, team=target)
        references.point(target, names, image)
        for told in ArchiveImage.objects.filter(image=image, archive__team=source).select_related("archive"):
            _bring(told, target, keep)
        if not keep:
            held.delete()
            Reference.objects.filter(team=source, image=image).delete()
            ShareLink.objects.filter(team=source, image=image).delete()
            GateRun.objects.filter(team=source, image=image).delete()  # judged by the rules of that team
            Archive.objects.filter(team=source, archive_images__isnull=True).delete()
        called = " ".join([*names[:3], image.image_id])
        audit.note("image.share" if keep else "image.move", called, source, to=target.slug)
        audit.note("image.receive", called, target, origin=source.slug)


def _bring(told: ArchiveImage, target: Team, keep: bool) -> None:
    """What an archive told of the image, in a record of its own: other images of the archive stay where they are."""
    archive = told.archive
    of_image = [found for found in archive.findings if found.get("image_id") in (None, told.image.image_id)]
    archive.pk, archive.team, archive.findings, archive.attestations = None, target, of_image, []
    archive._state.adding = True
    archive.save()
    if keep:
        told.pk = None
        told._state.adding = True
    told.archive = archive
    told.save()
