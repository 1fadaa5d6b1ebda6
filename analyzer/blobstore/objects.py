"""Blobs as objects of a bucket: `sha256/ab/<hex>` below its prefix, in any store that speaks S3."""

import hashlib
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from analyzer.blobstore.bucket import Bucket, client_of, told_as_oserror
from analyzer.blobstore.objectreader import ObjectReader
from analyzer.blobstore.store import BlobMismatch, Found
from analyzer.oci.digest import InvalidDigest, parse_digest

PART = 8 << 20
MOST_PARTS = 10_000
AT_ONCE = 3
BLOBS = "sha256/"


class ObjectStore:
    """A BlobStore in a bucket.

    An object comes to be when its upload is completed, and that is asked for once all bytes have the digest; the store
    checks each part against the sha256 that is signed with it. What died in between is an upload that was never
    completed, which nobody sees. The bucket should keep no versions, since a deletion is to free the bytes.
    """

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket

    def key(self, digest: str) -> str:
        """Where the blob lies if it is stored. Raises InvalidDigest."""
        algorithm, _, hexadecimal = parse_digest(digest).partition(":")
        return f"{self.bucket.prefix}{algorithm}/{hexadecimal[:2]}/{hexadecimal}"

    def put(self, digest: str, path: Path, offset: int, length: int) -> bool:
        """See BlobStore."""
        key = self.key(digest)
        if self.length(key) == length:
            return False
        upload(self.bucket, key, path, offset, length, digest)
        return True

    def adopt(self, digest: str, path: Path) -> bool:
        """See BlobStore: always a copy."""
        return self.put(digest, path, 0, path.stat().st_size)

    def shares(self, digest: str, path: Path) -> bool:
        """See BlobStore: a file never is an object."""
        return False

    def open(self, digest: str) -> BinaryIO:
        """See BlobStore. Once it is deleted, what was not read yet raises FileNotFoundError."""
        return self.reader(self.key(digest), self.size(digest))

    def has(self, digest: str) -> bool:
        """See BlobStore."""
        return self.length(self.key(digest)) is not None

    def size(self, digest: str) -> int:
        """See BlobStore."""
        key = self.key(digest)
        with told_as_oserror(key):
            return int(self._client.head_object(Bucket=self.bucket.name, Key=key)["ContentLength"])

    def delete(self, digest: str) -> int:
        """See BlobStore."""
        key = self.key(digest)
        size = self.length(key)
        if size is None:
            return 0
        self.remove(key)
        return size

    def part(self, number: int, older_than: float) -> Iterator[str]:
        """See BlobStore."""
        oldest = time.time() - older_than
        for found in self._listed(f"{BLOBS}{number:02x}/"):
            if found.digest and found.written < oldest:
                yield found.digest

    def found(self) -> Iterator[Found]:
        """See BlobStore: what is below the prefix, apart from archives on their way (`handover`)."""
        return self._listed(BLOBS)

    def sweep(self, older_than: float) -> int:
        """See BlobStore: uploads of parts that were never completed, and got no part for so long."""
        freed, oldest = 0, time.time() - older_than
        with told_as_oserror(self.bucket.prefix):
            pages = self._client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self.bucket.name, Prefix=self.bucket.prefix):
                for begun in page.get("Uploads", ()):
                    if begun["Initiated"].timestamp() < oldest:
                        freed += self._abort(begun["Key"], begun["UploadId"], oldest)
        return freed

    def length(self, key: str) -> int | None:
        """Bytes of the object, None if there is none."""
        try:
            with told_as_oserror(key):
                return int(self._client.head_object(Bucket=self.bucket.name, Key=key)["ContentLength"])
        except FileNotFoundError:
            return None

    def reader(self, key: str, size: int) -> BinaryIO:
        """The object as a file that is read, whose bytes are asked for as they are needed."""
        return cast("BinaryIO", ObjectReader(self.bucket, key, size))

    def remove(self, key: str) -> None:
        """Deletes the object, if there is one."""
        with told_as_oserror(key):
            self._client.delete_object(Bucket=self.bucket.name, Key=key)

    def listed(self, prefix: str) -> Iterator[tuple[str, int, float]]:
        """Name below the store's prefix, bytes and time (seconds since 1970) of every object whose name begins so."""
        start = self.bucket.prefix + prefix
        with told_as_oserror(start):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket.name, Prefix=start):
                for item in page.get("Contents", ()):
                    name = item["Key"].removeprefix(self.bucket.prefix)
                    yield name, int(item["Size"]), item["LastModified"].timestamp()

    @property
    def _client(self) -> Any:
        return client_of(self.bucket)

    def _listed(self, prefix: str) -> Iterator[Found]:
        for name, size, written in self.listed(prefix):
            digest = f"sha256:{name.rpartition('/')[2]}"
            try:
                ours = self.key(digest) == self.bucket.prefix + name
            except InvalidDigest:
                ours = False
            yield Found(name, digest if ours else None, size, written, is_file=True)

    def _abort(self, key: str, upload_id: str, oldest: float) -> int:
        """Gives the upload up, unless a part has come since `oldest`: great ones take hours. Returns its bytes."""
        named = {"Bucket": self.bucket.name, "Key": key, "UploadId": upload_id}
        try:
            with told_as_oserror(key):
                size = 0
                for page in self._client.get_paginator("list_parts").paginate(**named):
                    for part in page.get("Parts", ()):
                        if part["LastModified"].timestamp() >= oldest:
                            return 0
                        size += int(part["Size"])
                self._client.abort_multipart_upload(**named)
        except FileNotFoundError:  # its writer, or another sweep, was quicker
            return 0
        return size


