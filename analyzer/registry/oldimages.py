"""Images of Docker's old schema 1 on their way: what their manifests leave out is found by reading the blobs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.archive.ocilayout import SCHEMA1_AS
from analyzer.archive.scan import hash_layer
from analyzer.archive.source import BlobRef
from analyzer.oci.digest import digest_of
from analyzer.oci.schema1 import Schema1, config_of, manifest_of
from analyzer.registry.errors import Kind, RegistryError


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob whose layer whoever pulls has stored: its bytes were read once. `size` is the blob's."""

    diff_id: str
    size: int


@dataclass(slots=True)
class OldImages:
    """Those of one pull. `blobs` are the blobs that need not be read, and with `read` all that were."""

    blobs: dict[str, StoredBlob] = field(default_factory=dict)
    images: dict[str, Schema1] = field(default_factory=dict)  # by their manifest's digest

    def read(self, fetched: Collection[Path], limits: Limits, tick: Callable[[], None]) -> None:
        """Finds the diffIDs of blobs that were fetched. Raises RegistryError, LimitReached, OSError."""
        wanted = {digest for image in self.images.values() for digest in image.layers}
        for path in fetched:
            digest = f"sha256:{path.name}"
            if digest in wanted and digest not in self.blobs:
                size = path.stat().st_size
                found = hash_layer(BlobRef(path, 0, size), limits, lambda done: tick())
                if found.diff_id is None:
                    sentence = f"The blob {digest} of an image of schema 1 can't be read, and nothing else tells its"
                    raise RegistryError(Kind.MISMATCH, f"{sentence} diffID: {found.reason}")
                self.blobs[digest] = StoredBlob(found.diff_id, size)

    def documents(self) -> dict[str, bytes]:
        """The config and the manifest made for each, by digest, and `annotations` of the layout's index name them."""
        return {digest_of(raw): raw for made in self._made().values() for raw in made}

    def annotations(self) -> dict[str, str]:
        return {f"{SCHEMA1_AS}{digest}": digest_of(manifest) for digest, (_, manifest) in self._made().items()}

    def _made(self) -> dict[str, tuple[bytes, bytes]]:
        """Config and manifest, by the digest of the manifest of schema 1."""
        made = {}
        for digest, image in self.images.items():
            blobs = [self.blobs[layer] for layer in image.layers]
            config = config_of(image, [blob.diff_id for blob in blobs])
            made[digest] = config, manifest_of(image, config, digest_of(config), [blob.size for blob in blobs])
        return made
