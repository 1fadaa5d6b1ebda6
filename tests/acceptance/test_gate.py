"""The gate on images that an engine built: it judges what each adds, and says what to fix of a wasteful one."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cast import Cast
from tests.commands import run

pytestmark = [pytest.mark.acceptance, pytest.mark.django_db]

CORPUS = Path(os.environ.get("CORPUS", "/nonexistent"))
IMAGES = {  # of the corpus `team`; of another one, what it has of them
    "debian_bookworm": "debian:bookworm",
    "node_argon": "node:argon",
    "expressweb": "expressweb",
    "fatapp": "fatapp",
    "base": "base:1",
    "shared-a": "shared-a",
}
RULES = "rules: {efficiency: 99 %, waste: 1 MB, own-waste: 1 KB, lowestEfficiency: 0.98, highestWastedBytes: 20MB}"


def judged(folder: Path, *arguments: str) -> tuple[int, Any]:
    (folder / "rules.yaml").write_text(RULES)
    status, text = run("gate", *arguments, "--rules", str(folder / "rules.yaml"), "--json", "--dry-run")
    return status, json.loads(text)


def test_what_an_image_adds_is_judged_and_not_its_base(cast: Cast, tmp_path: Path):
    own: dict[str, int] = {}
    for name in IMAGES:
        if (archive := CORPUS / f"{name}.docker.tar").exists():
            _, text = run("analyze", str(archive), "--team", cast.team.slug, "--json")
            (image,) = json.loads(text)["images"]
            own[name] = image["waste"]["own_bytes"]
            status, told = judged(tmp_path, image["image_id"])
            verdicts = {rule["rule"]: rule for rule in told["rules"]}
            assert verdicts["own-waste"]["value"] == own[name]
            assert verdicts["efficiency"]["value"] == 1 - own[name] / image["size"]
            assert (verdicts["own-waste"]["outcome"] == "failed") == (own[name] > 1024)
            assert (status == 0) == told["passed"]
    assert own
    if "expressweb" in own:
        status, told = judged(tmp_path, "expressweb", "--against", "node:argon")
        assert (status, told["base"]) == (0, "node:argon")
        excused = {rule["rule"] for rule in told["rules"] if rule["excused"]}
        assert excused == {"waste", "lowestEfficiency", "highestWastedBytes"}
        assert judged(tmp_path, "node:argon")[0] == 1
    if "fatapp" in own:
        status, told = judged(tmp_path, "fatapp")
        assert (status, told["base"]) == (1, "debian:bookworm")
        assert [fix["path"] for fix in told["fix"]] == ["srv/model.bin"] * 3
        assert all(fix["remedy"] for fix in told["fix"])
