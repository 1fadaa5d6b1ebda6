"""Which files of a layer tell of packages, and what the name of one tells without its bytes."""

import re
from collections.abc import Iterator
from typing import NamedTuple

MOST_DATABASE_BYTES = 64 << 20
MOST_METADATA_BYTES = 1 << 20

_DATABASES = {
    b"var/lib/dpkg/status": "dpkg",
    b"lib/apk/db/installed": "apk",
    b"usr/lib/apk/db/installed": "apk",
    b"var/lib/rpm/rpmdb.sqlite": "rpm",
    b"usr/lib/sysimage/rpm/rpmdb.sqlite": "rpm",
    b"usr/share/rpm/rpmdb.sqlite": "rpm",
    b"var/lib/rpm/Packages.db": "rpm",
    b"usr/lib/sysimage/rpm/Packages.db": "rpm",
}
_DPKG_PARTS = b"var/lib/dpkg/status.d/"  # images without a package manager have a file a package
_PYTHON = re.compile(rb"(?:^|/)(?P<folder>[^/]+)\.(?:dist-info/METADATA|egg-info/PKG-INFO|egg-info)$")
_PYTHON_NAMED = re.compile(rb"^(?P<name>[^-]+)-(?P<version>[0-9][^-]*)(?:-py[0-9.]+)?(?:-.*)?$")
_NPM = re.compile(rb"(?:^|/)node_modules/(?:@[^/]+/)?[^/@][^/]*/package\.json$")


class Package(NamedTuple):
    kind: str  # dpkg, apk, rpm, python, npm
    name: str
    version: str


def kind_of(path: bytes) -> str | None:
    """Who wrote the file, if it tells of packages."""
    if (kind := _DATABASES.get(path)) is not None:
        return kind
    if path.startswith(_DPKG_PARTS) and not path.endswith(b".md5sums"):
        return "dpkg"
    if path.endswith((b"/METADATA", b"/PKG-INFO", b".egg-info")) and _PYTHON.search(path):
        return "python"
    if path.endswith(b"/package.json") and _NPM.search(path):
        return "npm"
    return None


def most_bytes(path: bytes) -> int:
    """The largest file of that name that is read."""
    return MOST_DATABASE_BYTES if path in _DATABASES else MOST_METADATA_BYTES


def by_name(path: bytes) -> Package | None:
    """What the path of a Python package says: `name-version.dist-info` (PyPA, "Recording installed projects")."""
    found = _PYTHON.search(path)
    named = _PYTHON_NAMED.match(found["folder"]) if found else None
    if named is None:
        return None
    return Package(
        "python", python_name(named["name"].decode(errors="replace")), named["version"].decode(errors="replace")
    )


def python_name(name: str) -> str:
    """As packages are looked for (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def stanzas(data: bytes) -> Iterator[dict[str, str]]:
    """Blocks of `Field: value` lines with a blank line between them; lines that go on a value are left out."""
    block: dict[str, str] = {}
    for line in data.split(b"\n"):
        if not line.strip():
            if block:
                yield block
            block = {}
            continue
        field, separator, value = line.partition(b":")
        if separator and not line[:1].isspace():
            block.setdefault(field.decode(errors="replace"), value.strip().decode(errors="replace"))
    if block:
        yield block
