"""References move; where they pointed before is kept."""

from django.utils import timezone

from analyzer.models import Image, Reference, ReferenceMove, Team


def point(team: Team, name: str, image: Image) -> None:
    """Lets `registry/repository:tag` of this team point at the image. A reference by digest never moves: not kept."""
    repository, _, tag = name.rpartition(":")
    if "@" in name:
        return
    reference, created = Reference.objects.get_or_create(
        team=team, repository=repository, tag=tag, defaults={"image": image}
    )
    if created or reference.image_id != image.pk:
        now = timezone.now()
        Reference.objects.filter(pk=reference.pk).update(image=image, moved=now)
        ReferenceMove.objects.create(reference=reference, image=image, image_digest=image.image_id, at=now)
