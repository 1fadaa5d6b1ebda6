"""What a file that tells of packages says."""

import json
from collections.abc import Callable, Iterator

from analyzer.packages import rpm
from analyzer.packages.known import Package, python_name, stanzas


class Unread(Exception):
    """The file is not of the form that its name promises; the message says what is wrong."""


def packages_in(kind: str, path: bytes, data: bytes) -> list[Package]:
    """The packages that the file at `path` says are installed, each once. Raises Unread."""
    try:
        found = _READERS[kind](path, data)
        return list(dict.fromkeys(each for each in found if each.name and each.version))
    except (ValueError, RecursionError) as error:
        raise Unread(str(error)[:200]) from error


def _dpkg(_: bytes, data: bytes) -> Iterator[Package]:
    """deb-substvars and dpkg(1): what is removed keeps a stanza; parts of status.d say nothing of their state."""
    for stanza in stanzas(data):
        if stanza.get("Status", "install ok installed").endswith(" installed"):
            yield Package("dpkg", stanza.get("Package", ""), stanza.get("Version", ""))


def _apk(_: bytes, data: bytes) -> Iterator[Package]:
    """apk(5), "installed": P is the name, V the version."""
    for stanza in stanzas(data):
        yield Package("apk", stanza.get("P", ""), stanza.get("V", ""))


def _rpm(path: bytes, data: bytes) -> Iterator[Package]:
    blobs = rpm.of_sqlite(data) if path.endswith(b".sqlite") else rpm.of_ndb(data)
    for blob in blobs:
        name, version = rpm.name_and_version(blob)
        if name != "gpg-pubkey":
            yield Package("rpm", name, version)


def _python(_: bytes, data: bytes) -> Iterator[Package]:
    head = next(stanzas(data), {})
    yield Package("python", python_name(head.get("Name", "")), head.get("Version", ""))


def _npm(_: bytes, data: bytes) -> Iterator[Package]:
    document = json.loads(data)
    if isinstance(document, dict):
        name, version = document.get("name"), document.get("version")
        if isinstance(name, str) and isinstance(version, str):
            yield Package("npm", name, version)


_READERS: dict[str, Callable[[bytes, bytes], Iterator[Package]]] = {
    "dpkg": _dpkg,
    "apk": _apk,
    "rpm": _rpm,
    "python": _python,
    "npm": _npm,
}
