"""The tables of the File page for programs."""

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from analyzer.models import Image
from analyzer.oci.findings import escape, is_utf8
from analyzer.selectors.image_file import FileStory
from analyzer.selectors.same_content import Copy

VERSION_COLUMNS = (
    "layer", "diff_id", "created_by", "change", "changed", "cause", "hider",
    "kind", "mode", "uid", "gid", "size", "mtime", "link", "sha256",
)  # fmt: skip
COPY_COLUMNS = ("path", "layer", "diff_id", "size", "visible")


def figures(image: Image, story: FileStory) -> dict[str, Any]:
    """What the document says beside its rows."""
    document = _path(story.path) | {
        "image_id": image.image_id,
        "visible": story.visible,
        "layer": story.shown.layer if story.shown else None,
        "sha256": story.sha256.hex() if story.sha256 else None,
    }
    return document


def versions(story: FileStory) -> Iterator[dict[str, Any]]:
    """What each layer did, bottom first."""
    for version in story.versions:
        entry = version.entry
        uid, _, gid = entry.owner.partition(":") if entry else ("", "", "")
        yield {
            "layer": version.index,
            "diff_id": version.diff_id,
            "created_by": version.created_by,
            "change": version.change,
            "changed": list(version.changed),
            "cause": version.cause,
            "hider": version.hider,
            "kind": entry.kind if entry else None,
            "mode": entry.mode if entry else None,
            "uid": int(uid) if entry else None,
            "gid": int(gid) if entry else None,
            "size": entry.size if entry else None,
            "mtime": entry.mtime if entry else None,
            "link": entry.link if entry else None,
            "sha256": entry.sha256 if entry else None,
        }


def copies(found: Sequence[Copy]) -> Iterator[dict[str, Any]]:
    """Entries of the image with that content, the path itself included; bottom first."""
    for copy in found:
        yield _path(copy.path) | {
            "layer": copy.index,
            "diff_id": copy.diff_id,
            "size": copy.size,
            "visible": copy.visible,
        }


def _path(path: bytes) -> dict[str, Any]:
    document: dict[str, Any] = {"path": escape(path)}
    if not is_utf8(path):
        document["path_bytes"] = base64.b64encode(path).decode()
    return document
