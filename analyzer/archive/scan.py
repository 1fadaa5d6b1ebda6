"""A layer's blob in one pass: both digests, the members of its tar and the sha256 of each file, in constant memory."""

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic

from analyzer.archive.ahead import ahead
from analyzer.archive.budget import Limits
from analyzer.archive.carried import CarriedBytes
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
_BLOCK_BYTES = {Compression.NONE: 1 << 20, Compression.GZIP: 128 << 10, Compression.ZSTD: 128 << 10}
_BLOCKS_AHEAD = 4
_RATIO_FROM = 64 << 20  # plain bytes: below, a high ratio does no harm
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
        for _ in _reported(carried.blocks(), carried, progress):
            pass
    return carried.digest, carried.read


def _read(blob: BlobRef, limits: Limits, progress: Progress | None, *, parse: bool) -> LayerScan:
    aside = blob.length > _WORTH_THREADS
    failure: Unreadable | None = None
    with Hasher(aside=aside) as hasher, CarriedBytes(blob, hasher) as carried:
        compression = detect(carried.peek(DETECTION_BYTES))
        undo = inflater(compression)
        plain = _plain(carried, undo, limits, _BLOCK_BYTES[compression])
        if aside:
            plain = ahead(plain, _BLOCKS_AHEAD)
        diff = None if compression is Compression.NONE else new_sha256()  # a plain blob's digest is the diffID
        plain = _reported(_hashed(plain, hasher, diff) if diff else plain, carried, progress)
        scan = TarScan(plain, limits, aside=aside)
        with closing(plain):
            try:
                if parse:
                    scan.run()
                else:
                    scan.pass_over()
            except Unreadable as error:
                failure = error
        carried.read_to_end()
    if not carried.is_whole:
        failure = Damaged(f"The archive ends within the layer: {carried.read:,} of {blob.length:,} bytes are there.")
    layer = LayerScan("ok", "", carried.digest, carried.read, compression.value)
    if failure:
        layer.status, layer.reason = failure.status, str(failure)
        return layer
    layer.diff_id = sha256_text(diff) if diff else carried.digest
    layer.tar_size = scan.size
    layer.members = scan.members if parse else None
    layer.findings = scan.findings.all()
    if undo.trailing:
        detail = f"{undo.trailing:,} bytes that belong to nothing follow the end of the compressed layer."
        layer.findings.append(Finding("trailing-data", Severity.INFO, detail))
    return layer


def _plain(carried: CarriedBytes, undo: Inflater, limits: Limits, block_bytes: int) -> Blocks:
    """The layer's tar. Raises Damaged, LimitReached, OSError."""
    size = 0
    for block in inflate(carried.blocks(block_bytes), undo):
        size += len(block)
        limits.check("max_layer_bytes", size, "The size of the layer's tar")
        if size > _RATIO_FROM:
            limits.check("max_inflation_ratio", size // carried.read, "The inflation ratio of the layer")
        yield block


def _hashed(blocks: Blocks, hasher: Hasher, digest: "Sha256") -> Blocks:
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
