"""The members of a layer's tar in one pass over its bytes, with the sha256 of every regular file."""

import hashlib
from collections.abc import Iterator
from functools import partial

from analyzer.archive.budget import Limits
from analyzer.archive.deflate import adler32
from analyzer.archive.formats import looks_like
from analyzer.archive.hashing import Hasher, Sha256, new_sha256
from analyzer.archive.layerfindings import LayerFindings
from analyzer.archive.tarheader import (
    BLOCK,
    FIELDS,
    Checksums,
    HeaderError,
    Numbers,
    Owners,
    Seconds,
    has_magic,
    has_valid_checksum,
)
from analyzer.archive.tarmember import MemberReader
from analyzer.archive.tarstream import TarStream
from analyzer.archive.unreadable import Damaged, Unsupported
from analyzer.filetree.entry import Kind, Members
from analyzer.oci.findings import Severity, escape

_FILE, _DIR, _SYMLINK, _THOROUGH = int(Kind.FILE), int(Kind.DIR), int(Kind.SYMLINK), 255
_PLAIN_TYPES = bytes({ord("0"): _FILE, ord("5"): _DIR, ord("2"): _SYMLINK}.get(flag, _THOROUGH) for flag in range(256))
_LARGE = 64 << 10  # bytes of a file that are worth handing to another thread
_DOT, _SLASH = ord("."), ord("/")
_EMPTY_SHA256 = hashlib.sha256().digest()
_ZEROS = bytes(BLOCK)


