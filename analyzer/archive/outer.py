"""What every archive is from outside, a tar or a folder: names, and where their bytes lie."""

import posixpath
from abc import ABC, abstractmethod
from collections.abc import Iterator

from analyzer.archive.source import BlobRef
from analyzer.oci.findings import Finding, Severity
from analyzer.oci.wording import shown

MAX_LINKS = 40  # followed for one name, as Linux does


class Outer(ABC):
    """The members of an archive. Nothing is copied out of it, and no link is followed out of it.

    `size`: bytes as the archive was given. `broken`: why its reading ended before its end, None if
    it did not. `findings`: what was refused on the way.
    """

    size: int
    broken: str | None

    def __init__(self) -> None:
        self.broken = None
        self.findings: list[Finding] = []
        self._why_not: dict[str, str] = {}

    @abstractmethod
    def find(self, name: str) -> BlobRef | None:
        """Where the bytes of `name` lie, through links; None if they are not in the archive."""

    @abstractmethod
    def files(self) -> Iterator[tuple[str, BlobRef]]:
        """Every regular file, links left out."""

    @abstractmethod
    def top(self) -> set[str]:
        """The names of the first level."""

    def why_not(self, name: str) -> str:
        """Why `find` found nothing under `name`; ends a sentence that begins with the name."""
        return self._why_not.get(name, "is not in the archive")

    def refuse(self, name: str, why: str) -> None:
        """Reports `name`, once, as a link that was not followed."""
        if name not in self._why_not:
            self._why_not[name] = why
            path = name.encode(errors="surrogateescape")
            detail = f"{shown(name)} {why}; it was not followed."
            self.findings.append(Finding("link-refused", Severity.WARNING, detail, path=path))


def normalise(name: str) -> str | None:
    """A member's name without `./`, leading and double slashes; None if it climbs out with `..`."""
    if name.startswith((".", "/")) or "/." in name or "//" in name or name.endswith("/"):
        name = posixpath.normpath(name).lstrip("/")
    return None if name in ("", ".", "..") or name.startswith("../") else name
