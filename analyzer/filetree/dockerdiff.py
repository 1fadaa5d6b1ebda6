"""What a container changed on top of its image, in the words of `docker diff`."""

from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    ADDED = "A"
    CHANGED = "C"
    DELETED = "D"


@dataclass(frozen=True, slots=True)
class Change:
    path: bytes  # relative
    kind: ChangeKind
    size: int | None  # bytes of a file that is there; of a link those of its target; else None: not known, or a folder
