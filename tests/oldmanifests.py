"""Manifests of Docker's old schema 1, as its engines pushed them until 2015."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from tests.archives import Image, dumps

SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
EMPTY = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"
"""The blob beside a step that made no layer: an empty tar, compressed as Docker did."""


def schema1(app: Image, **more: Any) -> bytes:
    """The payload: fsLayers and history, newest first. `more` goes into the newest step."""
    config = json.loads(app.config)
    blobs = iter([layer.digest for layer in app.layers])
    steps: list[tuple[str, dict[str, Any]]] = []
    for number, step in enumerate(config["history"]):
        empty = step.get("empty_layer", False)
        document = {
            "id": f"{number + 1:064x}",
            **({"parent": f"{number:064x}"} if number else {}),
            "created": step["created"],
            "container_config": {"Cmd": [step["created_by"]]},
            **({"throwaway": True} if empty else {}),
        }
        steps.insert(0, (EMPTY if empty else next(blobs), document))
    kept = {name: value for name, value in config.items() if name not in ("rootfs", "history")}
    steps[0][1].update({**kept, "docker_version": "1.9.1", **more})
    return payload(steps, architecture=config["architecture"])


def payload(steps: Sequence[tuple[str, Any]], **more: Any) -> bytes:
    """Blobs and steps, newest first; a step is an object, or the text that stands for one."""
    document = {
        "schemaVersion": 1,
        "name": "app",
        "tag": "1",
        **more,
        "fsLayers": [{"blobSum": digest} for digest, _ in steps],
        "history": [{"v1Compatibility": step if isinstance(step, str) else dumps(step).decode()} for _, step in steps],
    }
    return json.dumps(document, indent=3).encode()


def signed(payload: bytes, **protected: Any) -> bytes:
    """With a pretty JSON web signature that nobody made, as libtrust writes one."""
    body = payload.rstrip()[:-1].rstrip()
    tail = payload[len(body) :]
    told = {"formatLength": len(body), "formatTail": _base64(tail), "time": "2015-10-01T00:00:00Z", **protected}
    signature = {"header": {"alg": "ES256"}, "signature": "none", "protected": _base64(dumps(told))}
    return body + b',\n   "signatures": [' + dumps(signature) + b"]\n}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
