"""A merged view as a tar: what comes out when it is unpacked or analysed again is what went in."""

import io
import random
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.archive.budget import Limits
from analyzer.archive.tarscan import TarScan
from analyzer.archive.tarwriter import Head, header
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.filetree.merged import Merged
from analyzer.models import Image, Layer
from analyzer.selectors.listings import layers_of, merged_of
from analyzer.services.reading import NotKept, Reader
from analyzer.services.treetar import TreeTar
from tests.archives import (
    Device,
    Dir,
    Entry,
    Fifo,
    File,
    Hardlink,
    Opaque,
    Symlink,
    Whiteout,
    docker_save,
    image,
    layer,
    oci_layout,
)
from tests.cast import Cast
from tests.taking import bring, run_job

NOISE = random.Random(9).randbytes(5000)
LOWER: dict[bytes | str, bytes | Entry] = {
    "etc": Dir(mode=0o711, mtime=1_600_000_000.25),
    "etc/motd": File(data=b"hello", mode=0o4755, uid=7, gid=8, mtime=1_500_000_000.5, xattrs={"user.x": b"\xff\x00"}),
    "etc/gone": b"gone",
    "usr/bin/tool": NOISE,
    "usr/bin/again": Hardlink(target="usr/bin/tool"),
    "usr/lib/link": Symlink(target="../bin/tool"),
    "dev/null": Device(),
    "run/pipe": Fifo(),
    b"bad\xffname": b"odd",
    "n" * 150: b"long",
    "empty": b"",
    "cache/a": b"a",
}
UPPER: dict[bytes | str, bytes | Entry] = {
    "etc/gone": Whiteout(),
    "cache": Opaque(),
    "srv/third": Hardlink(target="usr/bin/tool"),
    "before": Dir(mode=0o700, mtime=1_400_000_000),
    "before/late": b"late",
}


def shelve(cast: Cast, folder: Path, compression: str) -> Image:
    built = image([layer(LOWER, compression=compression), layer(UPPER, compression=compression)], tags=["shop:1"])
    run_job(folder, docker_save(built) if compression == "none" else oci_layout(built), cast.team)
    return Image.objects.get()


def tree_of(cast: Cast, found: Image, folder: bytes = b"") -> bytes:
    assert found.top_chain is not None
    layers = layers_of(found.top_chain)
    return b"".join(TreeTar(merged_of(found.top_chain), layers, folder, Reader(cast.alice, found, layers)))


def listed(data: bytes) -> Listing:
    scan = TarScan(iter([data]), Limits())
    scan.run()
    assert not scan.findings.all()
    return Listing.build(scan.members, Limits())[0]


COLUMNS = ("mode", "uid", "gid", "mtime", "xattrs")


def check_same(out: Listing, merged: Merged) -> None:
    assert list(out.paths) == list(merged.paths)
    for row in range(len(merged)):
        if merged.implied[row]:
            assert out.kinds[row] == Kind.DIR
            continue
        if merged.kinds[row] not in (Kind.FILE, Kind.HARDLINK):  # of an inode's names any may have the bytes
            assert out.kinds[row] == merged.kinds[row]
            assert out.links[row] == merged.links[row]
        assert (out.modes[row], out.uids[row], out.gids[row]) == (merged.modes[row], merged.uids[row], merged.gids[row])
        assert out.mtimes[row] == merged.mtimes[row]
        assert (out.xattrs[row] or {}) == (merged.xattrs[row] or {})
    assert sorted(filter(None, out.sha256s)) == sorted(filter(None, merged.sha256s))


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_the_whole_tree_analysed_again_is_the_merged_view(cast: Cast, tmp_path: Path, compression: str):
    found = shelve(cast, tmp_path, compression)
    assert found.top_chain is not None
    check_same(listed(tree_of(cast, found)), merged_of(found.top_chain))


