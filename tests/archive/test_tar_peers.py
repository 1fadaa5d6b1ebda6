"""Odd tars of other projects, each as a layer: what expected.json states of them (its section `tar`)."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from analyzer.archive.budget import Limits
from analyzer.archive.scan import LayerScan, hash_layer, scan_layer
from analyzer.archive.source import BlobRef
from analyzer.filetree.entry import Members
from analyzer.oci.findings import Severity

FOLDER = Path(os.environ.get("PEER_ARCHIVES", "/nonexistent"))
EXPECTED: dict[str, Any] = {}
if (FOLDER / "expected.json").exists():
    EXPECTED = json.loads((FOLDER / "expected.json").read_text())["tar"]

pytestmark = pytest.mark.peers


def blob(name: str) -> BlobRef:
    path = FOLDER / "tar" / name
    return BlobRef(path, 0, path.stat().st_size)


@pytest.fixture
def layer(name: str) -> LayerScan:
    return scan_layer(blob(name), Limits())


def last_of_each(members: Members) -> dict[bytes, int]:
    """The size by path; a path that stands twice has its last."""
    return dict(zip(members.paths, members.sizes, strict=True))


@pytest.mark.parametrize("name", EXPECTED)
def test_status_entries_size_and_names_are_the_expected_ones(name: str, layer: LayerScan) -> None:
    expected = EXPECTED[name]
    assert layer.status in expected["status"]
    if layer.members is None:
        assert layer.reason.endswith(".")
        return
    sizes = last_of_each(layer.members)
    assert expected["entries"] in (None, layer.members.count)
    assert expected["size"] in (None, sum(sizes.values()))
    if "names" in expected:
        assert set(sizes) == {
            base64.b64decode(known["bytes"]) if isinstance(known, dict) else known.encode()
            for known in expected["names"]
        }


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_odd_is_reported_and_what_is_not_is_not(name: str, layer: LayerScan) -> None:
    reported = any(finding.severity is not Severity.INFO for finding in layer.findings) or layer.status != "ok"
    if layer.members and len(last_of_each(layer.members)) < len(layer.members.paths):
        reported = True  # by the listing
    assert EXPECTED[name]["finding"] in (None, reported)


@pytest.mark.parametrize("name", EXPECTED)
def test_hashing_alone_gives_the_same_digests(name: str, layer: LayerScan) -> None:
    hashed = hash_layer(blob(name), Limits())
    assert (hashed.blob_digest, hashed.blob_size, hashed.compression) == (
        layer.blob_digest,
        layer.blob_size,
        layer.compression,
    )
    if layer.status == "ok":
        assert (hashed.status, hashed.diff_id, hashed.tar_size) == ("ok", layer.diff_id, layer.tar_size)
