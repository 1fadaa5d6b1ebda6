"""Archives that unfold to much more than they are."""

import gzip

from tests.archives import docker_save, image, tar
from tests.hostile.blobs import blob_archive, one_layer
from tests.hostile.ordinary import Make, whole


def _zeros(gigabytes: int) -> bytes:
    """That many GiB of zeros, in gzip: one member after the other."""
    return gzip.compress(bytes(1 << 24), mtime=0) * (gigabytes << 6)


def _empty_members(count: int) -> bytes:
    return gzip.compress(b"", mtime=0) * count


BOMBS: dict[str, Make] = {
    "a-layer-that-inflates-a-thousandfold": lambda: blob_archive(_zeros(2), name="bomb"),
    "an-archive-that-inflates-a-thousandfold": lambda: _zeros(2),
    "gzip-in-gzip-in-gzip": lambda: gzip.compress(gzip.compress(gzip.compress(whole("docker")))),
    "a-hundred-thousand-empty-gzip-members": lambda: blob_archive(_empty_members(100_000), name="members"),
    "eighty-thousand-implied-folders": lambda: one_layer(
        tar([(f"{n}/" + "/".join("abcdefgh"), b"") for n in range(10_000)]), "implied"
    ),
    "five-hundred-and-one-layers": lambda: tar(docker_save(image([{"a": b"1"}] * 501, tags=["many-layers:1"]))),
    "four-hundred-layers-of-one": lambda: tar(docker_save(image([{"a": b"1"}] * 400, tags=["layers:1"]))),
    "a-thousand-tags": lambda: tar(docker_save(image([{"a": b"1"}], tags=[f"tags:{n}" for n in range(1_000)]))),
}
