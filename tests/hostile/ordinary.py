"""What most hostile archives are made from: one that is as it should be."""

import random
from collections.abc import Callable
from functools import cache

from tests.archives import Members, docker_save, image, layer, oci_layout, tar

Make = Callable[[], bytes]
"""Makes the bytes of an archive."""

ORDINARY = image(
    [
        layer({"etc/motd": b"hello", "srv/data.bin": random.Random(1).randbytes(9_000)}, compression="gzip"),
        layer({"etc/motd": b"hello again", "srv/more": random.Random(2).randbytes(9_000)}, compression="gzip"),
    ],
    tags=["ordinary:1"],
)


@cache
def whole(form: str) -> bytes:
    """The ordinary archive as `docker` or `oci` has it."""
    return tar(docker_save(ORDINARY) if form == "docker" else oci_layout(ORDINARY))


def outer(change: Callable[[Members], Members]) -> Make:
    """The ordinary archive with its outer tar's members changed."""
    return lambda: tar(change(docker_save(ORDINARY)))
