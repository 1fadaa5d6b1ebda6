"""Static files that two Python packages carry, under names of our own: nothing is fetched, nothing is built."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

CARRIED = {
    "vendor/plotly.min.js": ("plotly", "package_data/plotly.min.js"),
    "vendor/htmx.min.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
}


def package_folder(name: str) -> Path:
    """Where the package `name` is installed, without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"the package {name} is not installed")
    return Path(spec.submodule_search_locations[0])


class CarriedStorage(FileSystemStorage):
    """The files of CARRIED as a read-only storage."""

    def path(self, name: str) -> str:
        package, inside = CARRIED[name]
        return str(package_folder(package) / inside)


class WheelFinder(BaseFinder):
    """Finds the files of CARRIED, and nothing else of these packages."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in CARRIED:
            return []
        found = CarriedStorage().path(path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        storage = CarriedStorage()
        return ((name, storage) for name in CARRIED)
