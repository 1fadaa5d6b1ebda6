"""What package databases say, each in its own form."""

import json
import sqlite3
import struct
from pathlib import Path

import pytest

from analyzer.packages import rpm
from analyzer.packages.known import Package, by_name, kind_of, most_bytes
from analyzer.packages.reading import Unread, packages_in

STATUS = b"""Package: bash
Status: install ok installed
Version: 5.2.15-2+b7
Description: a shell
 Version: of the description, no field

Package: old
Status: deinstall ok config-files
Version: 1

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36-9
"""


def names(kind: str, path: bytes, data: bytes) -> list[tuple[str, str]]:
    return [(package.name, package.version) for package in packages_in(kind, path, data)]


def rpm_header(name: str, version: str, release: str = "1.fc39", epoch: int | None = None) -> bytes:
    """A header blob as rpm stores it."""
    store, entries = b"", []
    for tag, text in ((1000, name), (1001, version), (1002, release)):
        entries.append(struct.pack(">IIII", tag, 6, len(store), 1))
        store += text.encode() + b"\0"
    if epoch is not None:
        store += bytes(-len(store) % 4)
        entries.append(struct.pack(">IIII", 1003, 4, len(store), 1))
        store += struct.pack(">I", epoch)
    return struct.pack(">II", len(entries), len(store)) + b"".join(entries) + store


def sqlite_of(*headers: bytes, script: str = "") -> bytes:
    database = sqlite3.connect(":memory:")
    database.executescript(script or "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
    for header in headers:
        database.execute("INSERT INTO Packages (blob) VALUES (?)", (header,))
    database.commit()
    data = database.serialize()
    database.close()
    return data


def ndb_of(*headers: bytes) -> bytes:
    page = bytearray(4096)
    page[:16] = struct.pack("<4sIII", b"RpmP", 0, 1, 1)
    blobs = b""
    for number, header in enumerate(headers, 1):
        block = (4096 + len(blobs)) // 16
        page[16 + 16 * number : 32 + 16 * number] = struct.pack("<4sIII", b"Slot", number, block, 1)
        blob = struct.pack("<4sIII", b"BlbS", number, 0, len(header)) + header
        blobs += blob + bytes(-len(blob) % 16)
    return bytes(page) + blobs


def test_dpkg_tells_what_is_installed_and_not_what_was_removed():
    found = names("dpkg", b"var/lib/dpkg/status", STATUS)
    assert found == [("bash", "5.2.15-2+b7"), ("libc6", "2.36-9")]
    assert names("dpkg", b"var/lib/dpkg/status.d/base", b"Package: base\nVersion: 12\n") == [("base", "12")]


def test_apk_tells_names_and_versions():
    data = b"C:Q1x\nP:musl\nV:1.2.4-r2\n\nC:Q1y\nP:busybox\nV:1.36.1-r5\nF:bin\nR:busybox\n"
    assert names("apk", b"lib/apk/db/installed", data) == [("musl", "1.2.4-r2"), ("busybox", "1.36.1-r5")]


@pytest.mark.parametrize(("build", "path"), [(sqlite_of, b"rpmdb.sqlite"), (ndb_of, b"Packages.db")])
def test_rpm_tells_epoch_version_and_release(build, path: bytes):
    data = build(rpm_header("bash", "5.2.15"), rpm_header("dbus", "1.14", epoch=1), rpm_header("gpg-pubkey", "1"))
    assert names("rpm", path, data) == [("bash", "5.2.15-1.fc39"), ("dbus", "1:1.14-1.fc39")]


def test_a_python_package_is_told_by_the_name_of_its_folder_where_that_has_the_version():
    folder = b"usr/lib/python3/"
    assert by_name(folder + b"ruamel.yaml_Clib-0.2.8.dist-info/METADATA") == Package(
        "python", "ruamel-yaml-clib", "0.2.8"
    )
    assert by_name(folder + b"six-1.16.0.egg-info/PKG-INFO") == Package("python", "six", "1.16.0")
    assert by_name(folder + b"numpy-1.26.4-py3.11.egg-info") == Package("python", "numpy", "1.26.4")
    assert by_name(folder + b"hand.egg-info/PKG-INFO") is None
    data = b"Metadata-Version: 2.1\nName: Hand_Made\nVersion: 3\n\nVersion: 4"
    assert names("python", folder + b"hand.egg-info/PKG-INFO", data) == [("hand-made", "3")]


def test_npm_tells_a_package_and_not_the_other_files_of_that_name():
    data = json.dumps({"name": "@babel/core", "version": "7.1.0"}).encode()
    assert names("npm", b"app/node_modules/@babel/core/package.json", data) == [("@babel/core", "7.1.0")]
    assert kind_of(b"app/node_modules/@babel/core/package.json") == "npm"
    assert kind_of(b"node_modules/a/node_modules/b/package.json") == "npm"
    for other in (b"app/package.json", b"node_modules/a/lib/package.json", b"node_modules/@babel/package.json"):
        assert kind_of(other) is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (b"var/lib/dpkg/status", "dpkg"),
        (b"var/lib/dpkg/status.d/tzdata", "dpkg"),
        (b"var/lib/dpkg/status.d/tzdata.md5sums", None),
        (b"lib/apk/db/installed", "apk"),
        (b"usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm"),
        (b"srv/var/lib/dpkg/status", None),
        (b"x/METADATA", None),
        (b"usr/share/doc/python3/PKG-INFO", None),
    ],
)
def test_files_that_tell_of_packages_are_known_by_where_they_lie(path: bytes, kind: str | None):
    assert kind_of(path) == kind
    assert most_bytes(path) > 0


@pytest.mark.parametrize(
    ("kind", "path", "data"),
    [
        ("npm", b"package.json", b"{"),
        ("npm", b"package.json", b"[" * 100_000),
        ("rpm", b"rpmdb.sqlite", b"SQLite format 3\0" + bytes(2000)),
        ("rpm", b"rpmdb.sqlite", b""),
        ("rpm", b"rpmdb.sqlite", sqlite_of(script="CREATE VIEW Packages AS SELECT x'00' AS blob")),
        ("rpm", b"rpmdb.sqlite", sqlite_of(b"\xff" * 8)),
        ("rpm", b"Packages.db", b"nothing"),
        ("rpm", b"Packages.db", ndb_of(b"\0\0\0\1")),
    ],
)
def test_what_is_none_of_that_is_unread(kind: str, path: bytes, data: bytes):
    with pytest.raises(Unread):
        packages_in(kind, path, data)


def test_odd_values_are_passed_over():
    assert names("npm", b"package.json", b'{"name": 1, "version": []}') == []
    assert names("npm", b"package.json", b'["a"]') == []
    assert names("dpkg", b"var/lib/dpkg/status", b"Package: x\n\n\n: y\nVersion: 1\n") == []


def test_a_database_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rpm, "_STEPS", 10)
    headers = [rpm_header(f"p{number}", "1") for number in range(500)]
    with pytest.raises(Unread, match="interrupted"):
        packages_in("rpm", b"rpmdb.sqlite", sqlite_of(*headers))


def test_the_status_of_a_real_debian_is_read():
    path = Path("/var/lib/dpkg/status")
    if path.exists():
        assert dict(names("dpkg", b"var/lib/dpkg/status", path.read_bytes()))["dpkg"][0].isdigit()
