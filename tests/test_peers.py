"""Archives from other projects' test suites must yield what their README says: PEER_ARCHIVES=folder."""

import base64
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests import archives
from tests.commands import run
from tests.truth import documents, name_of

FOLDER = Path(os.environ.get("PEER_ARCHIVES", "/nonexistent"))
EXPECTED: dict[str, Any] = (
    json.loads((FOLDER / "expected.json").read_bytes()) if FOLDER.is_dir() else {"archives": {}, "tar": {}}
)

pytestmark = [pytest.mark.peers, pytest.mark.django_db, pytest.mark.once]


def odd(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in document["findings"] if finding["severity"] != "info"]


def same(wanted: dict[str, Any], found: dict[str, Any]) -> None:
    """Every field that is not null is equal; a list of texts names what is allowed."""
    for name, value in wanted.items():
        if value is None:
            continue
        if name == "user_wasted_share":
            assert found["user_wasted_percent"] == pytest.approx(100 * value, abs=1e-9)
        elif name == "status":
            assert found[name] in value
        elif isinstance(value, dict):
            same(value, found[name])
        elif isinstance(value, float):
            assert found[name] == pytest.approx(value, abs=1e-9)
        else:
            assert found[name] == value, name


@pytest.mark.parametrize("name", EXPECTED["archives"])
def test_an_archive_yields_what_it_must(name: str) -> None:
    wanted = EXPECTED["archives"][name]
    status, text = run("analyze", str(FOLDER / name), "--json")
    assert status in wanted["exit"]
    if wanted["images"] is None:
        return
    if not wanted["images"]:
        assert status == 2
        return
    document = json.loads(text)
    found = {image["image_id"]: image for image in document["images"]}
    assert found.keys() == {image["image_id"] for image in wanted["images"]}
    for image in wanted["images"]:
        compare_image(image, found[image["image_id"]])
    if "attestations" in wanted:
        assert document["attestations"] == wanted["attestations"]
    if wanted.get("findings"):
        assert odd(document)
    if "max_severity" in wanted:
        assert all(finding["severity"] in wanted["max_severity"] for finding in document["findings"])


def compare_image(wanted: dict[str, Any], found: dict[str, Any]) -> None:
    for tag in wanted["tags"]:
        assert any(reference.endswith(tag) for reference in found["references"])
    platform = found["platform"]
    if wanted.get("platform"):
        assert f"{platform['os']}/{platform['architecture']}" == wanted["platform"]
    assert len(found["layers"]) == len(wanted["layers"])
    for layer, ours in zip(wanted["layers"], found["layers"], strict=True):
        same(layer, ours)
    same({key: wanted.get(key) for key in ("size", "waste", "merged", "dive")}, found)
    if wanted.get("history_rows") is not None:
        assert len(found["history"]) == wanted["history_rows"]
    if wanted.get("history_sizes") is not None:
        assert [step["size"] for step in found["history"]] == wanted["history_sizes"]
    if "listing" in wanted:
        compare_listing(wanted["listing"], found["image_id"])
    if "layer_listing" in wanted:
        compare_layers(wanted["layer_listing"], found["image_id"])


def raw(path: "str | dict[str, str]") -> bytes:
    return path.encode() if isinstance(path, str) else base64.b64decode(path["bytes"])


def compare_listing(wanted: list[Any], image_id: str) -> None:
    rows = {name_of(entry, "path"): entry for entry in documents(run("files", image_id, "--merged", "--json")[1])}
    names = {raw(row[0]) for row in wanted}
    implied = {path for path, entry in rows.items() if entry["mtime"] is None}
    assert rows.keys() - (implied - names) == names
    ours: defaultdict[bytes, set[bytes]] = defaultdict(set)
    theirs: defaultdict[str, set[bytes]] = defaultdict(set)
    for path, kind, size, inode in wanted:
        entry = rows[raw(path)]
        holder = raw(path)
        if entry["kind"] == "hardlink":
            holder = name_of(entry, "link")
            entry = {**rows[holder], "kind": "file"}
        assert (entry["kind"], entry["size"]) == (kind, size)
        ours[holder].add(raw(path))
        theirs[inode].add(raw(path))
    assert sorted(map(sorted, ours.values())) == sorted(map(sorted, theirs.values()))


def compare_layers(wanted: list[Any], image_id: str) -> None:
    ours = sorted(
        [entry["layer"], entry["path"], entry["kind"], entry["size"], entry["uid"], entry["gid"], entry["link"]]
        for entry in documents(run("files", image_id, "--json")[1])
        if entry["kind"] not in ("whiteout", "opaque", "aufs")
    )
    assert ours == sorted(wanted)


@pytest.mark.parametrize("name", EXPECTED["tar"])
def test_an_odd_tar_yields_what_it_must(name: str, tmp_path: Path) -> None:
    wanted = EXPECTED["tar"][name]
    blob = (FOLDER / "tar" / name).read_bytes()
    one = archives.image([archives.Layer(blob)], tags=["odd:1"])
    archive = archives.write(tmp_path / "odd.tar", archives.docker_save(one))
    status, text = run("analyze", str(archive), "--json")
    document = json.loads(text)
    layer = document["images"][0]["layers"][0]
    assert layer["status"] in wanted["status"]
    assert status == (0 if layer["status"] == "ok" else 1)
    if layer["status"] != "ok":
        assert layer["size"] is None
        assert odd(document)
        return
    same({"entries": wanted["entries"], "size": wanted["size"]}, layer)
    # What the builder declares is the diffID of the blob's bytes: of a compressed one it never matches.
    findings = [item for item in odd(document) if item["code"] not in ("diff-id-mismatch", "config-mismatch")]
    if wanted["finding"] is not None:
        assert bool(findings) == wanted["finding"], findings
