"""The packages of an image: what its visible package databases say, and which layer brought each version."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from analyzer.filetree.entry import Kind
from analyzer.filetree.merged import Merged
from analyzer.models import Image, Layer, LayerIndex, LayerPackage
from analyzer.packages.known import by_name, kind_of
from analyzer.selectors.image_file import Stack, stack_of_image
from analyzer.selectors.listings import merged_of

KINDS = ("dpkg", "apk", "rpm", "python", "npm")
DATABASES = ("dpkg", "apk", "rpm")
"""Kinds that keep all packages in one file, which a layer that changes one of them has as a whole."""

STEP = "packages"

Versions = dict[str, list[str]]
"""Name → its versions, as one database has them."""


@dataclass(frozen=True, slots=True)
class PackageRow:
    kind: str
    name: str
    version: str
    index: int  # of the layer that brought this version
    diff_id: str
    before: str  # the version that stood there below it; "" for a package that is new


@dataclass(frozen=True, slots=True)
class Unread:
    """Files that tell of packages and were not read: their bytes were not kept, or are of no known form."""

    kind: str
    files: int


@dataclass(frozen=True, slots=True)
class Inventory:
    rows: tuple[PackageRow, ...]  # by kind and name
    unread: tuple[Unread, ...]
    waiting: int  # layers whose databases are still to be read

    def counts(self) -> dict[str, int]:
        """Packages by kind, those that there are."""
        found = Counter(row.kind for row in self.rows)
        return {kind: found[kind] for kind in KINDS if found[kind]}


def image_packages(image: Image) -> Inventory:
    """The packages of an image, as far as its layers are known.

    Three queries, and those for layers and a merged view that are not at hand.
    """
    stack = stack_of_image(image)
    if not stack.layers:
        return Inventory((), (), 0)
    merged = merged_of(stack.chains[-1])
    layers = {layer.pk: index for index, layer in enumerate(stack.layers)}
    databases = _databases(layers)
    rows = [row for path in _visible(merged, stack, databases) for row in _history(path, stack, databases)]
    read = {(index, ordinal) for index, by_row in databases.items() for ordinal in by_row}
    return Inventory(
        rows=tuple(sorted(rows, key=lambda row: (KINDS.index(row.kind), row.name, row.version))),
        unread=_unread(merged, read),
        waiting=len(layers) - LayerIndex.objects.filter(layer__in=layers, steps__contains=f"{STEP}.").count(),
    )


Databases = Mapping[int, Mapping[int, tuple[str, Versions]]]
"""Index of the layer → row of its listing → kind and packages."""


def _databases(layers: Mapping[int, int]) -> Databases:
    found: dict[int, dict[int, tuple[str, Versions]]] = {index: {} for index in layers.values()}
    packages = LayerPackage.objects.filter(layer__in=layers, kind__in=KINDS).order_by("pk")
    for pk, ordinal, kind, name, version in packages.values_list("layer_id", "ordinal", "kind", "name", "version"):
        found[layers[pk]].setdefault(ordinal, (kind, {}))[1].setdefault(name, []).append(version)
    return found


def _visible(merged: Merged, stack: Stack, databases: Databases) -> list[bytes]:
    """The paths of the databases that the merged view shows, each the one of its layer."""
    paths = []
    for index, by_row in databases.items():
        for ordinal in by_row:
            path = stack.listings[index].paths[ordinal]
            row = merged.ordinal(path)
            if row is not None and merged.layers[row] == index and merged.ordinals[row] == ordinal:
                paths.append(path)
    return paths


def _history(path: bytes, stack: Stack, databases: Databases) -> list[PackageRow]:
    """The packages of the database at `path`, with who brought each: it was written anew by each layer that has it."""
    brought: dict[tuple[str, str], tuple[int, str]] = {}
    kind = ""
    below: Versions = {}
    for index, by_row in databases.items():
        ordinal = stack.listings[index].ordinal(path) if by_row else None
        if ordinal is None or ordinal not in by_row:
            continue
        kind, versions = by_row[ordinal]
        now: dict[tuple[str, str], tuple[int, str]] = {}
        for name, each in versions.items():
            gone = [version for version in below.get(name, []) if version not in each]
            for version in each:
                now[name, version] = brought.get((name, version)) or (index, ", ".join(gone))
        brought, below = now, versions
    return [
        PackageRow(kind, name, version, index, stack.layers[index].diff_id, before)
        for (name, version), (index, before) in brought.items()
    ]


def _unread(merged: Merged, read: set[tuple[int, int]]) -> tuple[Unread, ...]:
    counts: Counter[str] = Counter()
    kinds, layers, ordinals, sizes = merged.kinds, merged.layers, merged.ordinals, merged.sizes
    for row, path in enumerate(merged.paths):
        kind = kind_of(path)
        if kind and kinds[row] == Kind.FILE and sizes[row] and by_name(path) is None:
            counts[kind] += (layers[row], ordinals[row]) not in read
    return tuple(Unread(kind, counts[kind]) for kind in KINDS if counts[kind])


def layer_packages(image: Image | None, layer: Layer, index: int) -> list[PackageRow]:
    """What a layer brought or upgraded, against the nearest databases below it in the image; by kind and name.

    Two queries, three with an image.
    """
    packages = LayerPackage.objects.filter(kind__in=KINDS)
    own = list(packages.filter(layer=layer).values_list("path", "kind", "name", "version"))
    below: dict[tuple[str, str], set[str]] = {}
    if image is not None and own:
        below = _nearest(
            packages.filter(path__in={path for path, kind, _, _ in own if kind in DATABASES}), image, index
        )
    rows = set()
    for path, kind, name, version in own:
        before = below.get((path, name), set())
        if version not in before:
            rows.add(PackageRow(kind, name, version, index, layer.diff_id, ", ".join(sorted(before))))
    return sorted(rows, key=lambda row: (KINDS.index(row.kind), row.name, row.version))


def _nearest(packages: QuerySet[LayerPackage], image: Image, index: int) -> dict[tuple[str, str], set[str]]:
    """For each path the packages of the uppermost layer below `index` that has it: path and name → versions."""
    lower = dict(image.image_layers.filter(index__lt=index).values_list("layer_id", "index"))
    found = list(packages.filter(layer__in=list(lower)).values_list("layer_id", "path", "name", "version"))
    top: dict[str, int] = {}
    for layer, path, _, _ in found:
        top[path] = max(top.get(path, -1), lower[layer])
    versions: dict[tuple[str, str], set[str]] = {}
    for layer, path, name, version in found:
        if lower[layer] == top[path]:
            versions.setdefault((path, name), set()).add(version)
    return versions