class TarScan:
    """Reads the whole of `blocks`; `members` and `findings` grow as it does.

    An entry whose header says all in its own plain fields, as nearly all do, is read here, a few microseconds each;
    every other goes to MemberReader.
    """

    def __init__(self, blocks: Iterator[bytes], limits: Limits, *, aside: bool = False) -> None:
        """With `aside` the contents of large files are hashed in a thread of their own, beside the reading."""
        self.members = Members()
        self.findings = LayerFindings()
        self._limits = limits
        self._stream = TarStream(blocks)
        self._reader = MemberReader(self._stream, limits, self.members, self.findings)
        self._contents = Hasher(aside=aside)
        self._large: list[tuple[int, Sha256]] = []  # ordinal of a file, and its digest when the hasher has ended

    @property
    def size(self) -> int:
        """Bytes of the tar read so far, the end blocks and what follows them included."""
        return self._stream.offset

    def run(self) -> None:
        """Raises Damaged, Unsupported (no tar at all), LimitReached, and what `blocks` raises."""
        try:
            with self._contents:
                self._read_members()
        except Damaged as error:
            if self.size < BLOCK:
                raise self._no_tar() from error
            raise
        except HeaderError as error:
            raise Damaged(
                f"An entry of the layer's tar, near byte {self._stream.offset:,}, is damaged: {error}."
            ) from error
        for ordinal, digest in self._large:
            self.members.sha256s[ordinal] = digest.digest()
        self._check_limits()
        self._read_rest()

    def pass_over(self) -> None:
        """Reads all blocks and looks at none of them: `size` is all that is known then."""
        self._stream.drain()

    def _read_members(self) -> None:
        """Up to the first block of zeros, or the end of the stream."""
        stream, members, reader = self._stream, self.members, self._reader
        paths, kinds, modes, uids, gids = members.paths, members.kinds, members.modes, members.uids, members.gids
        sizes, mtimes, links, sha256s = members.sizes, members.mtimes, members.links, members.sha256s
        xattrs, offsets = members.xattrs, members.offsets
        checksums, owners, numbers, seconds = Checksums(), Owners(), Numbers(), Seconds()
        fields, sha256, plain_types = FIELDS, hashlib.sha256, _PLAIN_TYPES
        pending = False
        block, position = stream.block, stream.position
        view, end = memoryview(block), len(block)
        while True:
            header = block[position : position + BLOCK]
            position += BLOCK
            if len(header) < BLOCK:
                stream.position = position - BLOCK
                self._check_limits()
                whole = stream.header()
                block, position = stream.block, stream.position
                view, end = memoryview(block), len(block)
                if whole is None:
                    self._end_without_blocks()
                    return
                header = whole
            name, owner, size_field, mtime_field, checksum, type_flag, prefixed = fields(header)
            if checksums[checksum] != adler32(header) & 0xFFFF and not has_valid_checksum(header):
                stream.position = position
                if header == _ZEROS:
                    return
                self._refuse(header)
            kind = plain_types[type_flag]
            path = name.partition(b"\0")[0]
            if kind == _DIR and path[-1:] == b"/":
                path = path[:-1]
            if (
                kind == _THOROUGH
                or prefixed
                or pending
                or not path
                or (first := path[0]) == _DOT
                or first == _SLASH
                or path.find(b"/.") >= 0
                or path.find(b"//") >= 0
                or path[-1] == _SLASH
            ):
                stream.position = position
                reader.read(header)
                pending = reader.pending
                if block is not stream.block:
                    block = stream.block
                    view, end = memoryview(block), len(block)
                position = stream.position
                continue
            mode, uid, gid = owners[owner]
            mtime = seconds[mtime_field]
            members.count += 1
            paths.append(path)
            kinds.append(kind)
            modes.append(mode)
            uids.append(uid)
            gids.append(gid)
            mtimes.append(mtime)
            xattrs.append(None)
            offsets.append(stream.start + position)
            if kind == _FILE:
                links.append(None)
                size = numbers[size_field]
                sizes.append(size)
                stop = position + size
                if not size:
                    sha256s.append(_EMPTY_SHA256)
                elif stop <= end and 0 < size < _LARGE:
                    sha256s.append(sha256(view[position:stop]).digest())
                    position = stop + (-size & 511)
                else:
                    stream.position = position
                    self._hash_large(path, size)
                    block, position = stream.block, stream.position
                    view, end = memoryview(block), len(block)
            elif kind == _SYMLINK:
                link = header[157:257].partition(b"\0")[0]
                links.append(link)
                sizes.append(len(link))
                sha256s.append(None)
            else:
                links.append(None)
                sizes.append(0)
                sha256s.append(None)

    def _hash_large(self, path: bytes, size: int) -> None:
        """A file that is worth a thread's while, or goes on in the next block."""
        if size < 0:
            raise HeaderError(f"it states a size of {size:,} bytes")
        digest = new_sha256()
        self._large.append((len(self.members.sha256s), digest))
        self.members.sha256s.append(None)
        self._stream.pass_on(size, partial(self._contents.update, digest), f"the file {escape(path)}")
        self._stream.pad(size)

    def _check_limits(self) -> None:
        """Once a block: in between, no more entries come than fit into a block."""
        self._limits.check("max_layer_entries", self.members.count, "The number of entries of the layer")

    def _refuse(self, header: bytes) -> None:
        at = self._stream.offset - BLOCK
        if at == 0 and not has_magic(header):
            raise self._no_tar()
        raise Damaged(f"The layer's tar has no valid header at byte {at:,}, where one must stand.")

    def _no_tar(self) -> Unsupported:
        what = looks_like(self._stream.head)
        return Unsupported(f"The layer is no tar; it looks like {what}." if what else "The layer is no tar.")

    def _end_without_blocks(self) -> None:
        if self._reader.begun:
            raise Damaged("The layer's tar is cut off after an extended header.")
        detail = "The layer's tar ends without the two blocks of zeros that mark its end."
        self.findings.add("no-end-blocks", detail, severity=Severity.INFO)

    def _read_rest(self) -> None:
        """What follows the first block of zeros is counted, and no entry (POSIX: two such blocks end the archive)."""
        if self._reader.begun:
            raise Damaged("The layer's tar ends after an extended header.")
        start = self._stream.offset
        beyond = self._stream.drain()
        if not beyond:
            return
        if self.size - beyond < start + BLOCK:
            detail = f"{beyond:,} bytes follow a single block of zeros: most readers end there, not all."
            self.findings.add("data-after-end", detail)
        else:
            detail = f"{beyond:,} bytes follow the end of the layer's tar; they are no entries."
            self.findings.add("data-after-end", detail, severity=Severity.INFO)
