"""What a host that has some images would still transfer for another one: the marginal cost, by blob digest.

A registry serves compressed blobs, and a host skips those whose digest it has. Where no compressed blob of a layer is
known, nobody here can say what a pull transfers: the plain tar stands in, which is about the most it can be, and the
figure is marked as estimated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Carrier:
    """Bytes that carry a layer; `size` is their number. The plain tar's digest is the diffID."""

    digest: str
    size: int
    compressed: bool


@dataclass(frozen=True)
class CarriedLayer:
    """A layer of an image and the blobs in which archives of this image brought it; none: its bytes never came."""

    diff_id: str
    carriers: tuple[Carrier, ...] = ()

    @cached_property
    def compressed(self) -> tuple[Carrier, ...]:
        return tuple(carrier for carrier in self.carriers if carrier.compressed)

    @cached_property
    def pulled(self) -> Carrier | None:
        """What a pull transfers for it: the smallest compressed blob, else the plain tar; None is not known."""
        known = self.compressed or self.carriers
        return min(known, key=lambda carrier: (carrier.size, carrier.digest)) if known else None


@dataclass(frozen=True, slots=True)
class PulledBlob:
    """A blob of the image that is pulled; `size` in bytes, None where it is not known."""

    diff_id: str
    digest: str
    size: int | None
    estimated: bool  # no compressed blob is known
    there: bool  # the host has it already


@dataclass(frozen=True)
class Transfer:
    """The blobs of the image, each once, bottom first."""

    blobs: tuple[PulledBlob, ...]

    @cached_property
    def missing(self) -> tuple[PulledBlob, ...]:
        """The blobs that the host does not have."""
        return tuple(blob for blob in self.blobs if not blob.there)

    @property
    def transfer(self) -> int:
        """Bytes that would be pulled, of the blobs whose size is known."""
        return sum(blob.size or 0 for blob in self.missing)

    @property
    def already(self) -> int:
        """Bytes that the host has, of the blobs whose size is known."""
        return sum(blob.size or 0 for blob in self.blobs if blob.there)

    @property
    def estimated(self) -> bool:
        """Whether a blob that would be pulled is known as a plain tar only."""
        return any(blob.estimated for blob in self.missing)

    @property
    def unknown(self) -> int:
        """Blobs that would be pulled and whose size is not known."""
        return sum(1 for blob in self.missing if blob.size is None)


class Host:
    """What a host has: the blobs of its images."""

    def __init__(self, images: Iterable[Sequence[CarriedLayer]]) -> None:
        self._digests: set[str] = set()
        self._layers: set[str] = set()
        self._compressed: set[str] = set()  # layers of which it has a compressed blob that is known
        for layer in (layer for image in images for layer in image):
            self._layers.add(layer.diff_id)
            self._digests.update(carrier.digest for carrier in layer.carriers)
            if layer.compressed:
                self._compressed.add(layer.diff_id)

    def has(self, layer: CarriedLayer) -> bool:
        """Whether it would skip the layer.

        By blob digest. Where one side is known as a plain tar only, by diffID: both came from the same registry,
        as far as anybody knows. Only two compressed blobs that are known to differ are transferred again.
        """
        if layer.diff_id not in self._layers:
            return False
        if layer.compressed and layer.diff_id in self._compressed:
            return any(carrier.digest in self._digests for carrier in layer.compressed)
        return True

    def pull(self, image: Sequence[CarriedLayer]) -> Transfer:
        """What pulling the image, its layers bottom first, would transfer."""
        blobs: dict[str, PulledBlob] = {}
        for layer in image:
            pulled = layer.pulled
            digest = pulled.digest if pulled else layer.diff_id
            blobs.setdefault(
                digest,
                PulledBlob(
                    diff_id=layer.diff_id,
                    digest=digest,
                    size=pulled.size if pulled else None,
                    estimated=pulled is None or not pulled.compressed,
                    there=self.has(layer),
                ),
            )
        return Transfer(tuple(blobs.values()))
