"""Layers, images and their documents, built in code."""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import zstandard

from analyzer.oci.digest import digest_of
from tests.tars import Description, Entry, tar

Members = dict[str, bytes | Entry]
"""The members of an outer tar: name → file bytes, or another kind of entry."""

CREATED = "2024-05-06T07:08:09.123456789Z"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
IN_TOTO = "application/vnd.in-toto+json"
SUFFIX = {"none": "", "gzip": "+gzip", "zstd": "+zstd"}


def compress(data: bytes, compression: str) -> bytes:
    """`data` carried as "none", "gzip" or "zstd"; the same bytes each time."""
    if compression == "gzip":
        return gzip.compress(data, 6, mtime=0)
    if compression == "zstd":
        return zstandard.compress(data)
    return data


@dataclass(frozen=True)
class Layer:
    """A layer's plain tar, and how it is carried where the form allows a choice."""

    tar: bytes
    compression: str = "none"
    media_type: str | None = None  # another one than the compression asks for

    @cached_property
    def blob(self) -> bytes:
        return compress(self.tar, self.compression)

    @cached_property
    def diff_id(self) -> str:
        return digest_of(self.tar)

    @cached_property
    def digest(self) -> str:
        return digest_of(self.blob)


def layer(entries: Description = (), *, compression: str = "none", media_type: str | None = None) -> Layer:
    """A layer of the described entries: {path: bytes | File | Dir | Symlink | Hardlink | Whiteout | Opaque …}."""
    return Layer(tar(entries), compression, media_type)


@dataclass(frozen=True)
class Image:
    layers: tuple[Layer, ...]  # bottom first
    config: bytes  # raw JSON
    tags: tuple[str, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)  # of the manifest

    @cached_property
    def id(self) -> str:
        return digest_of(self.config)

    @cached_property
    def platform(self) -> dict[str, str]:
        document = json.loads(self.config)
        return {key: document[key] for key in ("architecture", "os", "variant") if key in document}

    @cached_property
    def manifest(self) -> bytes:
        """The OCI manifest, with the blobs as they are carried."""
        return dumps(
            {
                "schemaVersion": 2,
                "mediaType": OCI_MANIFEST,
                "config": descriptor(self.config, OCI_CONFIG),
                "layers": [
                    descriptor(each.blob, each.media_type or OCI_LAYER + SUFFIX[each.compression])
                    for each in self.layers
                ],
                **({"annotations": dict(self.annotations)} if self.annotations else {}),
            }
        )


def image(
    layers: Iterable[Layer | Description],
    *,
    tags: Iterable[str] = (),
    history: Sequence[str | Mapping[str, Any]] | None = None,
    platform: str = "linux/amd64",
    config: Mapping[str, Any] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Image:
    """An image of `layers`, bottom first.

    `history`: a text is a step that made a layer, a text that begins with "#" one that made none; a
    mapping is taken as it is; None: a step for each layer. `config` overrides keys of the config's
    document, where None takes a key out.
    """
    stack = tuple(each if isinstance(each, Layer) else layer(each) for each in layers)
    os, architecture, variant = [*platform.split("/"), "", ""][:3]
    steps = [f"COPY layer{index} /" for index in range(len(stack))] if history is None else history
    document: dict[str, Any] = {
        "created": CREATED,
        "architecture": architecture,
        "os": os,
        **({"variant": variant} if variant else {}),
        "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": [each.diff_id for each in stack]},
        "history": [_step(step) for step in steps],
    } | dict(config or {})
    raw = dumps({key: value for key, value in document.items() if value is not None})
    return Image(stack, raw, tuple(tags), annotations or {})


def _step(step: str | Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(step, str):
        return dict(step)
    empty = {"empty_layer": True} if step.startswith("#") else {}
    return {"created": CREATED, "created_by": step.lstrip("#"), **empty}


def dumps(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def descriptor(data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    """An OCI descriptor of `data`."""
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}


def put(members: Members, data: bytes) -> str:
    """Adds `data` as a blob of an OCI layout; returns its member name."""
    name = "blobs/sha256/" + digest_of(data).removeprefix("sha256:")
    members[name] = data
    return name


def content(members: Members, name: str) -> bytes:
    """The bytes of the member `name`. Raises TypeError if it is no plain file."""
    entry = members[name]
    if not isinstance(entry, bytes):
        raise TypeError(f"{name} is no plain file")
    return entry
