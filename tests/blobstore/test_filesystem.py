"""The blob store on a filesystem keeps what BlobStore promises."""

import errno
import os
import threading
from pathlib import Path

import pytest

from analyzer.blobstore.filesystem import FilesystemStore
from analyzer.blobstore.store import PARTS, BlobMismatch, BlobStore
from analyzer.oci.digest import InvalidDigest, digest_of

DATA = bytes(range(256)) * 9_000  # a little over two chunks


@pytest.fixture
def store(tmp_path: Path) -> FilesystemStore:
    return FilesystemStore(tmp_path / "blobs")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "app.tar"
    path.write_bytes(b"before" + DATA + b"after")
    return path


def files_of(store: FilesystemStore) -> list[str]:
    return sorted(str(path.relative_to(store.root)) for path in store.root.rglob("*") if path.is_file())


def test_a_whole_file_is_adopted_without_a_copy(store: FilesystemStore, tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_bytes(DATA)
    os.utime(path, (0, 0))
    digest = digest_of(DATA)
    assert not store.shares(digest, path)
    assert store.adopt(digest, path) is True
    assert store.path(digest).samefile(path)
    assert store.shares(digest, path)
    assert list(store.part(int(digest[7:9], 16), older_than=3_600)) == []  # young, however old the file was
    assert store.adopt(digest, path) is False
    path.unlink()
    with store.open(digest) as blob:
        assert blob.read() == DATA
    assert len(files_of(store)) == 1


def test_what_cannot_be_adopted_is_copied_or_refused(
    store: FilesystemStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "blob"
    path.write_bytes(DATA)
    with pytest.raises(BlobMismatch, match="not sha256:"):
        store.adopt(digest_of(b"other"), path)
    assert files_of(store) == []

    def other_filesystem(*_: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", other_filesystem)
    assert store.adopt(digest_of(DATA), path) is True
    assert not store.shares(digest_of(DATA), path)
    assert len(files_of(store)) == 1


def test_a_part_of_a_file_is_stored_under_its_digest(store: FilesystemStore, archive: Path) -> None:
    digest = digest_of(DATA)
    assert store.put(digest, archive, 6, len(DATA)) is True
    with store.open(digest) as blob:
        assert blob.read() == DATA
    assert store.has(digest)
    assert store.size(digest) == len(DATA)
    hexadecimal = digest.removeprefix("sha256:")
    assert files_of(store) == [f"sha256/{hexadecimal[:2]}/{hexadecimal}"]


def test_the_same_blob_again_changes_nothing(store: FilesystemStore, archive: Path) -> None:
    digest = digest_of(DATA)
    store.put(digest, archive, 6, len(DATA))
    before = store.path(digest).stat().st_ino
    assert store.put(digest, archive, 6, len(DATA)) is False
    assert store.path(digest).stat().st_ino == before


def test_bytes_of_another_digest_are_refused_and_leave_nothing(store: FilesystemStore, archive: Path) -> None:
    with pytest.raises(BlobMismatch, match="not sha256:"):
        store.put(digest_of(DATA), archive, 5, len(DATA))
    assert files_of(store) == []


def test_a_file_that_ends_early_is_refused_and_leaves_nothing(store: FilesystemStore, archive: Path) -> None:
    with pytest.raises(BlobMismatch, match="ends 6 bytes early"):
        store.put(digest_of(DATA), archive, 6, len(DATA) + 11)
    assert files_of(store) == []


def test_an_empty_blob_is_a_blob(store: FilesystemStore, archive: Path) -> None:
    assert store.put(digest_of(b""), archive, 3, 0) is True
    assert store.size(digest_of(b"")) == 0


def test_writers_of_the_same_blob_all_succeed(store: FilesystemStore, archive: Path) -> None:
    digest, outcomes = digest_of(DATA), []
    threads = [
        threading.Thread(target=lambda: outcomes.append(store.put(digest, archive, 6, len(DATA)))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 6
    with store.open(digest) as blob:
        assert blob.read() == DATA
    assert len(files_of(store)) == 1


def test_a_deleted_blob_is_gone_but_stays_readable_for_who_has_it_open(store: FilesystemStore, archive: Path) -> None:
    digest = digest_of(DATA)
    store.put(digest, archive, 6, len(DATA))
    with store.open(digest) as blob:
        assert store.delete(digest) == len(DATA)
        assert blob.read() == DATA
    assert not store.has(digest)
    assert store.delete(digest) == 0
    with pytest.raises(FileNotFoundError):
        store.open(digest)
    with pytest.raises(FileNotFoundError):
        store.size(digest)


@pytest.mark.parametrize("digest", ["sha256:../../../etc/passwd", "sha256:" + "A" * 64, "md5:" + "0" * 64, ""])
def test_what_is_no_digest_is_never_a_path(store: FilesystemStore, digest: str) -> None:
    with pytest.raises(InvalidDigest):
        store.has(digest)


def test_a_sweep_takes_what_dead_writers_left_and_nothing_else(store: FilesystemStore, archive: Path) -> None:
    store.put(digest_of(DATA), archive, 6, len(DATA))
    left, fresh = store.root / "tmp" / "left", store.root / "tmp" / "fresh"
    left.write_bytes(b"12345")
    fresh.write_bytes(b"1")
    os.utime(left, (1, 1))
    assert store.sweep(older_than=3600) == 5
    assert not left.exists()
    assert fresh.exists()
    assert store.has(digest_of(DATA))


def test_the_parts_of_a_store_are_the_whole_store(store: FilesystemStore, archive: Path) -> None:
    digest = digest_of(DATA)
    store.put(digest, archive, 6, len(DATA))
    store.put(digest_of(b""), archive, 0, 0)
    os.utime(store.path(digest), (1, 1))
    assert [name for number in range(PARTS) for name in store.part(number, older_than=3600)] == [digest]
    assert len([name for number in range(PARTS) for name in store.part(number, older_than=-60)]) == 2


def test_the_last_of_a_disk_is_left_alone(tmp_path: Path, archive: Path) -> None:
    store = FilesystemStore(tmp_path / "blobs", reserve=1 << 60)
    with pytest.raises(OSError, match="MIN_FREE_DISK_BYTES") as caught:
        store.put(digest_of(DATA), archive, 6, len(DATA))
    assert caught.value.errno == errno.ENOSPC
    assert not [path for path in store.root.rglob("*") if path.is_file()]


def test_it_is_a_blob_store(store: FilesystemStore) -> None:
    as_protocol: BlobStore = store  # held by mypy
    assert as_protocol.has(digest_of(b"")) is False
