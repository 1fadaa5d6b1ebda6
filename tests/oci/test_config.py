import json
from typing import Any

import pytest

from analyzer.oci.config import Platform, parse_config
from analyzer.oci.jsondoc import DocumentError, NestedTooDeep

DIFF_ID = "sha256:" + "a" * 64


def raw(**keys: Any) -> bytes:
    return json.dumps({"rootfs": {"type": "layers", "diff_ids": [DIFF_ID]}, **keys}).encode()


def test_a_config_is_read() -> None:
    config = parse_config(
        raw(
            os="linux",
            architecture="arm64",
            variant="v8",
            created="2024-01-01T02:00:00+02:00",
            history=[{"created_by": "ADD"}],
            config={"Env": ["A=b"], "Cmd": "sh", "Labels": {"a": "b"}, "Volumes": {"/data": {}}},
        ),
        64,
    )
    assert config.platform == Platform("linux", "arm64", "v8")
    assert config.created == "2024-01-01T00:00:00Z"
    assert config.diff_ids == (DIFF_ID,)
    assert [step.created_by for step in config.history] == ["ADD"]
    assert config.document["config"]["Env"] == ["A=b"]


def test_what_the_engine_writes_as_null_is_as_if_it_were_absent() -> None:
    config = parse_config(b'{"rootfs": null, "history": null, "os": null, "config": {"Labels": null}}', 64)
    assert config.document == {"rootfs": {}, "config": {}}
    assert config.diff_ids == ()
    assert config.history == ()
    assert config.platform == Platform(None, None, None)


def test_an_empty_platform_is_unknown() -> None:
    assert parse_config(raw(os="", architecture="", variant=""), 64).platform == Platform(None, None, None)


@pytest.mark.parametrize(
    "keys",
    [
        {"rootfs": []},
        {"rootfs": {"diff_ids": "x"}},
        {"rootfs": {"diff_ids": ["md5:1"]}},
        {"rootfs": {"diff_ids": [None]}},
        {"os": 1},
        {"author": []},
        {"history": {}},
        {"config": []},
        {"config": {"Env": "A=b"}},
        {"config": {"Cmd": [1]}},
        {"config": {"Labels": {"a": 1}}},
        {"config": {"Volumes": ["/data"]}},
        {"config": {"User": 0}},
    ],
)
def test_a_wrong_type_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        parse_config(raw(**keys), 64)


@pytest.mark.parametrize("text", [b"null", b"[]", b'"x"', b"7", b""])
def test_what_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(DocumentError):
        parse_config(text, 64)


def test_depth_is_limited() -> None:
    with pytest.raises(NestedTooDeep):
        parse_config(raw(config={"x": [[[[]]]]}), 4)


def test_a_platform_takes_what_it_lacks_from_another() -> None:
    platform = Platform("linux", None, None)
    assert platform.filled_from(Platform("windows", "amd64", "v2")) == Platform("linux", "amd64", "v2")
    assert platform.filled_from(None) is platform
    assert str(Platform("linux", "arm", "v7")) == "linux/arm/v7"
    assert str(Platform(None, None, None)) == "unknown"
