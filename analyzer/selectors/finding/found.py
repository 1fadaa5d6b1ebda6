"""Find: one text in, and out come the entries, layers, images and packages that it means, newest images first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote_to_bytes

from django.db.models import Min

from analyzer.filetree.entry import Kind
from analyzer.filetree.pattern import Pattern
from analyzer.models import Holding, Reference
from analyzer.selectors.access import ref_of
from analyzer.selectors.finding import things
from analyzer.selectors.finding.hits import Hit, by_content, by_patterns
from analyzer.selectors.finding.places import Visible, places_of, stacks_of
from analyzer.selectors.finding.query import Query
from analyzer.selectors.finding.sight import Budget, Sight
from analyzer.selectors.names import spoken


@dataclass(frozen=True, slots=True)
class InImage:
    """An image that has what was found. `visible`: whether its merged view shows it; None is not known."""

    pk: int
    ref: str
    image_id: str
    name: str
    references: tuple[str, ...]
    came_in: datetime
    visible: Visible


@dataclass(frozen=True, slots=True)
class Match:
    """`kind` is entry, layer, image or package; what it has no part in is None."""

    kind: str
    images: tuple[InImage, ...] = ()  # newest first
    layer: str | None = None  # diffID
    path: bytes | None = None
    entry: Kind | None = None
    size: int | None = None
    link: bytes | None = None
    sha256: bytes | None = None
    package: tuple[str, str, str] | None = None  # who installed it, name, version
    images_count: int = 0  # of which `images` may leave some out

    @property
    def newest(self) -> float:
        return self.images[0].came_in.timestamp() if self.images else 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """`how` says how the text was read; `truncated`, that there is more, or that the time was over."""

    query: Query
    how: str
    matches: Sequence[Match] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the layers in sight are not indexed yet; the layers are counted only where some are not."""

    waiting: int
    layers: int


def progress_of(sight: Sight) -> Progress:
    waiting = len(sight.unindexed)
    return Progress(waiting, len(sight.layer_keys) if waiting else 0)


def find(sight: Sight, query: Query, budget: Budget) -> Found:
    """All that the query means among what is in sight, as far as the budget goes."""
    if query.kind == "digest":
        found = _by_digest(sight, query, budget)
        return found if found.matches or query.is_sure else _by_name(sight, query, budget)
    if query.kind == "package":
        return _by_package(sight, query, budget)
    if query.kind in ("label", "env", "entrypoint"):
        images = things.images_by_config(sight, query.kind, query.text, budget)
        return _finish(query, query.kind, _of_images(sight, images[: budget.matches]), budget, len(images))
    if query.kind != "contains" and (images := things.images_by_reference(sight, query.text)):
        return _finish(query, "reference", _of_images(sight, images), budget, len(images))
    return _by_name(sight, query, budget)


def _by_name(sight: Sight, query: Query, budget: Budget) -> Found:
    """Exactly as it was typed; if nothing is, then whatever the case, or as a part of a path."""
    hits: list[Hit] = []
    read = query.kind
    for ways in _patterns(query):
        place, hits = by_patterns(sight, [pattern for _, pattern in ways], budget)
        read = ways[place][0]
        if hits or budget.is_over():
            break
    return _finish(query, read, _of_hits(sight, hits, budget), budget, len(hits))


def _patterns(query: Query) -> Iterable[list[tuple[str, Pattern]]]:
    """How the query can be read, best first; those in one list are tried on each listing while it is open."""
    kind = "name" if query.kind == "digest" else query.kind
    text = query.typed if query.kind == "digest" else query.text
    if kind == "contains":
        yield [("contains", Pattern("contains", text, folded=True))]
        return
    try:
        if kind == "glob":
            yield [("glob", Pattern("glob", text)), ("folded", Pattern("glob", text, folded=True))]
            return
        yield [(kind, Pattern(kind, text))]
    except ValueError:  # brackets that are no range
        kind = "path" if "/" in text else "name"
        yield [(kind, Pattern(kind, text))]
    if "%" in text:  # as pages and documents write bytes that are no UTF-8
        yield [(kind, Pattern(kind, unquote_to_bytes(text).decode(errors="surrogateescape")))]
    yield [("contains", Pattern("contains", text.strip("/"), folded=True))]


def _by_digest(sight: Sight, query: Query, budget: Budget) -> Found:
    images = things.images_by_digest(sight, query.text)
    layers = things.layers_by_digest(sight, query.text)
    hits = by_content(sight, query.text, budget)
    count = len(images) + len(layers) + len(hits)
    matches = [
        *_of_images(sight, images[: budget.matches]),
        *_of_layers(sight, layers[: budget.matches]),
        *_of_hits(sight, hits, budget),
    ]
    return _finish(query, "digest", matches, budget, count)


