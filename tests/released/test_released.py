"""A site of any released version goes on with this one: its tables are migrated, and it tells what it told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.released.site import Site

FOLDER = Path(__file__).parent
VERSIONS = sorted(path.stem for path in FOLDER.glob("*.json"))

pytestmark = pytest.mark.service


def assert_still_told(then: Any, now: Any, at: str = "") -> None:
    """Fields may come, none may go or tell something else."""
    if isinstance(then, dict):
        for name, value in then.items():
            assert name in now, at
            assert_still_told(value, now[name], f"{at}.{name}")
    elif isinstance(then, list):
        assert len(then) == len(now), at
        for number, value in enumerate(then):
            assert_still_told(value, now[number], f"{at}[{number}]")
    else:
        assert then == now, at


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_data_of_a_released_version_is_there_after_an_upgrade(
    tmp_path: Path, request: pytest.FixtureRequest, version: str, database: str
) -> None:
    url: Callable[[], str] = lambda: request.getfixturevalue("postgres_url")  # noqa: E731 - only where it is needed
    site = Site(tmp_path / "data", url() if database == "postgres" else "")
    site.load((FOLDER / f"{version}.{database}.sql").read_text())
    assert_still_told(json.loads((FOLDER / f"{version}.json").read_text()), site.told())
