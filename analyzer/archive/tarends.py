"""Where a tar begins and ends, and what may be wrong there (POSIX: two blocks of zeros end the archive)."""

from analyzer.archive.formats import looks_like
from analyzer.archive.layerfindings import LayerFindings
from analyzer.archive.tarheader import BLOCK, has_magic
from analyzer.archive.tarstream import TarStream
from analyzer.archive.unreadable import Damaged, Unreadable, Unsupported
from analyzer.oci.findings import Severity


def no_tar(stream: TarStream) -> Unsupported:
    what = looks_like(stream.head)
    return Unsupported(f"The layer is no tar; it looks like {what}." if what else "The layer is no tar.")


def bad_header(stream: TarStream, header: bytes, at: int) -> Unreadable:
    """What a header with a wrong checksum, at this byte of the tar, says of the layer."""
    if at == 0 and not has_magic(header):
        return no_tar(stream)
    return Damaged(f"The layer's tar has no valid header at byte {at:,}, where one must stand.")


def end_without_blocks(findings: LayerFindings) -> None:
    """Nothing is lost then: engines take such a layer."""
    detail = "The layer's tar ends without the two blocks of zeros that mark its end."
    findings.add("no-end-blocks", detail, severity=Severity.INFO)


def read_rest(stream: TarStream, findings: LayerFindings) -> None:
    """Reads what follows the first block of zeros: padding as a rule, and never an entry."""
    start = stream.offset
    beyond = stream.drain()
    if not beyond:
        return
    if stream.offset - beyond < start + BLOCK:
        detail = f"{beyond:,} bytes follow a single block of zeros: most readers end there, not all."
        findings.add("data-after-end", detail)
    else:
        detail = f"{beyond:,} bytes follow the end of the layer's tar; they are no entries."
        findings.add("data-after-end", detail, severity=Severity.INFO)
