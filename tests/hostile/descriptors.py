"""OCI layouts whose descriptors say something else than what is there."""

import json
from typing import Any

from analyzer.oci.digest import digest_of
from tests.archives import content, dumps, oci_layout, tar
from tests.hostile.ordinary import ORDINARY, Make

_WRONG: dict[str, dict[str, Any]] = {
    "of-a-huge-size": {"size": (1 << 63) - 1},
    "of-a-negative-size": {"size": -1},
    "of-a-size-in-words": {"size": "many", "mediaType": None},
    "whose-digest-climbs-out": {"digest": "sha256:../../../../etc/passwd"},
    "with-urls-to-fetch": {
        "urls": ["http://169.254.169.254/latest/", "file:///etc/passwd"],
        "digest": "sha256:" + "a" * 64,
    },
}


def _descriptors(changed: dict[str, Any]) -> Make:
    """The ordinary layout, where the manifest's descriptors of layers say something else."""

    def made() -> bytes:
        members = oci_layout(ORDINARY)
        manifest = json.loads(ORDINARY.manifest)
        for descriptor in manifest["layers"]:
            descriptor.update(changed)
        raw = dumps(manifest)
        members["blobs/sha256/" + digest_of(raw)[7:]] = raw
        index = json.loads(content(members, "index.json"))
        index["manifests"][0] |= {"digest": digest_of(raw), "size": len(raw)}
        return tar(members | {"index.json": dumps(index)})

    return made


def _index_of_itself() -> bytes:
    members = oci_layout(ORDINARY)
    index: dict[str, Any] = json.loads(content(members, "index.json"))
    for _ in range(8):
        raw = dumps(index)
        members["blobs/sha256/" + digest_of(raw)[7:]] = raw
        kind = "application/vnd.oci.image.index.v1+json"
        index = {"schemaVersion": 2, "manifests": [{"mediaType": kind, "digest": digest_of(raw), "size": len(raw)}] * 9}
    return tar(members | {"index.json": dumps(index)})


DESCRIPTORS: dict[str, Make] = {
    **{f"descriptors-{name}": _descriptors(changed) for name, changed in _WRONG.items()},
    "indexes-of-nine-indexes-of-nine": _index_of_itself,
}
