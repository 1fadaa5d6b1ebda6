"""Blobs on their way from a registry: each goes on where the last attempt stopped, and counts once it is verified."""

import hashlib
import os
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from analyzer.oci.manifest import Descriptor
from analyzer.registry.answers import Transient
from analyzer.registry.blobfolder import BlobFolder
from analyzer.registry.client import RegistryClient
from analyzer.registry.errors import Kind, RegistryError

GAIN = 1 << 20
"""Bytes that an attempt brought, for which the attempts are counted anew."""

READ_BLOCK = 1 << 20
Report = Callable[[int], None]
"""Gets how many bytes of the blob are here."""

_WEATHER = (Kind.FAILED, Kind.TIMEOUT, Kind.UNREACHABLE)


def fetch(client: RegistryClient, repository: str, blob: Descriptor, folder: BlobFolder, report: Report) -> Path:
    """The whole blob's file. Raises RegistryError, OSError where the disk is full; what has come stays."""
    whole = folder.whole(blob.digest)
    if not whole.exists():
        with folder.growing(blob.digest, client.session.tick) as part:
            if part is not None:
                _Fetch(client, repository, blob, folder, part, report).run()
    report(whole.stat().st_size)
    return whole


class _Fetch:
    def __init__(
        self,
        client: RegistryClient,
        repository: str,
        blob: Descriptor,
        folder: BlobFolder,
        part: FileIO,
        report: Report,
    ) -> None:
        self._client = client
        self._repository = repository
        self._blob = blob
        self._folder = folder
        self._part = part
        self._report = report
        self._spoiled = 0
        self._sha256 = hashlib.sha256()
        self._size = 0
        self._name = f"The blob {blob.digest} of {client.context.registry}/{repository}"

    def run(self) -> None:
        self._take_up()
        while True:
            before = self._size
            try:
                self._client.session.patiently(self._once)
                return
            except RegistryError as error:
                if error.kind not in _WEATHER or self._size - before < GAIN:
                    raise

    def _take_up(self) -> None:
        """Hashes what an earlier attempt has left."""
        self._part.seek(0)
        while block := self._part.read(READ_BLOCK):
            self._client.session.tick()
            self._sha256.update(block)
            self._size += len(block)

    def _discard(self) -> None:
        self._part.truncate(0)
        self._sha256 = hashlib.sha256()
        self._size = 0

    def _once(self) -> None:
        declared = self._blob.size
        if declared is not None and self._size > declared:
            self._discard()
        if declared is None or self._size < declared:
            self._append()
        if declared is not None and self._size < declared:
            sentence = f"{self._name} ends after {self._size:,} of the {declared:,} bytes that its manifest declares."
            raise Transient(RegistryError(Kind.MISMATCH, sentence))
        self._finish()

    def _append(self) -> None:
        try:
            with self._client.blob(self._repository, self._blob.digest, self._size) as stream:
                if stream.start != self._size:
                    self._discard()
                for block in stream.blocks:
                    self._take(block)
        except RegistryError as error:
            if error.kind is Kind.MISMATCH and self._size and self._size != self._blob.size:
                held = self._size  # there is nothing beyond: what is here is all
                self._discard()
                declared = "" if self._blob.size is None else f" of the {self._blob.size:,} that its manifest declares"
                raise RegistryError(Kind.MISMATCH, f"{self._name} has {held:,} bytes{declared}.") from None
            raise

    def _take(self, block: bytes) -> None:
        end = self._size + len(block)
        if self._blob.size is not None and end > self._blob.size:
            self._discard()
            sentence = f"{self._name} has more than the {self._blob.size:,} bytes that its manifest declares."
            raise RegistryError(Kind.MISMATCH, sentence)
        self._client.context.limits.check("max_archive_bytes", end, self._name)
        self._folder.room.need(len(block))
        view = memoryview(block)
        while view:
            view = view[self._part.write(view) :]
        self._sha256.update(block)
        self._size = end
        self._report(end)

    def _finish(self) -> None:
        found = f"sha256:{self._sha256.hexdigest()}"
        if found != self._blob.digest:
            self._discard()
            self._spoiled += 1
            sentence = f"{self._name} has other bytes than its digest says: they are {found}."
            error = RegistryError(Kind.MISMATCH, sentence)
            raise Transient(error) if self._spoiled < 2 else error
        os.fsync(self._part.fileno())
        whole = self._folder.whole(self._blob.digest)
        os.replace(whole.with_suffix(".part"), whole)


def fetch_small(client: RegistryClient, repository: str, blob: Descriptor) -> bytes:
    """The bytes of a blob that is a document, such as a config. Raises RegistryError."""
    name = f"The blob {blob.digest} of {client.context.registry}/{repository}"
    most = client.context.limits.max_json_bytes
    if (blob.size or 0) > most:
        raise RegistryError(Kind.TOO_LARGE, f"{name} is over the limit MAX_JSON_BYTES={most}.")

    def ask() -> bytes:
        data = bytearray()
        with client.blob(repository, blob.digest) as stream:
            for block in stream.blocks:
                data += block
                if len(data) > most:
                    raise RegistryError(Kind.TOO_LARGE, f"{name} is over the limit MAX_JSON_BYTES={most}.")
        if blob.size is not None and len(data) != blob.size:
            sentence = f"{name} has {len(data):,} bytes, and its manifest declares {blob.size:,}."
            raise Transient(RegistryError(Kind.MISMATCH, sentence))
        found = f"sha256:{hashlib.sha256(data).hexdigest()}"
        if found != blob.digest:
            sentence = f"{name} has other bytes than its digest says: they are {found}."
            raise Transient(RegistryError(Kind.MISMATCH, sentence))
        return bytes(data)

    return client.session.patiently(ask)
