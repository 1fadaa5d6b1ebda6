"""The blob store in a bucket keeps what BlobStore promises, over HTTP."""

import io
import threading
from pathlib import Path

import pytest

from analyzer.blobstore import objects
from analyzer.blobstore.bucket import Bucket, client_of
from analyzer.blobstore.objects import ObjectStore
from analyzer.blobstore.store import PARTS, BlobMismatch, BlobStore
from analyzer.oci.digest import InvalidDigest, digest_of
from tests.blobstore.s3 import fresh

DATA = bytes(range(256)) * 9_000
DIGEST = digest_of(DATA)


@pytest.fixture
def store(s3: Bucket) -> ObjectStore:
    return ObjectStore(fresh(s3))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "app.tar"
    path.write_bytes(b"before" + DATA + b"after")
    return path


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "PART", len(DATA) // 4)


def names(store: ObjectStore) -> list[str]:
    return [name for name, _, _ in store.listed("")]


def begun(store: ObjectStore) -> int:
    bucket = store.bucket
    found = client_of(bucket).list_multipart_uploads(Bucket=bucket.name, Prefix=bucket.prefix)
    return len(found.get("Uploads", ()))


@pytest.mark.parametrize("part", [len(DATA) // 4, len(DATA) + 1], ids=["in parts", "at once"])
def test_a_blob_is_stored_whole_or_not_at_all(
    store: ObjectStore, archive: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(objects, "PART", part)
    with pytest.raises(BlobMismatch, match="not sha256:"):
        store.put(DIGEST, archive, 5, len(DATA))
    with pytest.raises(BlobMismatch, match="ends 6 bytes early"):
        store.put(DIGEST, archive, 6, len(DATA) + 11)
    assert names(store) == []
    assert begun(store) == 0
    assert not store.has(DIGEST)
    assert store.put(DIGEST, archive, 6, len(DATA)) is True
    assert store.put(DIGEST, archive, 6, len(DATA)) is False
    assert names(store) == [f"sha256/{DIGEST[7:9]}/{DIGEST[7:]}"]
    assert store.size(DIGEST) == len(DATA)
    with store.open(DIGEST) as blob:
        assert blob.read() == DATA
    as_protocol: BlobStore = store  # held by mypy
    assert as_protocol.delete(DIGEST) == len(DATA)
    assert store.delete(DIGEST) == 0
    for asked in (store.open, store.size):
        with pytest.raises(FileNotFoundError):
            asked(DIGEST)
    with pytest.raises(InvalidDigest):
        store.has("sha256:../../secret")


def test_an_empty_blob_and_a_whole_file_are_taken(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert store.adopt(digest_of(b""), tmp_path / "empty") is True
    assert store.size(digest_of(b"")) == 0
    assert not store.shares(digest_of(b""), tmp_path / "empty")
    with store.open(digest_of(b"")) as blob:
        assert blob.read(1) == b""


def test_writers_of_the_same_blob_all_succeed(store: ObjectStore, archive: Path, small_parts: None) -> None:
    outcomes: list[bool] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(store.put(DIGEST, archive, 6, len(DATA)))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 4
    with store.open(DIGEST) as blob:
        assert blob.read() == DATA
    assert begun(store) == 0


def test_what_is_read_here_and_there_is_asked_for_by_ranges(
    store: ObjectStore, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(DIGEST, archive, 6, len(DATA))
    plain = io.BytesIO(DATA)
    with store.open(DIGEST) as blob:
        fetch, fetched = blob._range, []  # type: ignore[attr-defined]

        def noted(start: int, length: int) -> bytes:
            fetched.append(length)
            data: bytes = fetch(start, length)
            return data

        monkeypatch.setattr(blob, "_range", noted)
        for offset, size in ((2_000_000, 100), (2_000_100, 300_000), (7, 9), (len(DATA) - 3, 50), (1_000, 0)):
            assert blob.seek(offset) == plain.seek(offset)
            assert blob.read(size) == plain.read(size)
        assert sum(fetched) < 1_400_000 < len(DATA)
        assert blob.seek(-5, io.SEEK_END) == plain.seek(-5, io.SEEK_END)
        assert blob.read(2) == plain.read(2)
        assert blob.tell() == plain.tell()
        store.delete(DIGEST)
        blob.seek(500_000)
        with pytest.raises(FileNotFoundError):
            blob.read(1)


def test_a_sweep_takes_uploads_that_died_and_nothing_else(store: ObjectStore, archive: Path) -> None:
    store.put(DIGEST, archive, 6, len(DATA))
    named = {"Bucket": store.bucket.name, "Key": store.key(digest_of(b"died"))}
    begun_id = client_of(store.bucket).create_multipart_upload(**named)["UploadId"]
    client_of(store.bucket).upload_part(**named, UploadId=begun_id, PartNumber=1, Body=b"12345")
    assert names(store) == [f"sha256/{DIGEST[7:9]}/{DIGEST[7:]}"]
    assert store.sweep(older_than=1e10) == 0  # by this server, all were begun in 2010
    assert store.sweep(older_than=3600) == 0, "a part has come just now: its writer is at work"
    assert begun(store) == 1
    assert store.sweep(older_than=-60) == 5
    assert begun(store) == 0
    assert store.has(DIGEST)


def test_the_parts_of_a_store_are_the_whole_store_and_strange_names_are_told(store: ObjectStore, archive: Path) -> None:
    store.put(DIGEST, archive, 6, len(DATA))
    number = int(DIGEST[7:9], 16)
    assert list(store.part(number, older_than=3600)) == []
    assert list(store.part(number, older_than=-60)) == [DIGEST]
    assert list(store.part((number + 1) % PARTS, older_than=-60)) == []
    client_of(store.bucket).put_object(
        Bucket=store.bucket.name, Key=f"{store.bucket.prefix}sha256/notes.txt", Body=b"me"
    )
    found = {item.name: (item.digest, item.size) for item in store.found()}
    assert found == {names(store)[0]: (DIGEST, len(DATA)), "sha256/notes.txt": (None, 2)}


def test_a_store_that_is_away_is_an_error_of_the_system() -> None:
    away = ObjectStore(Bucket("blobs", "", "http://127.0.0.1:9", "us-east-1", "key", "hush"))
    assert "hush" not in repr(away.bucket)
    with pytest.raises(OSError, match="can't be used") as caught:
        away.has(DIGEST)
    assert not isinstance(caught.value, FileNotFoundError)