def upload(bucket: Bucket, key: str, path: Path, offset: int, length: int, digest: str | None = None) -> None:
    """Writes `length` bytes at `offset` of a file as an object; three parts at a time, in constant memory.

    Raises BlobMismatch when they are not those of `digest` or the file is shorter, OSError; nothing is there then.
    """
    with open(path, "rb") as source, told_as_oserror(key):
        source.seek(offset)
        hashed = hashlib.sha256()
        blocks = _blocks(source, length, hashed)
        named = {"Bucket": bucket.name, "Key": key}
        if length <= PART:
            data = b"".join(blocks)
            _check(hashed, digest, length, offset)
            client_of(bucket).put_object(**named, Body=data)
            return
        named["UploadId"] = client_of(bucket).create_multipart_upload(**named)["UploadId"]
        try:
            parts = _send(client_of(bucket), named, blocks)
            _check(hashed, digest, length, offset)
            client_of(bucket).complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
        except BaseException:
            with suppress(OSError), told_as_oserror(key):  # else a sweep does it
                client_of(bucket).abort_multipart_upload(**named)
            raise


def _blocks(source: BinaryIO, length: int, hashed: Any) -> Iterator[bytes]:
    size, left = max(PART, -(-length // MOST_PARTS)), length
    while left:
        block = source.read(min(size, left))
        if len(block) < min(size, left):
            raise BlobMismatch(f"the file ends {left - len(block)} bytes early")
        hashed.update(block)
        left -= len(block)
        yield block


def _send(client: Any, named: dict[str, str], blocks: Iterator[bytes]) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = []
    waiting: deque[tuple[int, Future[Any]]] = deque()

    def take() -> None:
        number, future = waiting.popleft()
        done.append({"PartNumber": number, "ETag": future.result()["ETag"]})

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number, block in enumerate(blocks, 1):
            if len(waiting) == AT_ONCE:
                take()
            waiting.append((number, pool.submit(client.upload_part, **named, PartNumber=number, Body=block)))
        while waiting:
            take()
    return done


def _check(hashed: Any, digest: str | None, length: int, offset: int) -> None:
    found = f"sha256:{hashed.hexdigest()}"
    if digest is not None and found != digest:
        raise BlobMismatch(f"{length} bytes at {offset} are {found}, not {digest}")
