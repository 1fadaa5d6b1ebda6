import gzip
import hashlib
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from analyzer.archive import scan as scan_module
from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.scan import hash_blob, hash_layer, scan_layer
from analyzer.archive.source import BlobRef
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID, digest_of
from tests.archive.headers import END, blob_of, codes_of, member, scan_bytes

MIB = 1 << 20
NOISE = random.Random(1).randbytes(5 * MIB)
SMALL = member(b"etc/passwd", b"root") + END
LARGE = b"".join(member(b"bin/%d" % size, NOISE[:size]) for size in (100, 70_000, MIB, 3 * MIB)) + END


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, 1)


def zstandardised(data: bytes) -> bytes:
    return zstandard.compress(data)


def as_it_is(data: bytes) -> bytes:
    return data


@pytest.mark.parametrize(("compress", "name"), [(as_it_is, "none"), (gzipped, "gzip"), (zstandardised, "zstd")])
@pytest.mark.parametrize("tar", [SMALL, LARGE])
def test_one_pass_tells_digests_sizes_members_and_contents(
    compress: Callable[[bytes], bytes], name: str, tar: bytes, tmp_path: Path
) -> None:
    data = compress(tar)
    layer = scan_bytes(tmp_path, data)
    assert (layer.status, layer.reason, layer.compression) == ("ok", "", name)
    assert (layer.blob_digest, layer.blob_size) == (digest_of(data), len(data))
    assert (layer.diff_id, layer.tar_size) == (digest_of(tar), len(tar))
    assert layer.members is not None
    for offset, size, sha256 in zip(layer.members.offsets, layer.members.sizes, layer.members.sha256s, strict=True):
        assert sha256 == hashlib.sha256(tar[offset : offset + size]).digest()
    assert layer.findings == []


def test_the_empty_layer_is_a_layer(tmp_path: Path) -> None:
    layer = scan_bytes(tmp_path, bytes(1024))
    assert (layer.status, layer.diff_id, layer.members and layer.members.count) == ("ok", EMPTY_LAYER_DIFF_ID, 0)


@pytest.mark.parametrize("compress", [as_it_is, gzipped, zstandardised])
@pytest.mark.parametrize("tar", [SMALL, LARGE])
def test_hashing_alone_gives_the_same_digests_and_no_members(
    compress: Callable[[bytes], bytes], tar: bytes, tmp_path: Path
) -> None:
    blob = blob_of(tmp_path, compress(tar))
    hashed, scanned = hash_layer(blob, Limits()), scan_layer(blob, Limits())
    assert hashed.members is None
    scanned.members = None
    assert hashed == scanned
    assert hash_blob(blob) == (scanned.blob_digest, scanned.blob_size)


def test_an_estargz_layer_has_no_entry_for_its_table_of_contents(tmp_path: Path) -> None:
    parts = [member(b"etc/passwd", b"root"), END, member(b"stargz.index.json", b"{}") + END]
    layer = scan_bytes(tmp_path, b"".join(map(gzip.compress, parts)) + gzip.compress(b""))
    assert layer.status == "ok"
    assert layer.members is not None
    assert layer.members.paths == [b"etc/passwd"]
    assert layer.diff_id == digest_of(b"".join(parts))
    assert codes_of(layer) == [("info", "data-after-end")]


def test_bytes_after_a_compressed_layer_are_part_of_the_blob_and_not_of_the_layer(tmp_path: Path) -> None:
    data = gzip.compress(SMALL) + b"junk"
    layer = scan_bytes(tmp_path, data)
    assert (layer.status, layer.blob_digest, layer.diff_id) == ("ok", digest_of(data), digest_of(SMALL))
    assert codes_of(layer) == [("info", "trailing-data")]
    assert codes_of(hash_layer(blob_of(tmp_path, data), Limits())) == [("info", "trailing-data")]


@pytest.mark.parametrize("compress", [gzipped, zstandardised])
@pytest.mark.parametrize("tar", [SMALL, LARGE])
def test_a_corrupt_blob_is_damaged_and_still_has_its_digest(
    compress: Callable[[bytes], bytes], tar: bytes, tmp_path: Path
) -> None:
    data = bytearray(compress(tar))
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    layer = scan_bytes(tmp_path, bytes(data))
    assert layer.status == "damaged"
    assert "stream is" in layer.reason
    assert (layer.blob_digest, layer.blob_size) == (digest_of(bytes(data)), len(data))
    assert (layer.diff_id, layer.tar_size, layer.members) == (None, None, None)


