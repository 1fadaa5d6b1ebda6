"""Static files that packages carry."""

from pathlib import Path

from django.contrib.staticfiles import finders

from layersite.staticfinder import CARRIED


def test_every_carried_file_is_found_and_is_a_file() -> None:
    for name in CARRIED:
        found = finders.find(name)
        assert found
        assert Path(found).stat().st_size > 10_000


def test_a_carried_package_shows_nothing_else() -> None:
    assert finders.find("vendor/__init__.py") is None
    assert finders.find("vendor/../plotly/__init__.py") is None


def test_carried_files_are_collected() -> None:
    listed = [name for finder in finders.get_finders() for name, _ in finder.list(None)]
    assert set(CARRIED) <= set(listed)
