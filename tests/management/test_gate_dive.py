"""A `.dive-ci` says here what dive itself says, on the edges of its limits too."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.archives import docker_save, image, layer, write
from tests.cast import Cast
from tests.commands import run
from tests.taking import bring

DIVE = Path(sys.executable).with_name("dive")
TOLD = re.compile(r"(PASS|FAIL|SKIP)(?:\x1b\[0m)?: (\w+)")
WORDS = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}
BUILT = image(
    [layer({"a": b"a" * 600, "b": b"b" * 400}), layer({"a": b"A" * 900}), layer({"c": b"c" * 100, "b": b"B" * 400})],
    tags=["plain:1"],
)
# dive: 2,300 of 2,400 bytes twice or more; 1,100 of 2,400 the smallest of each path; 1,400 above the lowest layer


@pytest.mark.parametrize(
    "rules",
    [
        "rules:\n  lowestEfficiency: 0.4583\n  highestWastedBytes: 2300\n  highestUserWastedPercent: 1\n",
        "rules:\n  lowestEfficiency: 0.4584\n  highestWastedBytes: 2.299KB\n  highestUserWastedPercent: disabled\n",
        "rules:\n  lowestEfficiency: disabled\n  highestWastedBytes: disabled\n  highestUserWastedPercent: 0.5\n",
        "rules:\n  highestWastedBytes: 3KiB\n",
    ],
)
def test_dives_file_says_what_dive_says(cast: Cast, tmp_path: Path, rules: str):
    archive = write(tmp_path / "plain.tar", docker_save(BUILT))
    (tmp_path / ".dive-ci").write_text(rules)
    command = [str(DIVE), "--source", "docker-archive", str(archive), "--ci", "--ci-config", str(tmp_path / ".dive-ci")]
    said = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"HOME": str(tmp_path)}, check=False
    )
    theirs = {rule: WORDS[word] for word, rule in TOLD.findall(said.stdout + said.stderr)}
    bring(tmp_path, docker_save(BUILT), cast.team)
    status, text = run("gate", "plain:1", "--rules", str(tmp_path / ".dive-ci"), "--json", "--dry-run")
    document: Any = json.loads(text)
    assert {rule["rule"]: rule["outcome"] for rule in document["rules"]} == theirs
    assert len(theirs) == 3
    assert status == said.returncode
