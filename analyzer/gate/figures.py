"""What the rules judge: figures of an image, of the base that it stands on, and of the image accepted before."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A chain in bytes: that of the image, or that of its base."""

    size: int
    waste: int
    bottom: int = 0  # bytes of its lowest layer
    dive_cumulative: int = 0
    dive_minimal: int = 0
    dive_wasted: int = 0


NOTHING = Part(0, 0)


@dataclass(frozen=True, slots=True)
class Before:
    """The image that it is compared with."""

    name: str
    size: int | None
    base_size: int | None  # None: it has no base that is known


@dataclass(frozen=True, slots=True)
class Place:
    """A file in a layer of the image's own. `hidden`: a later layer hides it, and it still can be taken out."""

    path: str
    layer: int
    size: int
    hidden: bool
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding about the image, or about one of its own layers."""

    code: str
    severity: str
    detail: str
    layer: int | None = None
    path: str = ""
    advice: str = ""
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Sizes in bytes; None is not known. What no rule asks for may be left out."""

    image: Part | None  # None: a layer is missing or damaged
    base: Part | None = None  # None: no base is known
    base_name: str = ""
    newer_base: str = ""  # the image that the base's name means now, where that is another one
    unshared: int | None = None
    before: Before | None = None
    forbidden: int = 0  # entries that a forbidden glob matches
    forbidden_places: tuple[Place, ...] = ()  # the largest of them
    findings: tuple[Told, ...] = ()
    unsearched: int = 0  # layers of its own that are still to be searched for secrets

    @property
    def inherited(self) -> Part:
        """What the image has from its base: nothing, where none is known."""
        return self.base or NOTHING