def test_a_broken_header_deep_in_a_large_layer_is_damage_and_the_blob_still_has_its_digest(tmp_path: Path) -> None:
    tar = LARGE[:-1024] + b"x" * 512 + LARGE
    for data in (tar, gzipped(tar)):
        layer = scan_bytes(tmp_path, data)
        assert layer.status == "damaged"
        assert f"at byte {len(LARGE) - 1024:,}" in layer.reason
        assert layer.blob_digest == digest_of(data)


def test_what_is_no_tar_is_unsupported(tmp_path: Path) -> None:
    for data in (b"hsqs" + NOISE, gzipped(b"hsqs" + NOISE)):
        layer = scan_bytes(tmp_path, data)
        assert (layer.status, layer.diff_id, layer.members) == ("unsupported", None, None)
        assert layer.reason == "The layer is no tar; it looks like a squashfs file system."
        assert layer.blob_digest == digest_of(data)


@pytest.mark.parametrize("tar", [SMALL, LARGE])
def test_an_archive_that_ends_within_the_layer_makes_it_damaged(tar: bytes, tmp_path: Path) -> None:
    blob = blob_of(tmp_path, tar[:-600], b"before")
    cut_off = BlobRef(blob.path, blob.offset, len(tar))
    for layer in (scan_layer(cut_off, Limits()), hash_layer(cut_off, Limits())):
        assert layer.status == "damaged"
        assert layer.reason == f"The archive ends within the layer: {len(tar) - 600:,} of {len(tar):,} bytes are there."
        assert (layer.blob_digest, layer.blob_size) == (digest_of(tar[:-600]), len(tar) - 600)
    assert hash_blob(cut_off) == (digest_of(tar[:-600]), len(tar) - 600)


@pytest.mark.parametrize("compress", [as_it_is, gzipped, zstandardised])
def test_limits_reach_the_caller_whatever_thread_strikes_them(
    compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    blob = blob_of(tmp_path, compress(LARGE))
    for limits in (Limits(max_layer_bytes=2 * MIB), Limits(max_layer_entries=1)):
        with pytest.raises(LimitReached):
            scan_layer(blob, limits)
    assert_no_thread_is_left()


@pytest.mark.parametrize("compress", [gzipped, zstandardised])
@pytest.mark.parametrize("read", [scan_layer, hash_layer])
def test_a_bomb_is_refused_by_the_name_of_its_limit(
    compress: Callable[[bytes], bytes], read: Callable[[BlobRef, Limits], object], tmp_path: Path
) -> None:
    blob = blob_of(tmp_path, compress(member(b"zeros", bytes(8 * MIB)) + END))
    assert read(blob, Limits(max_inflation_ratio=100)), "a little may come of any ratio"
    with pytest.raises(LimitReached) as caught:
        read(blob, Limits(max_inflation_ratio=100, inflation_free_bytes=MIB))
    assert caught.value.setting == "MAX_INFLATION_RATIO"
    assert_no_thread_is_left()


def test_a_small_layer_may_inflate_as_it_likes(tmp_path: Path) -> None:
    data = gzipped(member(b"zeros", bytes(30 * MIB)) + END)
    assert scan_bytes(tmp_path, data, Limits(max_inflation_ratio=100)).status == "ok"


@pytest.mark.parametrize("read", [scan_layer, hash_layer, lambda blob, limits, progress: hash_blob(blob, progress)])
@pytest.mark.parametrize("tar", [SMALL, LARGE])
def test_progress_is_told_in_the_callers_thread_and_ends_with_all_bytes(
    read: Callable[..., object], tar: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_module, "_PROGRESS_SECONDS", 0)
    told: list[int] = []

    def progress(done: int) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.append(done)

    read(blob_of(tmp_path, tar), Limits(), progress)
    assert told == sorted(told)
    assert told[-1] == len(tar)


def test_progress_is_told_at_most_ten_times_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    scan_layer(blob_of(tmp_path, LARGE), Limits(), lambda done: told.append(time.monotonic()))
    assert len(told) <= 2 + 10 * (told[-1] - told[0])


def test_a_caller_who_gives_up_ends_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "_PROGRESS_SECONDS", 0)

    def cancel(done: int) -> None:
        raise InterruptedError

    for data in (LARGE, gzipped(LARGE)):
        with pytest.raises(InterruptedError):
            scan_layer(blob_of(tmp_path, data), Limits(), cancel)
    assert_no_thread_is_left()


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scan_layer(BlobRef(tmp_path / "gone", 0, 10), Limits())


def test_two_threads_may_scan_at_once(tmp_path: Path) -> None:
    blob = blob_of(tmp_path, gzipped(LARGE))
    expected = scan_layer(blob, Limits())
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(scan_layer(blob, Limits()))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 3


def assert_no_thread_is_left() -> None:
    assert [thread.name for thread in threading.enumerate() if thread.name in ("ahead", "hasher")] == []
