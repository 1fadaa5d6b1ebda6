"""`manage.py gate`: exit status, the lines to fix, the change alone, and silence where nothing changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from analyzer.models import GateRun
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.commands import run
from tests.gateshop import OLD, PLAIN_RULES, WASTEFUL, open_shop
from tests.taking import bring

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    open_shop(tmp_path, cast.team)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*arguments: str) -> tuple[int, Any]:
    status, text = run("gate", *arguments, "--json")
    return status, json.loads(text)


def test_an_image_that_keeps_the_rules_passes_and_its_base_is_not_judged(shop: Path):
    status, text = run("gate", "shop:1", "--dry-run")
    assert status == 0
    assert "400 B inside the base" in text
    (shop / "rules.yaml").write_text("rules: {waste: 100 B, own-waste: 0, size: 700 B, lowestEfficiency: 0.9}")
    status, document = told("shop:1", "--rules", "rules.yaml", "--dry-run")
    outcomes = {rule["rule"]: (rule["outcome"], rule["excused"]) for rule in document["rules"]}
    assert outcomes["waste"] == ("passed", True)
    assert outcomes["lowestEfficiency"] == ("passed", True)
    assert outcomes["size"] == ("failed", True)  # 960 bytes are its own
    assert (status, document["base"]) == (1, "base:1")


def test_an_image_that_breaks_a_rule_fails_with_the_lines_to_fix(shop: Path):
    (shop / ".layersite-ci.yaml").write_text(PLAIN_RULES)
    status, text = run("gate", "shop:2", "--against", "shop:1")
    assert status == 1
    assert "COPY . /srv" in text
    assert "Copied twice" in text
    assert "srv/.git/config" in text
    assert "A later layer hides it" in text
    assert "The gate is shut: efficiency, forbidden-files, growth." in text
    assert text.count("\n  3. ") == 1
    assert "\n  4. " not in text


def test_what_was_accepted_last_is_what_the_next_is_compared_with(shop: Path):
    assert run("gate", "shop:1")[0] == 0
    status, document = told("shop:2")
    assert document["against"]["name"] == "shop:1"
    assert status == 1
    # What did not pass is nothing to compare with.
    assert told("shop:2")[1]["against"]["name"] == "shop:1"
    assert list(GateRun.objects.order_by("pk").values_list("tag", "passed")) == [
        ("1", True),
        ("2", False),
        ("2", False),
    ]


def test_it_is_silent_where_nothing_changed(shop: Path):
    assert run("gate", "shop:1")[1]
    assert run("gate", "shop:1") == (0, "")
    assert run("gate", "shop:2", "--against", "shop:2") == (0, "")
    assert GateRun.objects.count() == 1
    # With other rules it is judged again.
    (shop / ".dive-ci").write_text("rules:\n  lowestEfficiency: 0.1\n")
    status, text = run("gate", "shop:1")
    assert (status, "lowestEfficiency" in text) == (0, True)


def test_a_dry_run_keeps_nothing(shop: Path):
    run("gate", "shop:1", "--dry-run")
    assert not GateRun.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing:1"], "No image is known"),
        (["shop:1", "--rules", "absent.yaml"], "absent.yaml: No such file"),
        (["shop:1", "--rules", "bad.yaml"], "bad.yaml: Line 2: 'eficiency' is no rule"),
        (["shop:1", "--team", "nobody"], "There is no team 'nobody'"),
        (["shop:1", "--json-file", "no/such/folder"], "No such file or directory"),
    ],
)
def test_what_can_not_be_judged_ends_with_two_and_a_sentence(shop: Path, arguments: list[str], says: str):
    (shop / "bad.yaml").write_text("rules:\n  eficiency: 1\n")
    with pytest.raises(CommandError) as refused:
        run("gate", *arguments)
    assert says in str(refused.value)
    assert refused.value.returncode == 2


def test_every_format_is_written_beside_what_is_printed(shop: Path):
    files = {name: shop / f"gate.{name}" for name in ("json", "junit", "sarif", "markdown")}
    status, text = run("gate", "shop:2", "--dry-run", *(f"--{name}-file={path}" for name, path in files.items()))
    assert status == 1
    assert text.startswith("shop:2")
    assert json.loads(files["json"].read_text())["passed"] is False
    assert files["junit"].read_text().startswith("<?xml")
    assert json.loads(files["sarif"].read_text())["version"] == "2.1.0"
    assert "the gate is shut" in files["markdown"].read_text()


def test_an_image_that_lacks_a_layer_does_not_pass(shop: Path, cast: Cast):
    members = docker_save(image([OLD, WASTEFUL, lost := layer({"x": b"x" * 9})], tags=["torn:1"]))
    del members[next(name for name, data in members.items() if data == lost.blob)]
    bring(shop, members, cast.team, name="torn.tar")
    status, document = told("torn:1", "--dry-run")
    assert status == 1
    assert {rule["outcome"] for rule in document["rules"] if rule["rule"] == "efficiency"} == {"unknown"}
