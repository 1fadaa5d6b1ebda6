"""One path of an image, layer by layer: who brought it, changed it and hid it, and the version that one looks at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404

from analyzer.archive.entrybytes import SPARSE, Stored
from analyzer.filetree.blame import Event, blame
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change
from analyzer.filetree.listing import Listing
from analyzer.filetree.waste import Cause
from analyzer.models import Chain, Image, Layer
from analyzer.selectors.diffs import diffs_of
from analyzer.selectors.entries import LABELS, time_text
from analyzer.selectors.file_place import Place, place_of
from analyzer.selectors.image_layers import stored_layers
from analyzer.selectors.listings import listings_of, merged_of
from analyzer.selectors.shown import shown

CAUSE_WORDS = {
    Cause.SUPERSEDED: "replaced within the layer",
    Cause.DELETED: "removed by a whiteout",
    Cause.PARENT_DELETED: "a folder above it was removed",
    Cause.OPAQUE: "its folder was emptied",
    Cause.TYPE_CHANGED: "it, or a folder above it, became something else",
}


@dataclass(frozen=True, slots=True)
class Attributes:
    """An entry as its layer has it."""

    kind: str
    mode: str
    owner: str
    size: int
    mtime: str | None
    link: str | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """What one layer did to the path."""

    index: int
    diff_id: str
    created_by: str
    change: str  # added, modified, removed, unchanged; "implied" for a folder without an entry of its own
    words: str  # what changed, or why it is gone
    changed: tuple[str, ...]
    cause: str | None
    hider: str | None  # the entry that took it away, as a path
    entry: Attributes | None


@dataclass(frozen=True, slots=True)
class Stack:
    """The layers of an image that can be read one on top of the other, from the bottom."""

    layers: list[Layer]
    chains: list[Chain]
    listings: list[Listing]


@dataclass(frozen=True, slots=True)
class FileStory:
    path: bytes
    stack: Stack
    events: tuple[Event, ...]
    versions: tuple[Version, ...]  # bottom first, one an event
    visible: bool  # in the image's merged view, as far as its layers are known
    at: int  # index of the layer on top of which one looks
    shown: Event | None  # that brought what is seen there

    @property
    def kind(self) -> Kind | None:
        """Of what is seen; None where nothing is."""
        if self.shown is None or self.shown.row is None:
            return None
        if self.shown.change is Change.NONE:
            return Kind.DIR
        return Kind(self.stack.listings[self.shown.layer].kinds[self.shown.row])

    @property
    def entry(self) -> Attributes | None:
        return next((each.entry for each in self.versions if each.entry and self._is_shown(each)), None)

    @property
    def sha256(self) -> bytes | None:
        """Of what is seen, if it is a regular file by this name or by another one."""
        place = self.place
        return place.file.sha256 if place else None

    @property
    def place(self) -> Place | None:
        """Where the bytes of what is seen lie; None if it has none."""
        if self.shown is None or self.shown.row is None:
            return None
        listing, row = self.stack.listings[self.shown.layer], self.shown.row
        offset, size = listing.offsets[row], listing.sizes[row]
        if self.kind is Kind.FILE and (offset != SPARSE or size == 0):
            return Place(self.stack.layers[self.shown.layer], Stored(self.path, offset, size, listing.sha256s[row]))
        if self.kind not in (Kind.FILE, Kind.HARDLINK):
            return None
        merged = merged_of(self.stack.chains[self.at])
        found = merged.ordinal(self.path)
        return None if found is None else place_of(merged, found, self.stack.layers)

    def seen_on(self, at: int) -> "FileStory":
        """The same path, looked at on top of another layer. Raises Http404 where there is none."""
        if not 0 <= at < len(self.stack.layers):
            raise Http404
        return replace(self, at=at, shown=_shown(self.events, at))

    def _is_shown(self, version: Version) -> bool:
        return self.shown is not None and version.index == self.shown.layer and version.change != "removed"


def stack_of_image(image: Image) -> Stack:
    """One query, and one for listings that are not at hand."""
    layers, chains = [], []
    for item in stored_layers(image):
        if item.layer is None or item.chain is None:
            break
        layers.append(item.layer)
        chains.append(item.chain)
    return Stack(layers, chains, listings_of(layers))


def file_story(image: Image, path: bytes, at: int | None = None) -> FileStory:
    """What the image's layers did to `path`. `at` None: as high up as the path is seen.

    Raises Http404 where no layer has it, or there is no layer `at`.
    """
    stack = stack_of_image(image)
    having = [index for index, listing in enumerate(stack.listings) if listing.ordinal(path) is not None]
    events = blame(stack.listings, diffs_of(stack.chains, stack.layers, having), path) if path else []
    if not events or (at is not None and not 0 <= at < len(stack.layers)):
        raise Http404
    visible = events[-1].change is not Change.REMOVED
    if at is None:
        at = len(stack.layers) - 1 if visible else _last_seen(events)
    return FileStory(
        path=path,
        stack=stack,
        events=tuple(events),
        versions=tuple(_version(image, stack, event) for event in events),
        visible=visible,
        at=at,
        shown=_shown(events, at),
    )


def _last_seen(events: Sequence[Event]) -> int:
    """The layer below the one that hid the path for good."""
    return max(events[-1].layer - 1, 0)


def _shown(events: Sequence[Event], at: int) -> Event | None:
    """The event that brought what is seen on top of layer `at`."""
    below = [event for event in events if event.layer <= at]
    return below[-1] if below and below[-1].change is not Change.REMOVED else None


def _version(image: Image, stack: Stack, event: Event) -> Version:
    listing = stack.listings[event.layer]
    words = ", ".join(event.changed)
    if event.change is Change.MODIFIED and not words:
        words = "identical copy"
    if event.cause is not None:
        words = CAUSE_WORDS[event.cause]
    return Version(
        index=event.layer,
        diff_id=stack.layers[event.layer].diff_id,
        created_by=instruction_of(image, event.layer),
        change=event.change.label if event.change is not Change.NONE else "implied",
        words=words,
        changed=event.changed,
        cause=event.cause.value if event.cause else None,
        hider=shown(listing.paths[event.hider]) if event.hider is not None else None,
        entry=attributes(listing, event.row) if event.row is not None and event.change is not Change.NONE else None,
    )


def attributes(listing: Listing, row: int) -> Attributes:
    """The row of a listing, as it is shown."""
    link, sha256 = listing.links[row], listing.sha256s[row]
    return Attributes(
        kind=LABELS[listing.kinds[row]],
        mode=f"{listing.modes[row]:04o}",
        owner=f"{listing.uids[row]}:{listing.gids[row]}",
        size=listing.sizes[row],
        mtime=time_text(listing.mtimes[row]),
        link=None if link is None else shown(link),
        sha256=None if sha256 is None else sha256.hex(),
    )


def instruction_of(image: Image, index: int) -> str:
    """What made the layer, as the image's history tells it; nothing where the two can't be aligned."""
    steps: list[dict[str, Any]] = image.history
    step = next((step for step in steps if step.get("layer") == index), None)
    return (step.get("created_by") or step.get("comment") or "") if step else ""
