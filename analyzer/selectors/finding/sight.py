"""What a search may see, and for how long it may look."""

import time
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Exists, OuterRef, QuerySet

from analyzer.models import Image, ImageLayer, Layer, Team
from analyzer.selectors.access import Viewer, teams_of, visible_images
from analyzer.selectors.finding.kept import unindexed


@dataclass(frozen=True)
class Sight:
    """The images of a search, and the teams whose names for them count.

    Layers are narrowed to these images before anything of a layer is looked at: neither what is found nor how long
    that takes tells of what others hold.
    """

    images: QuerySet[Image]
    teams: QuerySet[Team]

    def layers(self) -> QuerySet[Layer]:
        used = ImageLayer.objects.filter(layer=OuterRef("pk"), image__in=self.images)
        return Layer.objects.filter(Exists(used))

    @cached_property
    def layer_keys(self) -> frozenset[int]:
        """The primary keys of these layers, as they were when first asked for."""
        return frozenset(self.layers().values_list("pk", flat=True))

    @cached_property
    def unindexed(self) -> frozenset[int]:
        """Those of the layers that may hold anything, as their postings are not built yet."""
        return unindexed(self.layers())


def sight_of(viewer: Viewer) -> Sight:
    """What the viewer's teams hold."""
    return Sight(visible_images(viewer), teams_of(viewer))


def everything() -> Sight:
    """All that is stored: what commands see, which have no viewer."""
    return Sight(Image.objects.all(), Team.objects.all())


@dataclass(slots=True)
class Budget:
    """Where a search stops: `seconds`, `matches`, and `places` (matches times images)."""

    seconds: float
    matches: int
    places: int = 20_000
    spent: bool = field(default=False, init=False)  # something was left out
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.seconds

    def is_over(self) -> bool:
        """Whether the time is over; then something was left out."""
        over = time.monotonic() > self._until
        self.spent |= over
        return over
