"""A layer's blob in one pass: both digests, the members of its tar and the sha256 of each file, in constant memory."""

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic

from analyzer.archive.ahead import ahead
from analyzer.archive.budget import Limits
from analyzer.archive.carried import CarriedBytes, head_of
from analyzer.archive.compression import DETECTION_BYTES, Compression, Inflater, detect, inflate, inflater
from analyzer.archive.hashing import Hasher, Sha256, new_sha256, sha256_text
from analyzer.archive.source import BlobRef
from analyzer.archive.tarscan import TarScan
from analyzer.archive.unreadable import Damaged, Unreadable
from analyzer.filetree.entry import Members
from analyzer.oci.findings import Finding, Severity

Progress = Callable[[int], None]
Blocks = Generator[bytes, None, None]

_WORTH_THREADS = 256 << 10  # carried bytes: below, starting threads takes longer than they save
_PLAIN_BLOCK = 1 << 20
_COMPRESSED_BLOCK = 512 << 10  # of carried bytes; inflated, it comes in blocks of 1 MiB at most
_BLOCKS_AHEAD = 4
_PROGRESS_SECONDS = 0.1


@dataclass(slots=True)
class LayerScan:
    """What a layer's bytes are. Null is what is not known: a layer that is not ok has no diffID, size or members."""

    status: str  # ok, damaged, unsupported
    reason: str  # one sentence for a person; empty if ok
    blob_digest: str
    blob_size: int  # carried bytes that are there
    compression: str  # none, gzip, zstd: by the bytes
    diff_id: str | None = None
    tar_size: int | None = None
    members: Members | None = None
    findings: list[Finding] = field(default_factory=list)  # of the bytes; the status itself is not among them


def scan_layer(blob: BlobRef, limits: Limits, progress: Progress | None = None) -> LayerScan:
    """Reads a layer whole. `progress` gets the carried bytes read so far, at most ten times a second, in this thread.

    Raises LimitReached, OSError, and what `progress` raises.
    """
    return _read(blob, limits, progress, parse=True)


def hash_layer(blob: BlobRef, limits: Limits, progress: Progress | None = None) -> LayerScan:
    """The same for a layer whose members are known: inflates and hashes, parses nothing; `members` is None.

    What is no tar at all is not noticed here.
    """
    return _read(blob, limits, progress, parse=False)


def hash_blob(blob: BlobRef, progress: Progress | None = None) -> tuple[str, int]:
    """The digest and the length of the carried bytes that are there. Raises OSError, and what `progress` raises."""
    with Hasher(aside=blob.length > _WORTH_THREADS) as hasher, CarriedBytes(blob, hasher) as carried:
        for _ in _reported(carried.blocks(_PLAIN_BLOCK), carried, progress):
            pass
    return carried.digest, carried.read


def _read(blob: BlobRef, limits: Limits, progress: Progress | None, *, parse: bool) -> LayerScan:
    compression = detect(head_of(blob, DETECTION_BYTES))
    undo = inflater(compression)
    large = blob.length > _WORTH_THREADS
    diff = None if compression is Compression.NONE else new_sha256()  # a plain blob's digest is the diffID
    layer = LayerScan("ok", "", "", 0, compression.value)
    with Hasher(aside=large) as hasher, CarriedBytes(blob, hasher) as carried:
        plain = _plain(carried, undo, limits, _PLAIN_BLOCK if diff is None else _COMPRESSED_BLOCK)
        if large:
            plain = ahead(plain, _BLOCKS_AHEAD)
        plain = _reported(_hashed(plain, hasher, diff) if diff else plain, carried, progress)
        try:
            with closing(plain):
                _take(plain, limits, layer, parse=parse)
        except Unreadable as error:
            layer.status, layer.reason = error.status, str(error)
            carried.read_to_end()
    layer.blob_digest, layer.blob_size = carried.digest, carried.read
    if carried.read < blob.length and not carried.broken:
        layer.status = Damaged.status
        layer.reason = f"The archive ends within the layer: {carried.read:,} of {blob.length:,} bytes are there."
    if layer.status != "ok":
        layer.tar_size = layer.members = None
        layer.findings = []
        return layer
    layer.diff_id = sha256_text(diff) if diff else carried.digest
    if undo.trailing:
        detail = f"{undo.trailing:,} bytes that belong to nothing follow the end of the compressed layer."
        layer.findings.append(Finding("trailing-data", Severity.INFO, detail))
    return layer


def _take(plain: Blocks, limits: Limits, layer: LayerScan, *, parse: bool) -> None:
    """What the plain bytes say. Raises Unreadable, LimitReached, OSError."""
    if not parse:
        layer.tar_size = sum(map(len, plain))
        return
    scan = TarScan(plain, limits)
    scan.run()
    layer.tar_size, layer.members, layer.findings = scan.size, scan.members, scan.findings.all()


def _plain(carried: CarriedBytes, undo: Inflater, limits: Limits, block_bytes: int) -> Blocks:
    """The layer's tar. Raises Damaged, LimitReached, OSError."""
    size = 0
    for block in inflate(carried.blocks(block_bytes), undo):
        size += len(block)
        limits.check("max_layer_bytes", size, "The size of the layer's tar")
        if size > limits.inflation_free_bytes:
            limits.check("max_inflation_ratio", size // carried.read, "The inflation ratio of the layer")
        yield block


def _hashed(blocks: Blocks, hasher: Hasher, digest: Sha256) -> Blocks:
    with closing(blocks):
        for block in blocks:
            hasher.update(digest, block)
            yield block


def _reported(blocks: Blocks, carried: CarriedBytes, progress: Progress | None) -> Blocks:
    due = monotonic() + _PROGRESS_SECONDS
    with closing(blocks):
        for block in blocks:
            if progress and monotonic() >= due:
                progress(carried.read)
                due = monotonic() + _PROGRESS_SECONDS
            yield block
    if progress:
        progress(carried.read)
