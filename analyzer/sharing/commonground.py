"""Common ground: files that several layers carry, each for itself, and that one layer below them all could carry once.

A file is a path with a content. Files are told apart by the exact set of layers that hold them: a set of files is all
those, and no others, that the same two or more layers hold. So every file is in one set, and the savings of sets add
up. A set is `size` bytes once; `copies` layers hold it, so they store size × copies, and size × (copies − 1) could be
saved. Sizes are sums over paths, as layer sizes are.

Files are known here by 64 bits of a hash that is keyed anew in each process, and sets of layers by the sum of a random
number for each: that two of some millions are taken for one has a chance of one in a million, and nobody can aim at it.
"""

import random
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

File: TypeAlias = tuple[bytes, bytes | None, int]
"""Path, sha256 (None for what is no regular file), bytes."""

PART_FILES = 500_000
"""Files that are grouped at once, about: keys are hashes, so that they part evenly. Grouping takes 80 bytes a file."""

MOST_FOLDERS = 6
MOST_BESIDE = 2  # files of one folder that are told by their names


@dataclass(frozen=True, slots=True)
class Folder:
    """Files of a set that lie below `path`, or the file itself."""

    path: bytes
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class CommonSet:
    """Files that the same layers hold. `layers` are the numbers that `Ground.add` was told; sizes are bytes."""

    layers: tuple[int, ...]
    files: int
    size: int
    folders: tuple[Folder, ...]  # where they lie, the heaviest first

    @property
    def copies(self) -> int:
        return len(self.layers)

    @property
    def saving(self) -> int:
        return self.size * (self.copies - 1)


class Ground:
    """Collects the files of layers, then tells what they have in common."""

    def __init__(self) -> None:
        self._keys = array("q")
        self._sizes = array("q")
        self._layers = array("i")

    def add(self, layer: int, files: Iterable[File]) -> None:
        """The files of one layer, each path once; those without bytes are left out."""
        before = len(self._keys)
        for path, sha256, size in files:
            if size and sha256 is not None:
                self._keys.append(hash((path, sha256)))
                self._sizes.append(size)
        self._layers.extend(array("i", [layer]) * (len(self._keys) - before))

    def sets(self, least: int, most: int, files_of: Callable[[int], Iterable[File]]) -> list[CommonSet]:
        """The sets of at least `least` bytes, those that would save most first, `most` of them.

        `files_of` gives the files of a layer once more: their names are looked up for the sets that are told.
        """
        held = self._held()
        chosen = self._chosen(held, least, most)
        layers = self._layers_of([int(row["example"]) for row in chosen])
        names = _Names([(layers[int(row["example"])][0], int(row["set"])) for row in chosen], held)
        found = []
        for row, folders in zip(chosen, names.folders(files_of), strict=True):
            found.append(CommonSet(layers[int(row["example"])], row["files"], row["size"], folders))
        return found

    def _table(self) -> Any:
        import pyarrow as pa

        columns = {"key": self._keys, "size": self._sizes, "layer": self._layers}
        kinds = {"q": pa.int64(), "i": pa.int32()}
        return pa.table(
            {
                name: pa.Array.from_buffers(kinds[values.typecode], len(values), [None, pa.py_buffer(values)])
                for name, values in columns.items()
            }
        )

    def _held(self) -> Any:
        """Every file that two layers hold: key, size, number of layers, and the mark of the set of layers."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = self._table()
        numbers = range(max(self._layers, default=0) + 1)
        marks: Any = pa.array([random.getrandbits(64) for _ in numbers], pa.uint64())
        wanted = [("size", "min"), ("mark", "sum"), ("mark", "count")]
        parts = 1 << (len(self._keys) // PART_FILES).bit_length()
        part_of = pc.bit_wise_and(table["key"], pa.scalar(parts - 1, pa.int64()))
        held = []
        for part in range(parts):
            picked = table.filter(pc.equal(part_of, pa.scalar(part, pa.int64())))
            picked = picked.append_column("mark", marks.take(picked["layer"].combine_chunks()))
            grouped = picked.group_by("key", use_threads=False).aggregate(wanted)
            held.append(grouped.filter(pc.greater(grouped["mark_count"], pa.scalar(1))))
        return pa.concat_tables(held)

    def _chosen(self, held: Any, least: int, most: int) -> list[dict[str, Any]]:
        import pyarrow as pa
        import pyarrow.compute as pc

        sets = held.group_by(["mark_sum", "mark_count"], use_threads=False).aggregate(
            [("key", "min"), ("key", "count"), ("size_min", "sum")]
        )
        sets = sets.filter(pc.greater_equal(sets["size_min_sum"], pa.scalar(least)))
        saving = pc.multiply(sets["size_min_sum"], pc.subtract(sets["mark_count"], pa.scalar(1)))
        sets = sets.append_column("saving", saving)
        order: Any = [("saving", "descending"), ("size_min_sum", "descending"), ("key_min", "ascending")]
        rows = sets.sort_by(order).slice(0, most).to_pylist()
        return [
            {
                "set": row["mark_sum"],
                "example": row["key_min"],
                "files": row["key_count"],
                "size": row["size_min_sum"],
            }
            for row in rows
        ]

    def _layers_of(self, keys: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """The layers that hold each of these files."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = self._table()
        rows = table.filter(pc.is_in(table["key"], pa.array(keys, pa.int64())))
        found: dict[int, list[int]] = {}
        for key, layer in zip(rows["key"].to_pylist(), rows["layer"].to_pylist(), strict=True):
            found.setdefault(key, []).append(layer)
        return {key: tuple(sorted(layers)) for key, layers in found.items()}


