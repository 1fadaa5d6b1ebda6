"""How the environment is read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from layersite.settings import env
from tests.settings import ROOT


@pytest.fixture(autouse=True)
def forget_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests ask for is no setting of the site."""
    monkeypatch.setattr(env, "variables", {})


def test_the_environment_wins_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "given")
    assert env.text("NAME", "default") == "given"


def test_an_empty_value_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "")
    assert env.text("NAME", "default") == "default"


def test_a_file_holds_a_secret_and_its_last_newline_is_none_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "secret"))
    assert env.text("NAME") == "s3cret"


def test_a_file_that_can_t_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME_FILE", "/nowhere/secret")
    with pytest.raises(ImproperlyConfigured, match="NAME_FILE=/nowhere/secret can't be read: No such file"):
        env.text("NAME")


@pytest.mark.parametrize(
    ("value", "why"), [("many", "a whole number"), ("1.5", "a whole number"), ("-1", "at least 0")]
)
def test_a_wrong_number_is_refused_by_the_variable_s_name(
    monkeypatch: pytest.MonkeyPatch, value: str, why: str
) -> None:
    monkeypatch.setenv("NAME", value)
    with pytest.raises(ImproperlyConfigured, match=f"NAME must be {why}"):
        env.integer("NAME", 1)


@pytest.mark.parametrize(("value", "on"), [("1", True), ("On", True), ("yes", True), ("off", False), ("FALSE", False)])
def test_a_switch_is_on_or_off(monkeypatch: pytest.MonkeyPatch, value: str, on: bool) -> None:
    monkeypatch.setenv("NAME", value)
    assert env.switch("NAME", not on) is on


def test_a_switch_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "maybe")
    with pytest.raises(ImproperlyConfigured, match="NAME must be on or off, not 'maybe'"):
        env.switch("NAME", True)


def test_a_command_says_in_one_line_which_setting_is_wrong() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "layersite.settings", "MAX_LAYERS": "many"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "MAX_LAYERS must be a whole number, not 'many'\n"
