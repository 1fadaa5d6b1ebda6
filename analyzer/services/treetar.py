"""A folder of a merged view, or all of it, as a tar that is made while it is sent."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby

from django.conf import settings

from analyzer.archive.entrybytes import SPARSE, device_numbers, file_bytes
from analyzer.archive.plainbytes import PlainBytes
from analyzer.archive.tarwriter import END, Head, header, padding
from analyzer.filetree.entry import Kind
from analyzer.filetree.lookup import span_below
from analyzer.filetree.merged import Merged
from analyzer.models import Layer
from analyzer.selectors.file_place import place_of, regular
from analyzer.services.reading import NotKept, Reader, refuse_endless

_DEVICES = (Kind.CHAR, Kind.BLOCK)


class TreeTar:
    """What is below a folder (b"" is the root) of a merged view, with the folder itself.

    Files come first, layer by layer and in the order in which their bytes lie there, so that each blob is read once
    and forward; then links; folders last, deepest first, so that what is put into them does not touch their times.
    Names begin at the folder's own. Memory: the merged view's rows, and blocks of 1 MiB.
    """

    def __init__(self, merged: Merged, layers: Sequence[Layer], folder: bytes, reader: Reader) -> None:
        """Raises NotKept where the bytes of a file are not there, Endless where holes have no end."""
        self._merged = merged
        self._layers = layers
        self._reader = reader
        self._start = len(folder.rpartition(b"/")[0]) + 1 if b"/" in folder else 0
        span = span_below(merged.paths, folder)
        own = merged.ordinal(folder) if folder else None
        kinds = merged.kinds
        rows = [*([own] if own is not None else []), *span]
        folders = [row for row in rows[::-1] if kinds[row] == Kind.DIR]
        # Those that entries imply are made by whoever unpacks it, unless a later layer emptied them.
        self._folders = [row for row in folders if not merged.implied[row] or not merged.below[row]]
        self._others = [row for row in rows if kinds[row] not in (Kind.FILE, Kind.HARDLINK, Kind.DIR)]
        self._names: dict[int, int] = {}  # row with the bytes → the row of the tar that has them
        self._links: list[tuple[int, int]] = []  # another name → the row with the bytes
        for row in rows:
            if kinds[row] == Kind.FILE:
                self._names[row] = row
        for row in rows:
            holder = regular(merged, row) if kinds[row] == Kind.HARDLINK else None
            if holder is not None and self._names.setdefault(holder, row) != row:
                self._links.append((row, holder))
        self._files = sorted(self._names, key=lambda row: (merged.data_layers[row], merged.offsets[row]))
        refuse_endless(sum(merged.sizes[row] for row in self._files if merged.offsets[row] == SPARSE))
        for layer in {merged.data_layers[row] for row in self._files if merged.sizes[row]}:
            if not reader.has(layers[layer]):
                raise NotKept(layers[layer])

    def __iter__(self) -> Iterator[bytes]:
        """Raises NotKept, Damaged, OSError."""
        for index, rows in groupby(self._files, key=self._merged.data_layers.__getitem__):
            yield from self._of_layer(index, rows)
        for row, holder in self._links:
            yield header(self._head(row, Kind.HARDLINK, link=self._name(self._names[holder])))
        for row in self._others:
            yield header(self._other(row))
        for row in self._folders:
            yield header(self._head(row, Kind.DIR))
        yield END

    def _of_layer(self, index: int, rows: Iterator[int]) -> Iterator[bytes]:
        with ExitStack() as stack:
            plain: PlainBytes | None = None
            for row in rows:
                size = self._merged.sizes[row]
                yield header(self._head(self._names[row], Kind.FILE, size=size, of=row))
                if not size:
                    continue
                if plain is None:
                    plain = stack.enter_context(self._reader.open(self._layers[index]))
                place = place_of(self._merged, row, self._layers)
                if place is not None:
                    yield from file_bytes(plain, place.file, settings.LIMITS)
                yield padding(size)

    def _other(self, row: int) -> Head:
        """A symbolic link, a pipe, or a device, whose numbers only its header has."""
        merged = self._merged
        kind, numbers = Kind(merged.kinds[row]), (0, 0)
        layer = self._layers[merged.data_layers[row]]
        if kind in _DEVICES and merged.offsets[row] != SPARSE and self._reader.has(layer):
            with self._reader.open(layer) as plain:
                numbers = device_numbers(plain, merged.offsets[row])
        return self._head(row, kind, link=merged.links[row], device=numbers)

    def _head(
        self,
        row: int,
        kind: Kind,
        *,
        size: int = 0,
        link: bytes | None = None,
        device: tuple[int, int] = (0, 0),
        of: int | None = None,
    ) -> Head:
        """`of`: the row that has the attributes, where that is another one."""
        merged = self._merged
        at = row if of is None else of
        return Head(
            path=self._name(row),
            kind=kind,
            mode=merged.modes[at],
            uid=merged.uids[at],
            gid=merged.gids[at],
            mtime=merged.mtimes[at],
            size=size,
            link=link,
            xattrs=merged.xattrs[at],
            device=device,
        )

    def _name(self, row: int) -> bytes:
        return self._merged.paths[row][self._start :] + (b"/" if self._merged.kinds[row] == Kind.DIR else b"")
