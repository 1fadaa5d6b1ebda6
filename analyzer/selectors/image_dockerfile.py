"""The Dockerfile of an image, as far as its history and its layers tell it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.filetree.lookup import ordinal_of, span_below
from analyzer.models import Layer
from analyzer.oci.dockerfile import Reader, copied_to
from analyzer.oci.jsondoc import DocumentError, parse_stored
from analyzer.selectors.image import ImagePage
from analyzer.selectors.image_history import Step
from analyzer.selectors.image_layers import LayerRow
from analyzer.selectors.listings import listings_of

MOST_ENTRIES = 50_000  # of a layer whose listing is looked at for the names of what was copied
MOST_LAYERS = 40
MOST_NAMES = 20
COPIED = frozenset({Kind.FILE, Kind.DIR, Kind.SYMLINK, Kind.HARDLINK})


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction. `step` is its number in the history, None for FROM; `guess` what of it no history says."""

    text: str
    guess: str
    note: str
    step: int | None
    layer: LayerRow | None

    @property
    def commented(self) -> str:
        """The instruction with its marks above it, as comments."""
        marks = [f"# guess: {self.guess}"] if self.guess else []
        if self.note:
            marks.append(f"# {self.note}")
        return "\n".join([*(" ".join(mark.split()) for mark in marks), self.text])


@dataclass(frozen=True, slots=True)
class Dockerfile:
    lines: tuple[Line, ...]
    image_id: str

    @property
    def guesses(self) -> int:
        return sum(bool(line.guess) for line in self.lines)

    @property
    def text(self) -> str:
        """The file."""
        head = f"# Read from the history of image {self.image_id}; what is a guess says so."
        return "\n\n".join([head, *(line.commented for line in self.lines)]) + "\n"


def dockerfile_of(page: ImagePage) -> Dockerfile:
    """The file, FROM first. The base's own steps are its FROM. One query where names of copied files are looked up."""
    settings = _settings(bytes(page.image.config))
    reader = Reader(variables=_variables(settings), labels=_labels(settings))
    steps = page.steps[::-1]
    targets = _targets(steps)
    listings = _listings(step.layer.stored for step in steps if step.number in targets and step.layer)
    lines = [_from(page)]
    for step in steps:
        listing = listings.get(step.layer.diff_id) if step.layer else None
        names = _names(listing, *targets[step.number]) if listing and step.number in targets else []
        written = reader.read(step.created_by, step.comment, names)
        if not step.in_base:
            lines.append(Line(written.text, written.guess, written.note, step.number, step.layer))
    return Dockerfile(tuple(lines), page.image.image_id)


def _from(page: ImagePage) -> Line:
    if page.base is None or page.base.steps == 0:
        return Line("FROM scratch", "", "", None, None)
    base = page.base
    guess = f"The base is the known image whose layers are the lowest {base.layers}; the history names none."
    return Line(f"FROM {base.name}", guess, f"Its image ID is {base.image_id}.", None, None)


def _targets(steps: Sequence[Step]) -> dict[int, tuple[str, bool]]:
    """Where the steps whose sources nobody wrote down put them, by the step's number."""
    follower = Reader()
    found = {}
    for step in steps:
        target = copied_to(step.created_by, follower.directory)
        if target is not None and not step.in_base and step.layer is not None:
            found[step.number] = target
        follower.read(step.created_by)
    return found


def _listings(layers: Iterable[Layer | None]) -> Mapping[str, Listing]:
    wanted = [layer for layer in layers if layer is not None and layer.entries <= MOST_ENTRIES][-MOST_LAYERS:]
    return {layer.diff_id: listing for layer, listing in zip(wanted, listings_of(wanted), strict=True)}


def _names(listing: Listing, target: str, is_folder: bool) -> list[str]:
    """What the layer holds in the target folder, or the target's own last name where it is a file."""
    path = target.encode("utf-8", "surrogateescape")
    at = ordinal_of(listing.paths, path)
    if not is_folder and at is not None and listing.kinds[at] != Kind.DIR:
        return [_text(path.rpartition(b"/")[2])]
    start = len(path) + 1 if path else 0
    names = []
    for row in span_below(listing.paths, path):
        name = listing.paths[row][start:]
        if b"/" not in name and listing.kinds[row] in COPIED:
            names.append(_text(name))
            if len(names) == MOST_NAMES:
                break
    return names


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _settings(raw: bytes) -> Mapping[str, object]:
    try:
        document = parse_stored(raw)
    except DocumentError:
        return {}
    settings = document.get("config") if isinstance(document, dict) else None
    return settings if isinstance(settings, dict) else {}


def _variables(settings: Mapping[str, object]) -> list[str]:
    values = settings.get("Env")
    return [str(value).partition("=")[0] for value in values] if isinstance(values, list) else []


def _labels(settings: Mapping[str, object]) -> list[str]:
    labels = settings.get("Labels")
    return list(labels) if isinstance(labels, dict) else []
