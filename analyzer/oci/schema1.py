"""Docker's image manifest of version 2, schema 1 (distribution's manifest-v2-1.md), read only.

It names blobs and a step of history for each, newest first, and no config. An engine made one when it pulled such an
image, and so does `config_of`, byte for byte as Docker Engine 1.10 and later do: the image ID is the sha256 of that.
The signature is not checked: it says who pushed, by a key that the manifest itself brings.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.oci import gojson
from analyzer.oci.config import Platform, parse_platform
from analyzer.oci.digest import InvalidDigest, parse_digest
from analyzer.oci.jsondoc import DocumentError, as_count, as_flag, as_list, as_object, as_text, as_texts, parse
from analyzer.oci.v1image import is_older, rewritten

LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"

_DROPPED = ("id", "parent", "Size", "parent_id", "layer_id", "throwaway")
"""What told of the image as one of a chain of images; Docker's `MakeConfigFromV1Config` leaves it out."""


@dataclass(frozen=True, slots=True)
class Schema1:
    layers: tuple[str, ...]  # digests of blobs, bottom first; the empty steps have none
    history: tuple[dict[str, Any], ...]  # bottom first, as a config has it
    platform: Platform
    newest: str  # the newest step, a JSON object as text
    step: dict[str, Any]  # the same, parsed


def signed_payload(raw: bytes, document: dict[str, Any], max_depth: int) -> bytes:
    """The bytes that were signed, whose sha256 is the manifest's digest: `raw` where there is no signature.

    A pretty JSON web signature tells how many bytes of `raw` they are, and how they end. Raises DocumentError.
    """
    ends = set()
    for signature in as_list(document.get("signatures"), "signatures"):
        text = as_text(as_object(signature, "a signature").get("protected"), "protected")
        try:
            protected = as_object(parse(_decoded(text), max_depth), "protected")
            tail = _decoded(as_text(protected.get("formatTail"), "formatTail"))
        except (binascii.Error, ValueError) as error:
            raise DocumentError(f"its signature can't be read ({error})") from None
        ends.add((as_count(protected.get("formatLength"), "formatLength"), tail))
    if not ends:
        return raw
    length, tail = ends.pop()
    if ends or length is None or length > len(raw):
        raise DocumentError("its signatures do not say what was signed")
    return raw[:length] + tail


def parse_schema1(document: dict[str, Any], max_depth: int) -> Schema1:
    """Layers and history of a manifest's payload. Raises DocumentError; NestedTooDeep past `max_depth`.

    A step that says `throwaway` made no layer, whatever blob stands beside it (mostly one of sha256:a3ed95ca…, an
    empty tar). An empty blob of a step that does not say so is a layer, as it is to an engine. A step that has the ID
    of the one before it is the same one again.
    """
    blobs = as_list(document.get("fsLayers"), "fsLayers")
    texts = [_compatibility(step) for step in as_list(document.get("history"), "history")]
    if len(blobs) != len(texts) or not blobs:
        raise DocumentError(f"it has {len(blobs):,} fsLayers and {len(texts):,} steps of history")
    layers, history = [], []
    before = ""
    for blob, text in zip(reversed(blobs), reversed(texts), strict=True):
        step = as_object(parse(text.encode(), max_depth), "v1Compatibility")
        name = as_text(step.get("id"), "id")
        if name and name == before:
            continue
        before = name
        history.append(_step(step))
        if not as_flag(step.get("throwaway"), "throwaway"):
            layers.append(_blob(blob))
    newest = as_object(parse(texts[0].encode(), max_depth), "v1Compatibility")
    said = parse_platform(newest)
    platform = said.filled_from(Platform(None, as_text(document.get("architecture"), "architecture") or None, None))
    return Schema1(tuple(layers), tuple(history), platform, texts[0], newest)


def config_of(image: Schema1, diff_ids: Sequence[str]) -> bytes:
    """The config that an engine makes of such an image whose layers have these diffIDs, bottom first.

    Docker's rule (`MakeConfigFromV1Config`): the newest step without what only a chain of images needs, with `rootfs`
    and `history`, keys sorted, values as they stood. A step of an engine before 1.8.3, or of no engine, is first
    written anew by that engine's own list of fields.
    """
    parts = gojson.members(image.newest)
    if is_older(image.step):
        parts = gojson.members(rewritten(image.step))
    for name in _DROPPED:
        parts.pop(name, None)
    parts["rootfs"] = gojson.text({"type": "layers", **({"diff_ids": list(diff_ids)} if diff_ids else {})})
    parts["history"] = gojson.text(list(image.history))
    return gojson.object_of(parts).encode()


def manifest_of(image: Schema1, config: bytes, digest: str, sizes: Sequence[int]) -> bytes:
    """The image as a manifest of schema 2; `digest` is that of `config`, `sizes` are those of the layers' blobs."""
    layers = [
        {"mediaType": LAYER_TYPE, "digest": layer, "size": size}
        for layer, size in zip(image.layers, sizes, strict=True)
    ]
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {"mediaType": CONFIG_TYPE, "digest": digest, "size": len(config)},
        "layers": layers,
    }
    return json.dumps(document).encode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _compatibility(step: Any) -> str:
    return as_text(as_object(step, "an item of history").get("v1Compatibility"), "v1Compatibility")


def _blob(value: Any) -> str:
    try:
        return parse_digest(as_object(value, "an item of fsLayers").get("blobSum"))
    except InvalidDigest as error:
        raise DocumentError(f"a blobSum is {error}") from None


def _step(document: dict[str, Any]) -> dict[str, Any]:
    """A step of a config's history, in the order of Docker's fields; empty ones are left out."""
    command = as_object(document.get("container_config"), "container_config").get("Cmd")
    words = [command] if isinstance(command, str) else as_texts(command, "container_config.Cmd")
    told = {
        "created": gojson.moment(document.get("created")),
        "author": as_text(document.get("author"), "author"),
        "created_by": " ".join(words),
        "comment": as_text(document.get("comment"), "comment"),
        "empty_layer": as_flag(document.get("throwaway"), "throwaway"),
    }
    return {name: value for name, value in told.items() if value}
