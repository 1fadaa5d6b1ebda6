"""The members of a layer's tar in one pass over its bytes, with the sha256 of every regular file."""

import hashlib
from collections.abc import Iterator

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.hashing import new_sha256
from analyzer.archive.layerfindings import LayerFindings
from analyzer.archive.sparse import SparseMap
from analyzer.archive.tarends import bad_header, end_without_blocks, no_tar, read_rest
from analyzer.archive.tarfields import Numbers, Owners, Seconds
from analyzer.archive.tarheader import BLOCK, FIELDS, MAX_NUMBER, HeaderError, full_name
from analyzer.archive.tarmember import MemberReader
from analyzer.archive.tarname import normalise, tidy
from analyzer.archive.tarstream import CutOff, TarStream
from analyzer.archive.tarsums import first_invalid
from analyzer.archive.unreadable import Damaged
from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.whiteout import kind_of
from analyzer.oci.findings import escape

_FILE, _DIR, _SYMLINK, _THOROUGH = int(Kind.FILE), int(Kind.DIR), int(Kind.SYMLINK), 255
_PLAIN_TYPES = bytes({ord("0"): _FILE, ord("5"): _DIR, ord("2"): _SYMLINK}.get(flag, _THOROUGH) for flag in range(256))
_NO_TYPES = bytes([_THOROUGH] * 256)
_NAME_BYTES = 256  # of a plain header's name, with its prefix
_DOT = ord(".")
_EMPTY_SHA256 = hashlib.sha256().digest()
_ZEROS = bytes(BLOCK)


