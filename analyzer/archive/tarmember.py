"""One member of a tar with all that may go before it: long names, extended headers, sparse maps (the thorough way)."""

from analyzer.archive.budget import Limits
from analyzer.archive.layerfindings import LayerFindings
from analyzer.archive.paxheader import Extended, Records
from analyzer.archive.sparse import SparseMap, read_sparse_map
from analyzer.archive.tarcontent import ContentReader
from analyzer.archive.tarfields import Owners
from analyzer.archive.tarheader import MAX_NUMBER, HeaderError, full_name, nanoseconds, number, text
from analyzer.archive.tarname import normalise
from analyzer.archive.tarstream import TarStream
from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.whiteout import kind_of

MAX_RECORD_BYTES = 1 << 20  # of one extended header or long name, as in Go's reader

_KINDS = {
    b"0": Kind.FILE,
    b"\0": Kind.FILE,  # V7: a folder if its name ends with a slash
    b"7": Kind.FILE,  # "contiguous"
    b"S": Kind.FILE,  # GNU sparse
    b"1": Kind.HARDLINK,
    b"2": Kind.SYMLINK,
    b"3": Kind.CHAR,
    b"4": Kind.BLOCK,
    b"5": Kind.DIR,
    b"6": Kind.FIFO,
    b"D": Kind.DIR,  # GNU: a folder with a list of its files for data
}
_LINKS = (Kind.SYMLINK, Kind.HARDLINK)


