"""References move; where they pointed before is kept."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from analyzer.models import Image, Reference, ReferenceMove, Team

AT_ONCE = 500
REPOSITORY_TEXT = 512  # characters that the column holds
Name = tuple[str, str]
"""Repository and tag."""


def point(team: Team, names: Iterable[str], image: Image) -> None:
    """Lets `registry/repository:tag`, many at once, of this team point at the image.

    A reference by digest never moves: it is not kept; nor is one whose repository no column has room for.
    """
    pairs = [(repository, tag) for repository, _, tag in (name.rpartition(":") for name in names if "@" not in name)]
    wanted = list(dict.fromkeys(pair for pair in pairs if len(pair[0]) <= REPOSITORY_TEXT))
    for start in range(0, len(wanted), AT_ONCE):
        _point(team, wanted[start : start + AT_ONCE], image)


def _point(team: Team, wanted: Sequence[Name], image: Image) -> None:
    before = _known(team, wanted)
    Reference.objects.bulk_create(
        (Reference(team=team, repository=repository, tag=tag, image=image) for repository, tag in wanted),
        ignore_conflicts=True,
    )
    now = timezone.now()
    moved = [
        reference
        for name, reference in _known(team, wanted).items()
        if name not in before or reference.image_id != image.pk
    ]
    Reference.objects.filter(pk__in=[reference.pk for reference in moved]).update(image=image, moved=now)
    ReferenceMove.objects.bulk_create(
        ReferenceMove(reference=reference, image=image, image_digest=image.image_id, at=now) for reference in moved
    )


def _known(team: Team, names: Sequence[Name]) -> dict[Name, Reference]:
    """Those of the names that the team has, in the order of `names`."""
    rows = Reference.objects.filter(
        team=team,
        repository__in={repository for repository, _ in names},
        tag__in={tag for _, tag in names},
    )
    found = {(row.repository, row.tag): row for row in rows}
    return {name: found[name] for name in names if name in found}