class TarScan:
    """Reads the whole of `blocks`; `members` and `findings` grow as it does.

    An entry whose header says all in its own plain fields, as nearly all do, is read here, a few microseconds each;
    every other goes to MemberReader.
    """

    def __init__(self, blocks: Iterator[bytes], limits: Limits, watched: bytes | None = None) -> None:
        """`watched`: the path of a sparse file that `sparse` is to tell of."""
        self.members = Members()
        self.findings = LayerFindings()
        self._limits = limits
        self._stream = TarStream(blocks)
        self._headers: list[bytes] = []  # whose checksums are still to be looked at
        self._ends: list[int] = []  # of these headers, in the tar
        self._reader = MemberReader(self._stream, limits, self.members, self.findings, watched)
        self._counted = 0  # entries whose names count already among what is kept

    @property
    def sparse(self) -> tuple[SparseMap, int] | None:
        """The map of the watched file and the offset of its data; of several of that path, of the last."""
        return self._reader.sparse

    @property
    def size(self) -> int:
        """Bytes of the tar read so far, the end blocks and what follows them included."""
        return self._stream.offset

    def run(self) -> None:
        """Raises Damaged, Unsupported (no tar at all), LimitReached, and what `blocks` raises."""
        try:
            self._read_members()
        except (Damaged, LimitReached) as error:
            self._check_headers()  # what goes wrong after a wrong header says nothing
            if isinstance(error, CutOff) and self.size < BLOCK:
                raise no_tar(self._stream) from error
            raise
        self._check_headers()
        if self._reader.begun:
            raise Damaged("The layer's tar ends after an extended header.")
        self._check_limits()
        tidy(self.members.paths)
        read_rest(self._stream, self.findings)

    def _read_members(self) -> None:
        """Up to the first block of zeros, or the end of the stream."""
        stream, members, reader = self._stream, self.members, self._reader
        paths, kinds, modes, uids, gids = members.paths, members.kinds, members.modes, members.uids, members.gids
        sizes, mtimes, links, sha256s = members.sizes, members.mtimes, members.links, members.sha256s
        xattrs, offsets, headers, ends = members.xattrs, members.offsets, self._headers, self._ends
        owners, numbers, seconds, fields, sha256 = Owners(), Numbers(), Seconds(), FIELDS, hashlib.sha256
        # The thorough way looks at the limit of a name; here all names are short.
        types = _NO_TYPES if self._limits.max_path_bytes < _NAME_BYTES else _PLAIN_TYPES
        plain_types = types
        block, position, start = stream.block, stream.position, stream.start
        view, end = memoryview(block), len(block)
        at = 0  # where the data begins that follows the header
        try:
            while True:
                header = block[position : position + BLOCK]
                position += BLOCK
                if len(header) < BLOCK:
                    stream.position = position - BLOCK
                    self._check_headers()
                    self._check_limits()
                    whole = stream.header()
                    block, position, start = stream.block, stream.position, stream.start
                    view, end = memoryview(block), len(block)
                    if whole is None:
                        end_without_blocks(self.findings)
                        return
                    header = whole
                at = start + position
                headers.append(header)
                ends.append(at)
                name, owner, size_field, mtime_field, type_flag, prefixed = fields(header)
                kind = plain_types[type_flag]
                path = full_name(header) if prefixed else name.partition(b"\0")[0]
                if kind == _DIR and path[-1:] == b"/":
                    path = path[:-1]
                thorough = kind == _THOROUGH or not path
                if not thorough and (path[0] == _DOT or path.find(b"/.") >= 0):
                    path = normalise(path) or b""
                    mark = kind_of(path)
                    if not path or (mark is not None and kind == _FILE and numbers[size_field]):
                        thorough = True
                    elif mark is not None:
                        kind = int(mark)
                if thorough:
                    stream.position = position
                    if header == _ZEROS:
                        headers.pop()
                        return
                    reader.read(header)
                    plain_types = _NO_TYPES if reader.pending else types
                    if block is not stream.block:
                        block, start = stream.block, stream.start
                        view, end = memoryview(block), len(block)
                    position = stream.position
                    continue
                mode, uid, gid = owners[owner]
                mtime = seconds[mtime_field]
                paths.append(path)
                kinds.append(kind)
                modes.append(mode)
                uids.append(uid)
                gids.append(gid)
                mtimes.append(mtime)
                xattrs.append(None)
                offsets.append(at)
                if kind == _FILE:
                    links.append(None)
                    size = numbers[size_field]
                    sizes.append(size)
                    stop = position + size
                    if not size:
                        sha256s.append(_EMPTY_SHA256)
                    elif stop <= end and size > 0:
                        sha256s.append(sha256(view[position:stop]).digest())
                        position = stop + (-size & 511)
                    else:
                        stream.position = position
                        sha256s.append(self._hash_long(path, size))
                        block, position, start = stream.block, stream.position, stream.start
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
        except HeaderError as error:
            raise Damaged(f"The entry at byte {at - BLOCK:,} of the layer's tar is damaged: {error}.") from error

    def _hash_long(self, path: bytes, size: int) -> bytes:
        """The sha256 of a file that goes on in the next block."""
        if not 0 <= size <= MAX_NUMBER:
            raise HeaderError(f"it states a size of {size:,} bytes")
        digest = new_sha256()
        self._stream.pass_on(size, digest.update, f"the file {escape(path)}")
        self._stream.pad(size)
        return digest.digest()

    def _check_headers(self) -> None:
        """Once a block, for all headers since the last time. Raises Damaged, Unsupported."""
        wrong = first_invalid(self._headers)
        if wrong is not None:
            raise bad_header(self._stream, self._headers[wrong], self._ends[wrong] - BLOCK)
        self._headers.clear()
        self._ends.clear()

    def _check_limits(self) -> None:
        """Once a block: in between, no more entries come than fit into a block."""
        self.members.count = len(self.members.paths) + self._reader.left_out
        self._limits.check("max_layer_entries", self.members.count, "The number of entries of the layer")
        counted, self._counted = self._counted, len(self.members.paths)
        names, links = self.members.paths[counted:], self.members.links[counted:]
        self._reader.keep(sum(map(len, names)) + sum(map(len, filter(None, links))))