class _Names:
    """Where the files of some sets lie, read from the first layer of each."""

    def __init__(self, sets: Sequence[tuple[int, int]], held: Any) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        self._sets = sets
        rows = held.filter(pc.is_in(held["mark_sum"], pa.array([mark for _, mark in sets], pa.uint64())))
        self._set_of: dict[int, int] = dict(zip(rows["key"].to_pylist(), rows["mark_sum"].to_pylist(), strict=True))

    def folders(self, files_of: Callable[[int], Iterable[File]]) -> Iterator[tuple[Folder, ...]]:
        wanted: dict[int, set[int]] = {}
        for layer, mark in self._sets:
            wanted.setdefault(layer, set()).add(mark)
        found: dict[int, list[tuple[bytes, int]]] = {mark: [] for _, mark in self._sets}
        for layer, marks in wanted.items():
            for path, sha256, size in files_of(layer):
                of = self._set_of.get(hash((path, sha256)))
                if size and of in marks:
                    found[of].append((path, size))
        for _, mark in self._sets:
            yield folders_of(found[mark])


def folders_of(files: Sequence[tuple[bytes, int]], most: int = MOST_FOLDERS) -> tuple[Folder, ...]:
    """Where files (path, bytes) lie, in at most `most` lines that people can read, the heaviest first.

    The folder that holds them all is opened until it branches; a branch that weighs half of the whole is opened once
    more. Files that lie side by side are told by their folder where they are more than two. What is beyond the last
    line is not told.
    """
    lines = _opened(list(files), b"")
    heavy = max(lines, key=lambda line: line.size, default=None)
    if heavy and len(lines) > 1 and heavy.files > 1 and heavy.size * 2 >= sum(size for _, size in files):
        inside = heavy.path + b"/"
        below = _opened([item for item in files if item[0].startswith(inside)], inside)
        lines = [line for line in lines if line is not heavy] + below
    return tuple(sorted(lines, key=lambda line: (-line.size, line.path))[:most])


def _opened(files: list[tuple[bytes, int]], prefix: bytes) -> list[Folder]:
    """What lies right below the deepest folder, at or below `prefix`, that holds all of the files."""
    groups: dict[bytes, list[tuple[bytes, int]]] = {}
    while files:
        groups = {}
        for path, size in files:
            groups.setdefault(path[len(prefix) :].partition(b"/")[0], []).append((path, size))
        if len(groups) > 1 or len(files) == 1:
            break
        prefix += next(iter(groups)) + b"/"
    lines = [
        Folder(below[0][0] if len(below) == 1 else prefix + name, len(below), sum(size for _, size in below))
        for name, below in groups.items()
    ]
    beside = [line for line in lines if b"/" not in line.path[len(prefix) :] and line.files == 1]
    if len(beside) <= MOST_BESIDE or not prefix:
        return lines
    folder = Folder(prefix.rstrip(b"/"), len(beside), sum(line.size for line in beside))
    return [folder, *(line for line in lines if line not in beside)]