def test_tar_unpacks_it_with_the_times_of_files_and_folders(cast: Cast, tmp_path: Path):
    (tmp_path / "tree.tar").write_bytes(tree_of(cast, shelve(cast, tmp_path, "gzip")))
    out = tmp_path / "out"
    out.mkdir()
    unpacked = ["tar", "-x", "-p", "-C", str(out), "-f", str(tmp_path / "tree.tar"), "--exclude=dev/*"]
    subprocess.run(unpacked, check=True)
    assert (out / "etc/motd").read_bytes() == b"hello"
    assert (out / "etc/motd").stat().st_mtime == 1_500_000_000.5
    assert (out / "etc").stat().st_mtime == 1_600_000_000.25
    assert (out / "etc").stat().st_mode & 0o7777 == 0o711
    assert (out / "before").stat().st_mtime == 1_400_000_000
    assert (out / "usr/bin/tool").stat().st_ino == (out / "usr/bin/again").stat().st_ino
    assert (out / "usr/bin/tool").stat().st_ino == (out / "srv/third").stat().st_ino
    assert (out / "usr/lib/link").resolve() == (out / "usr/bin/tool").resolve()
    assert not (out / "etc/gone").exists()


def test_a_device_keeps_its_numbers(cast: Cast, tmp_path: Path):
    data = tree_of(cast, shelve(cast, tmp_path, "zstd"))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        device = tar.getmember("dev/null")
        assert (device.type, device.devmajor, device.devminor) == (tarfile.CHRTYPE, 1, 3)


def test_a_folder_begins_at_its_own_name_and_links_out_of_it_bring_their_bytes(cast: Cast, tmp_path: Path):
    found = shelve(cast, tmp_path, "none")
    with tarfile.open(fileobj=io.BytesIO(tree_of(cast, found, b"srv"))) as tar:
        assert tar.getnames() == ["srv/third"]
        third = tar.extractfile("srv/third")
        assert third is not None
        assert third.read() == NOISE
    with tarfile.open(fileobj=io.BytesIO(tree_of(cast, found, b"usr/bin"))) as tar:
        assert sorted(tar.getnames()) == ["bin/again", "bin/tool"]
        assert {member.linkname for member in tar.getmembers() if member.islnk()} <= {"bin/again", "bin/tool"}


def test_nothing_is_sent_where_bytes_were_not_kept(cast: Cast, tmp_path: Path):
    bring(tmp_path, docker_save(image([layer(LOWER)])), cast.team)
    with pytest.raises(NotKept):
        tree_of(cast, Image.objects.get())
    assert Layer.objects.get().blobs.filter(kept=True).count() == 0


names = st.binary(min_size=1, max_size=120).filter(
    lambda name: not set(name) & {0, ord("/")} and name not in (b".", b"..") and not name.startswith(b".wh.")
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=names,
    kind=st.sampled_from([Kind.FILE, Kind.DIR, Kind.SYMLINK, Kind.FIFO]),
    numbers=st.tuples(st.integers(0, 0o7777), st.integers(0, 1 << 40), st.integers(0, 1 << 40)),
    mtime=st.integers(-(10**18), 4 * 10**18),
    xattrs=st.dictionaries(
        st.sampled_from([b"user.a", b"security.capability"]), st.binary(min_size=1, max_size=30), max_size=2
    ),
)
def test_every_header_reads_as_it_was_written(
    name: bytes, kind: Kind, numbers: tuple[int, int, int], mtime: int, xattrs: dict[bytes, bytes]
) -> None:
    link = b"to\xfe" if kind is Kind.SYMLINK else None
    mode, uid, gid = numbers
    written = header(Head(b"in/" + name, kind, mode, uid, gid, mtime, link=link, xattrs=xattrs))
    out = listed(written + bytes(1024))
    row = len(out) - 1
    assert (out.paths[row], out.kinds[row], out.links[row]) == (b"in/" + name, kind, link)
    assert (out.modes[row], out.uids[row], out.gids[row], out.mtimes[row]) == (mode, uid, gid, mtime)
    assert (out.xattrs[row] or {}) == xattrs