class MemberReader:
    """Reads header by header; what becomes an entry is appended to `members`."""

    def __init__(
        self,
        stream: TarStream,
        limits: Limits,
        members: Members,
        findings: LayerFindings,
        watched: bytes | None = None,
    ) -> None:
        """`watched`: a sparse file's path, of which is kept where it lies."""
        self._watched = watched
        self.sparse: tuple[SparseMap, int] | None = None  # of the watched one: its map, and the offset of its data
        self._stream = stream
        self._content = ContentReader(stream, findings)
        self._limits = limits
        self._members = members
        self._findings = findings
        self._owners = Owners()
        self._globally: dict[bytes, bytes] = {}
        self._own: Records | None = None
        self._long_name = b""
        self._long_link = b""
        self.left_out = 0  # members that are no entry: the root, and what was refused
        self._kept = 0  # bytes of names, links and attributes

    @property
    def begun(self) -> bool:
        """Whether a record was read whose member is still to come."""
        return bool(self._own or self._long_name or self._long_link)

    @property
    def pending(self) -> bool:
        """Whether the next header means more than what stands in it."""
        return self.begun or bool(self._globally)

    def read(self, header: bytes) -> None:
        """Takes a header and the data that belongs to it. Raises HeaderError, Damaged, LimitReached."""
        flag = header[156:157]
        if flag in (b"x", b"X"):  # POSIX, and Solaris before it
            self._own = Records(self._record(header))
            self._report(self._own.faults)
        elif flag == b"g":
            records = Records(self._record(header))
            self._report(records.faults)
            self.keep(sum(map(len, records.values.values())))
            self._globally.update(records.values)
        elif flag == b"L":
            self._long_name = text(self._record(header))
        elif flag == b"K":
            self._long_link = text(self._record(header))
        elif flag == b"V":  # GNU: the label of a tape
            self._content.skip(_size(header, None))
        else:
            self._member(header, flag)
            self._own = None
            self._long_name = self._long_link = b""

    def _record(self, header: bytes) -> bytes:
        size = number(header[124:136])
        if not 0 <= size <= MAX_RECORD_BYTES:
            raise HeaderError(f"it has an extended header or long name of {size:,} bytes")
        return self._stream.read(size, "an extended header")

    def _member(self, header: bytes, flag: bytes) -> None:
        extended = Extended(self._globally, self._own)
        raw = self._long_name or extended.path or full_name(header)
        kind = self._kind(raw, flag)
        # Only files have data, whatever size the header of a link or a folder states: as in Go's and Python's readers.
        stored = _size(header, extended) if kind is Kind.FILE or flag == b"D" else 0
        layout = None
        if kind is Kind.FILE:
            layout, stored = read_sparse_map(header, extended, stored, self._stream)
        path = self._path(raw, kind)
        link = self._link(raw, kind, header, extended) if path and kind in _LINKS else None
        if path and (link is not None or kind not in _LINKS):
            self._append(path, kind_of(path) or kind, link, header, extended, stored, layout)
        else:
            self.left_out += 1
            self._content.skip(stored)
        self._report(extended.faults)

    def _kind(self, raw: bytes, flag: bytes) -> Kind:
        if flag == b"\0" and raw.endswith(b"/"):
            return Kind.DIR
        kind = _KINDS.get(flag)
        if kind is None:  # POSIX: to be treated as a regular file
            self._findings.add("unknown-type", f"The entry has the unknown type {flag!r}; it counts as a file.", raw)
            return Kind.FILE
        return kind

    def _path(self, raw: bytes, kind: Kind) -> bytes:
        """The path of the entry; empty for the root, and for a name that is refused. Raises LimitReached."""
        path = normalise(raw)
        if path:
            self._limits.check("max_path_bytes", len(path), "The path of an entry of the layer")
            return path
        if path is None:
            self._refuse("The name has a '..' component; the entry was refused.", raw)
        elif not raw:
            self._refuse("An entry has no name; it was refused.", raw)
        elif kind is not Kind.DIR:
            self._refuse("The name is the root's, and the entry is no folder; it was refused.", raw)
        return b""

    def _link(self, raw: bytes, kind: Kind, header: bytes, extended: Extended) -> bytes | None:
        """A symbolic link's target as it stands, a hard link's normalised, or None: refused. Raises LimitReached."""
        target = self._long_link or extended.link or text(header[157:257])
        self._limits.check("max_path_bytes", len(target), "The target of a link of the layer")
        if kind is Kind.SYMLINK:
            return target
        normal = normalise(target)
        if normal is None:
            self._refuse("It is a hard link to a name with a '..' component; the entry was refused.", raw)
        return normal

    def _append(
        self,
        path: bytes,
        kind: Kind,
        link: bytes | None,
        header: bytes,
        extended: Extended,
        stored: int,
        layout: SparseMap | None,
    ) -> None:
        mode, uid, gid = self._owners[header[100:124]]
        xattrs = extended.xattrs()
        if xattrs:
            self.keep(sum(len(name) + len(value) for name, value in xattrs.items()))
        members = self._members
        members.paths.append(path)
        members.kinds.append(int(kind))
        members.modes.append(mode)
        members.uids.append(extended.number(b"uid", uid))
        members.gids.append(extended.number(b"gid", gid))
        members.mtimes.append(extended.mtime(nanoseconds(number(header[136:148]))))
        members.links.append(link if kind in _LINKS else None)
        members.xattrs.append(xattrs)
        members.offsets.append(-1 if layout else self._stream.offset)
        if layout and path == self._watched:
            self.sparse = layout, self._stream.offset
        size, sha256 = 0, None
        if kind is not Kind.FILE:
            size = len(link) if link and kind is Kind.SYMLINK else 0
            self._content.skip(stored)
        elif layout:
            size, sha256 = layout.length, self._content.sparse(path, stored, layout)
        else:
            size, sha256 = stored, self._content.plain(path, stored)
        members.sizes.append(size)
        members.sha256s.append(sha256)

    def keep(self, size: int) -> None:
        """Counts bytes of names, links or attributes that stay in memory. Raises LimitReached."""
        self._kept += size
        what = "The length of the names, link targets and attributes of the layer"
        self._limits.check("max_layer_names_bytes", self._kept, what)

    def _refuse(self, detail: str, raw: bytes) -> None:
        self._findings.add("unsafe-path", detail, raw)

    def _report(self, faults: list[str]) -> None:
        for fault in faults:
            self._findings.add("bad-pax-record", fault)


def _size(header: bytes, extended: Extended | None) -> int:
    size = extended.size if extended else None
    if size is None:
        size = number(header[124:136])
    if not 0 <= size <= MAX_NUMBER:
        raise HeaderError(f"it states a size of {size:,} bytes")
    return size
