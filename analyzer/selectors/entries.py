"""An entry as other programs read it: `files --json`, and the API's lists of entries."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.oci.findings import escape, is_utf8

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LABELS = [kind.label for kind in Kind]


def entry_document(listing: Listing, ordinal: int) -> dict[str, Any]:
    """What the entry is by itself; `layer`, `change` and `changed` are for the caller to add."""
    path, link = listing.paths[ordinal], listing.links[ordinal]
    sha256, xattrs = listing.sha256s[ordinal], listing.xattrs[ordinal]
    document = {
        "path": escape(path),
        "kind": LABELS[listing.kinds[ordinal]],
        "mode": f"{listing.modes[ordinal]:04o}",
        "uid": listing.uids[ordinal],
        "gid": listing.gids[ordinal],
        "size": listing.sizes[ordinal],
        "mtime": None if listing.implied[ordinal] else time_text(listing.mtimes[ordinal]),
        "link": None if link is None else escape(link),
        "sha256": None if sha256 is None else sha256.hex(),
        "xattrs": _xattrs(xattrs) if xattrs else {},
    }
    if not is_utf8(path):
        document["path_bytes"] = base64.b64encode(path).decode()
    if link is not None and not is_utf8(link):
        document["link_bytes"] = base64.b64encode(link).decode()
    return document


def _xattrs(values: dict[bytes, bytes]) -> dict[str, str]:
    return {escape(name): base64.b64encode(value).decode() for name, value in values.items()}


def time_text(nanoseconds: int) -> str | None:
    """RFC 3339, UTC, with as many decimals as it takes; None for a time that the calendar does not have."""
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    try:
        moment = EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    decimals = f".{fraction:09}".rstrip("0") if fraction else ""
    return f"{moment.replace(tzinfo=None).isoformat()}{decimals}Z"


def explicit(listing: Listing) -> Iterator[int]:
    """The ordinals of entries that the tar has, implied folders left out."""
    return (ordinal for ordinal, implied in enumerate(listing.implied) if not implied)
