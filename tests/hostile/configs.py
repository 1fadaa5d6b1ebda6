"""Archives whose config says what it should not, or in types that it should not."""

import json
from typing import Any

from tests.archives import docker_save, image, tar
from tests.hostile.ordinary import ORDINARY, Make

_WRONG: dict[str, dict[str, Any]] = {
    "of-wrong-types": {
        "created": 7,
        "author": [],
        "os": {},
        "architecture": None,
        "config": [],
        "history": {"a": 1},
        "variant": 1.5,
    },
    "whose-history-is-no-list": {"history": "RUN x", "created": "yesterday"},
    "whose-steps-are-none": {"history": [None, 1, "x", [], {"created_by": 5, "empty_layer": "no", "created": []}]},
    "whose-settings-are-of-wrong-types": {"config": {"Env": {"a": 1}, "Cmd": 5, "Labels": ["x"], "ExposedPorts": "80"}},
    "with-lists-in-lists": {"config": {"Env": [["a"], None, 5], "Cmd": [{}], "Labels": {"a": {"b": 1}}, "User": []}},
    "of-times-out-of-range": {
        "created": "99999-13-45T99:99:99Z",
        "history": [{"created": "0000-00-00T00:00:00Z"}] * 2,
    },
    "of-numbers-without-measure": {
        "config": {"Labels": {"a": 10**400}, "StopTimeout": -(10**300), "Env": ["A=" + "9" * 9_000]}
    },
    "of-two-thousand-and-one-steps": {"history": [{"created_by": "RUN x", "empty_layer": True}] * 2_001},
    "whose-layers-are-no-digests": {"rootfs": {"type": "layers", "diff_ids": ["sha256:xyz", 5]}},
    "without-layers": {"rootfs": None, "history": None},
    "that-is-deep": {"config": {"Labels": {"a": json.loads(b"[" * 500 + b"]" * 500)}}},
}


def _config(name: str, changed: dict[str, Any]) -> Make:
    """The ordinary image with keys of its config changed."""
    return lambda: tar(docker_save(image(ORDINARY.layers, tags=[f"config-{name}:1"], config=changed)))


CONFIGS: dict[str, Make] = {f"config-{name}": _config(name, changed) for name, changed in _WRONG.items()}
