"""OCI image layouts, and the archives that carry both index.json and manifest.json."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from analyzer.oci.digest import digest_of
from tests.images import (
    IN_TOTO,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_MANIFEST,
    Image,
    Layer,
    Members,
    content,
    descriptor,
    dumps,
    put,
)
from tests.tars import Dir


def oci_layout(*images: Image, nested: bool = False, absent: Iterable[str] = (), signed: bool = False) -> Members:
    """An OCI image layout.

    A tag becomes the annotation `org.opencontainers.image.ref.name`. `nested`: all images lie in one
    inner index, under the first one's tags, which also names the `absent` platforms; `signed` adds a
    BuildKit attestation of each image.
    """
    members: Members = {"oci-layout": dumps({"imageLayoutVersion": "1.0.0"}), "blobs/": Dir(), "blobs/sha256/": Dir()}
    entries: list[dict[str, Any]] = []
    for each in images:
        for data in (each.config, *(part.blob for part in each.layers), each.manifest):
            put(members, data)
        own = descriptor(each.manifest, OCI_MANIFEST, platform=each.platform)
        entries += [own] if nested else _tagged(own, each.tags)
        if signed:
            entries.append(attestation(members, digest_of(each.manifest)))
    if nested:
        for platform in absent:
            os, architecture = platform.split("/")[:2]
            gone = descriptor(platform.encode(), OCI_MANIFEST, platform={"os": os, "architecture": architecture})
            entries.append(gone)
        inner = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
        put(members, inner)
        entries = _tagged(descriptor(inner, OCI_INDEX), images[0].tags)
    members["index.json"] = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
    return members


def _tagged(own: dict[str, Any], tags: Sequence[str]) -> list[dict[str, Any]]:
    names = [{"org.opencontainers.image.ref.name": tag} for tag in tags]
    return [{**own, "annotations": name} for name in names] or [own]


def attestation(members: Members, subject: str) -> dict[str, Any]:
    """Adds a BuildKit attestation of the manifest `subject`; returns its descriptor for an index."""
    statement = dumps({"_type": "https://in-toto.io/Statement/v0.1", "subject": [{"digest": subject}]})
    config = dumps({"architecture": "unknown", "os": "unknown", "rootfs": {"type": "layers", "diff_ids": [subject]}})
    manifest = dumps(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor(config, OCI_CONFIG),
            "layers": [descriptor(statement, IN_TOTO)],
        }
    )
    for data in (statement, config, manifest):
        put(members, data)
    return descriptor(
        manifest,
        OCI_MANIFEST,
        annotations={
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": subject,
        },
        platform={"architecture": "unknown", "os": "unknown"},
    )


def docker25_save(*images: Image) -> Members:
    """`docker save` of Docker 25 with a graph driver: plain blobs, manifest.json and index.json."""
    plain = [Image(tuple(Layer(part.tar) for part in each.layers), each.config, each.tags) for each in images]
    members = oci_layout(*plain)
    entries = []
    for each in plain:
        own = descriptor(each.manifest, OCI_MANIFEST, platform=each.platform)
        names = [
            {"io.containerd.image.name": _full(tag), "org.opencontainers.image.ref.name": tag.rpartition(":")[2]}
            for tag in each.tags
        ]
        entries += [{**own, "annotations": name} for name in names] or [own]
    members["index.json"] = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
    return _with_manifest_json(members, plain)


def containerd_save(*images: Image, absent: Iterable[str] = (), signed: bool = False) -> Members:
    """`docker save` of the containerd store: gzip blobs, a nested index with absent platforms, manifest.json."""
    carried = [Image(tuple(Layer(part.tar, "gzip") for part in each.layers), each.config, each.tags) for each in images]
    members = oci_layout(*carried, nested=True, absent=absent, signed=signed)
    index = json.loads(content(members, "index.json"))
    for entry in index["manifests"]:
        tag = entry.get("annotations", {}).get("org.opencontainers.image.ref.name")
        if tag:
            entry["annotations"] = {
                "io.containerd.image.name": _full(tag),
                "org.opencontainers.image.ref.name": tag.rpartition(":")[2],
            }
    members["index.json"] = dumps(index)
    return _with_manifest_json(members, carried[:1])


def _full(tag: str) -> str:
    return tag if "." in tag.partition("/")[0] else f"docker.io/{tag}" if "/" in tag else f"docker.io/library/{tag}"


def _with_manifest_json(members: Members, images: Sequence[Image]) -> Members:
    members["manifest.json"] = dumps(
        [
            {
                "Config": "blobs/sha256/" + each.id[7:],
                "RepoTags": list(each.tags) or None,
                "Layers": ["blobs/sha256/" + part.digest[7:] for part in each.layers],
            }
            for each in images
        ]
    )
    return members
