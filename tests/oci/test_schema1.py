"""Manifests of Docker's old schema 1: what was signed, which blobs are layers, and the config that is made of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.oci.config import parse_config
from analyzer.oci.digest import digest_of
from analyzer.oci.history import align
from analyzer.oci.jsondoc import DocumentError
from analyzer.oci.schema1 import Schema1, config_of, parse_schema1, signed_payload
from tests.archives import dumps, image, layer
from tests.oldmanifests import EMPTY, payload, schema1, signed

LOWER, UPPER = (layer({name: name.encode()}, compression="gzip") for name in ("lower", "upper"))
APP = image([LOWER, UPPER], history=["ADD rootfs", "#ENV a=b", "COPY app", "#CMD [app]"])
DEPTH = 20


def parsed(raw: bytes) -> Schema1:
    return parse_schema1(json.loads(raw), DEPTH)


def test_the_digest_is_that_of_what_was_signed() -> None:
    raw = schema1(APP)
    pretty = signed(raw)
    assert signed_payload(pretty, json.loads(pretty), DEPTH) == raw
    assert signed_payload(raw, json.loads(raw), DEPTH) == raw


@pytest.mark.parametrize(
    "protected",
    [
        {"formatLength": 10**6},
        {"formatLength": -1},
        {"formatLength": "1"},
        {"formatLength": None},
        {"formatTail": "%%%"},
        {"formatTail": 7},
    ],
)
def test_a_signature_that_does_not_say_what_was_signed_is_refused(protected: dict[str, Any]) -> None:
    pretty = signed(schema1(APP), **protected)
    with pytest.raises(DocumentError, match=r"signature|formatLength|formatTail"):
        signed_payload(pretty, json.loads(pretty), DEPTH)
    two = json.loads(signed(schema1(APP)))
    two["signatures"].append(json.loads(signed(schema1(APP), formatLength=3))["signatures"][0])
    odd: tuple[Any, ...] = (two["signatures"], "none", [3], [{"protected": "e30"}], [{"protected": "\u00e9"}], [{}])
    for signatures in odd:
        with pytest.raises(DocumentError):
            signed_payload(dumps(two), {**two, "signatures": signatures}, DEPTH)


def test_layers_are_the_blobs_of_steps_that_are_not_thrown_away_from_the_bottom() -> None:
    found = parsed(schema1(APP))
    assert found.layers == (LOWER.digest, UPPER.digest)
    assert [step["created_by"] for step in found.history] == ["ADD rootfs", "ENV a=b", "COPY app", "CMD [app]"]
    assert str(found.platform) == "linux/amd64"
    config = parse_config(config_of(found, [LOWER.diff_id, UPPER.diff_id]), DEPTH)
    rows = align(config.history, 2)
    assert rows is not None
    assert [made for _, made in rows] == [0, None, 1, None]
    assert config.diff_ids == (LOWER.diff_id, UPPER.diff_id)
    assert config.document["config"]["Cmd"] == ["/bin/sh"]
    assert not {"id", "parent", "throwaway"} & config.document.keys()


def test_an_empty_blob_of_a_step_that_is_kept_is_a_layer_and_a_repeated_step_is_one() -> None:
    """Engines before 1.10 threw nothing away, and some pushed a step twice."""
    steps: list[tuple[str, Any]] = [(EMPTY, {"id": "b"}), (LOWER.digest, {"id": "a"}), (LOWER.digest, {"id": "a"})]
    found = parsed(payload(steps))
    assert found.layers == (LOWER.digest, EMPTY)
    assert len(found.history) == 2


@pytest.mark.parametrize(
    "raw",
    [
        payload([]),
        dumps({"fsLayers": [{"blobSum": EMPTY}], "history": []}),
        dumps({"fsLayers": [], "history": [{"v1Compatibility": "{}"}]}),
        dumps({"fsLayers": {}, "history": {}}),
        dumps({"fsLayers": [3], "history": [{"v1Compatibility": "{}"}]}),
        dumps({"fsLayers": [{"blobSum": EMPTY}], "history": [3]}),
        dumps({"fsLayers": [{"blobSum": EMPTY}], "history": [{"v1Compatibility": {}}]}),
        payload([("sha256:x", {})]),
        payload([("../../etc/passwd", {})]),
        payload([(EMPTY, "")]),
        payload([(EMPTY, "{")]),
        payload([(EMPTY, "[]")]),
        payload([(EMPTY, "{}"), (EMPTY, "nonsense")]),
        payload([(EMPTY, "[" * 100_000)]),
        payload([(EMPTY, '{"a":' * 30 + "1" + "}" * 30)]),
        payload([(EMPTY, '{"id": 5}')]),
        payload([(EMPTY, '{"throwaway": "yes"}')]),
        payload([(EMPTY, '{"container_config": []}')]),
        payload([(EMPTY, '{"container_config": {"Cmd": {}}}')]),
        payload([(EMPTY, '{"n": NaN}')]),
        payload([(EMPTY, '{"n": ' + "9" * 9_000 + "}")]),
    ],
)
def test_what_is_none_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(DocumentError):
        parsed(raw)


@pytest.mark.parametrize(
    "step",
    [
        "{}",
        '{"docker_version": ""}',
        '{"docker_version": "1.8.3", "\\ud800": "\\ud800\\u0000"}',
        '{"created": "never", "config": {"Labels": {"\\udfff": "\\ud800"}, "Cmd": "sh"}}',
        '{"Size": 1e5, "rootfs": 5, "history": 5}',
    ],
)
def test_what_is_odd_makes_a_config_that_can_be_read(step: str) -> None:
    config = parse_config(config_of(parsed(payload([(EMPTY, step)])), [LOWER.diff_id]), DEPTH)
    assert config.diff_ids == (LOWER.diff_id,)
    assert len(config.history) == 1


def test_of_an_engine_before_1_8_3_a_step_is_first_written_anew() -> None:
    """As Docker Engine 20.10 does it, which was asked."""
    step = {"id": "a", "os": "linux", "made_by": "nobody", "config": {"Volumes": {"/b": {}, "/a": {}}, "Odd": 1}}
    for version, odd in (("1.8.2", False), ("0.9", False), ("1.8.3", True), ("20.10.24+dfsg1", True)):
        document = json.loads(config_of(parsed(payload([(EMPTY, {**step, "docker_version": version})])), []))
        assert ("made_by" in document, "Odd" in document["config"]) == (odd, odd)
        assert ("container_config" in document) is not odd
        assert list(document["config"]["Volumes"]) == (["/b", "/a"] if odd else ["/a", "/b"])


def test_the_image_id_is_the_one_of_the_engine_that_pulled_it() -> None:
    """A manifest that skopeo wrote, and the image ID that Docker Engine 20.10.24 gave it."""
    raw = (Path(__file__).parent / "schema1.json").read_bytes()
    config = config_of(parsed(raw), ["sha256:2784d69f145b807c44ef5a9f54034a203cb30a699d9fd2423a774df5d0412a02"])
    assert digest_of(raw) == "sha256:18072dc8d18eb469cc0602f97f68f1cd92198329478041a4975116f49e511a14"
    assert digest_of(config) == "sha256:15693943fdfda7d372ed996394f0af0ff23ca14ecaeb4ced303519393d3d1606"
