"""What Find found as its page shows it: one row a content, so that the versions of a file stand side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from django.urls import reverse

from analyzer.filetree.entry import Kind
from analyzer.selectors.finding.found import InImage, Match
from analyzer.selectors.shown import shown

MOST_NAMES = 8  # images that a row names
MOST_PATHS = 4
MOST_LAYERS = 3


@dataclass(frozen=True, slots=True)
class PathLink:
    """A path, and where it is shown: in a layer that has it."""

    text: str
    link: str


@dataclass(slots=True)
class Row:
    """A content with all its paths, layers and images; of what has no content one entry by itself."""

    label: str  # of a chart: the last component
    sha256: str = ""
    kind: str = ""
    link: str = ""
    size: int | None = None
    paths: dict[str, PathLink] = field(default_factory=dict)
    layers: dict[str, None] = field(default_factory=dict)  # diffIDs, of the newest images first
    images: dict[int, InImage] = field(default_factory=dict)
    package: tuple[str, str, str] | None = None
    uncounted: int = 0  # images that are not among them, as there are too many

    @property
    def count(self) -> int:
        return len(self.images) + self.uncounted

    @property
    def hidden(self) -> int:
        return sum(image.visible is False for image in self.images.values())

    @property
    def unknown(self) -> int:
        return sum(image.visible is None for image in self.images.values())

    @property
    def visible(self) -> int:
        return self.count - self.hidden - self.unknown

    @property
    def named(self) -> list[InImage]:
        """Those that show it first, then the newest."""
        return sorted(self.images.values(), key=lambda image: image.visible is not True)[:MOST_NAMES]

    @property
    def unnamed(self) -> int:
        return self.count - min(MOST_NAMES, len(self.images))

    @property
    def first_paths(self) -> list[PathLink]:
        return list(self.paths.values())[:MOST_PATHS]

    @property
    def more_paths(self) -> int:
        return max(0, len(self.paths) - MOST_PATHS)

    @property
    def first_layers(self) -> list[str]:
        return list(self.layers)[:MOST_LAYERS]

    @property
    def more_layers(self) -> int:
        return max(0, len(self.layers) - MOST_LAYERS)


def rows_of(matches: Iterable[Match]) -> list[Row]:
    """Rows in the order of the matches, files with the same content as one."""
    rows: dict[object, Row] = {}
    for match in matches:
        key: object = match.sha256 or (match.kind, match.entry, match.path, match.link, match.package)
        if match.kind in ("layer", "image"):
            key = (match.kind, match.layer, match.images[0].pk if match.kind == "image" else None)
        row = rows.get(key)
        if row is None:
            row = rows[key] = _row(match)
        _add(row, match)
    return list(rows.values())


def _row(match: Match) -> Row:
    name = shown((match.path or b"").rpartition(b"/")[2])
    return Row(
        label=name,
        sha256=match.sha256.hex() if match.sha256 else "",
        kind=match.entry.label if match.entry is not None else match.kind,
        link=shown(match.link) if match.link is not None and match.entry in (Kind.SYMLINK, Kind.HARDLINK) else "",
        size=match.size if match.entry == Kind.FILE else None,
        package=match.package,
    )


def _add(row: Row, match: Match) -> None:
    if match.path is not None and match.layer:
        text = shown(match.path)
        row.paths.setdefault(text, PathLink(text, f"{reverse('layer', args=[match.layer])}?q={quote(match.path)}"))
    if match.layer:
        row.layers[match.layer] = None
    for image in match.images:
        known = row.images.get(image.pk)
        if known is None or (not known.visible and image.visible is not False):
            row.images[image.pk] = image
    row.uncounted = max(row.uncounted, match.images_count - len(match.images))


def contents_of(rows: Sequence[Row]) -> list[Row]:
    """The rows that are contents of files, most images first: what a chart compares."""
    return sorted((row for row in rows if row.sha256), key=lambda row: (-row.count, row.label, row.sha256))
