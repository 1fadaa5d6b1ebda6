"""The documentation of the settings is held to the code: no variable missing, none stale, each default right."""

import re
from pathlib import Path

from layersite.settings import env

ROOT = env.BASE_DIR
ROW = re.compile(r"^\| `([A-Z_]+)` \| (`([^`]*)`|empty)", re.MULTILINE)
LINE = re.compile(r"^# ([A-Z_]+)=(.*)$", re.MULTILINE)


def documented() -> dict[str, str]:
    return {name: default for name, _, default in ROW.findall((ROOT / "docs/settings.md").read_text(encoding="utf-8"))}


def test_every_variable_that_is_read_is_in_the_documentation_with_its_default() -> None:
    assert documented() == env.variables


def test_the_example_file_lists_the_same_variables_with_the_same_defaults() -> None:
    assert dict(LINE.findall((ROOT / ".env.example").read_text(encoding="utf-8"))) == env.variables


def test_the_environment_is_read_in_one_place_only() -> None:
    readers = [
        path.relative_to(ROOT)
        for folder in ("layersite", "analyzer")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\b(os\.)?(environ\.get|getenv|environ\[\"[A-Z_]+\"\](?! =))", path.read_text(encoding="utf-8"))
    ]
    assert readers == [Path("layersite/settings/env.py")]