def _by_package(sight: Sight, query: Query, budget: Budget) -> Found:
    rows = list(things.packages(sight, query.text, budget.matches + 1))
    hits = [Hit(row.layer_id, row.ordinal, b"", Kind.FILE, 0, None, None, shared=False) for row in rows]
    shown = _of_hits(sight, hits[: budget.matches], budget)
    matches = [
        replace(
            match,
            kind="package",
            package=(row.kind, row.name, row.version),
            path=row.path.encode(),
            entry=None,
            size=None,
        )
        for match, row in zip(shown, rows, strict=False)
    ]
    return _finish(query, "package", matches, budget, len(rows))


def _finish(query: Query, how: str, matches: Iterable[Match], budget: Budget, count: int) -> Found:
    ordered = sorted(matches, key=lambda match: (-match.newest, match.path or b"", match.layer or ""))
    return Found(query, how, ordered[: budget.matches], budget.spent or count > budget.matches)


def _of_hits(sight: Sight, hits: Sequence[Hit], budget: Budget) -> list[Match]:
    stacks = stacks_of(sight, {hit.layer for hit in hits})
    places = places_of(hits, stacks, sight.unindexed, budget)
    seen = set[int]().union(*(place.keys() for place in places)) if places else set()
    images = _images(sight, seen)
    diff_ids = things.diff_ids_of(hit.layer for hit in hits)
    room = budget.places
    matches = []
    for hit, place in zip(hits, places, strict=True):
        if hit.layer not in diff_ids or not place:
            continue  # removed meanwhile
        shown = sorted((pk for pk in place if pk in images), key=lambda pk: (-images[pk].came_in.timestamp(), pk))
        kept = shown[: max(1, room)]
        room -= len(kept)
        budget.spent |= len(kept) < len(shown)
        matches.append(
            Match(
                kind="entry",
                images=tuple(_placed(images[pk], place[pk]) for pk in kept),
                layer=diff_ids[hit.layer],
                path=hit.path,
                entry=hit.kind,
                size=hit.size,
                link=hit.link,
                sha256=hit.sha256,
                images_count=len(shown),
            )
        )
    return matches


def _of_layers(sight: Sight, layers: Sequence[int]) -> list[Match]:
    if not layers:
        return []
    held = things.layers_in_images(sight, layers)
    images = _images(sight, {pk for pks in held.values() for pk in pks})
    diff_ids = things.diff_ids_of(layers)
    return [
        Match("layer", _newest(images, held.get(layer, ())), diff_ids[layer], images_count=len(held.get(layer, ())))
        for layer in layers
        if layer in diff_ids
    ]


def _of_images(sight: Sight, pks: Sequence[int]) -> list[Match]:
    images = _images(sight, pks)
    return [Match("image", (images[pk],), images_count=1) for pk in pks if pk in images]


def called(sight: Sight, text: str, most: int) -> list[InImage]:
    """Images whose reference contains the text, newest first."""
    pks = things.images_called(sight, text, most)
    return list(_newest(_images(sight, pks), pks))


def _newest(images: Mapping[int, InImage], pks: Iterable[int]) -> tuple[InImage, ...]:
    there = (images[pk] for pk in pks if pk in images)
    return tuple(sorted(there, key=lambda image: (-image.came_in.timestamp(), image.pk)))


def _placed(image: InImage, visible: Visible) -> InImage:
    return image if visible is True else replace(image, visible=visible)


def _images(sight: Sight, pks: Iterable[int]) -> dict[int, InImage]:
    """The images as their viewer knows them. Three queries, none for no image."""
    rows = things.images_in(sight, pks) if pks else {}
    if not rows:
        return {}
    held = Holding.objects.filter(team__in=sight.teams, image__in=rows).values_list("image_id")
    came_in = dict(held.annotate(Min("created")))
    names: dict[int, list[Reference]] = {}
    known = Reference.objects.filter(team__in=sight.teams, image__in=rows).order_by("repository", "tag", "pk")
    for reference in known.only("image_id", "repository", "tag"):
        names.setdefault(reference.image_id, []).append(reference)
    return {
        pk: InImage(
            pk=pk,
            ref=ref_of(image),
            image_id=image.image_id,
            name=spoken(names[pk][0]) if pk in names else image.image_id[7:19],
            references=tuple(dict.fromkeys(str(reference) for reference in names.get(pk, ()))),
            came_in=came_in.get(pk, image.stored),
            visible=True,
        )
        for pk, image in rows.items()
    }
