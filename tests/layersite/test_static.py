"""Static files that packages carry."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

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


def test_before_collecting_a_file_keeps_its_plain_name() -> None:
    assert staticfiles_storage.url("vendor/htmx.min.js") == "/static/vendor/htmx.min.js"


def test_collecting_names_files_by_their_content_and_compresses_them(
    tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(CARRIED, "vendor/plotly.min.js")  # takes long to compress, and is a file like any other
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    address = staticfiles_storage.url("analyzer/site.css")
    assert address.startswith("/static/analyzer/site.")
    assert address != "/static/analyzer/site.css"
    assert (tmp_path / f"{address.removeprefix('/static/')}.br").is_file()
