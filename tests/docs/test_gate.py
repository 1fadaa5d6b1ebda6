"""docs/gate.md: every rule is explained, its files are rules, its steps of curl and jq do what they say."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.gate.reading import READERS, rules_of
from tests.archives import docker_save, write
from tests.gateshop import BAD, GOOD
from tests.service.site import Site
from tests.settings import ROOT

TEXT = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
RULES = [block for kind, block in BLOCKS if kind == "yaml" and block.startswith("rules:")]
STEPS = next(block for kind, block in BLOCKS if kind == "sh" and "curl" in block)


def test_every_rule_stands_in_the_files_of_the_manual_and_they_are_rules():
    assert {rule.name for text in RULES for rule in rules_of(text).rules} == READERS.keys()


ISSUE = """
from django.contrib.auth.models import User
from analyzer.services.tokens import issue_token
print(issue_token(User.objects.get(username="admin"), "CI")[1])
"""


@pytest.mark.service
def test_the_steps_of_curl_and_jq_judge_an_image(start_site: Callable[..., Site], tmp_path: Path):
    site = start_site()
    token = site.manage("shell", "-v0", "-c", ISSUE).stdout.split()[-1]
    docker = tmp_path / "docker"  # stands in for `docker save IMAGE`
    docker.write_text(f'#!/bin/sh\nexec cat "{tmp_path}/$2.tar"\n')
    docker.chmod(0o700)
    (tmp_path / ".layersite-ci.yaml").write_text("rules:\n  efficiency: 70 %\n  findings: [secret-file]\n")
    told = {"LAYERSITE": site.url, "LAYERSITE_TOKEN": token, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ends = []
    for name, built in (("good", GOOD), ("bad", BAD)):
        write(tmp_path / f"{name}.tar", docker_save(built))
        run = subprocess.run(
            ["/bin/sh", "-eu", "-c", STEPS],
            cwd=tmp_path,
            env=told | {"IMAGE": name},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        ends.append((run.returncode, run.stdout, run.stderr))
    assert [status for status, _, _ in ends] == [0, 1], ends
    assert "The gate is open." in ends[0][1]
    assert "The gate is shut: efficiency." in ends[1][1]
    assert (tmp_path / "gate.xml").read_text().startswith("<?xml")
    assert "<!-- layersite gate -->" in (tmp_path / "gate.md").read_text()
