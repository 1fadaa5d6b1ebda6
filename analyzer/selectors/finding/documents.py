"""What Find found as other programs read it: `find --json`, `/api/v1/find/` and the page's twins."""

import base64
from typing import Any

from analyzer.oci.findings import escape, is_utf8
from analyzer.selectors.finding.found import Found, InImage, Match

Document = dict[str, Any]


def found_document(found: Found) -> Document:
    return {
        "query": found.query.typed.encode(errors="replace").decode(),
        "how": found.how,
        "matches": [match_document(match) for match in found.matches],
        "truncated": found.truncated,
    }


def match_document(match: Match) -> Document:
    document: Document = {
        "kind": match.kind,
        "path": None if match.path is None else escape(match.path),
        "sha256": match.sha256.hex() if match.sha256 else None,
        "layer": match.layer,
        "images": [_image(image) for image in match.images],
        "images_count": match.images_count,
        "entry": match.entry.label if match.entry is not None else None,
        "size": match.size,
        "link": None if match.link is None else escape(match.link),
    }
    if match.path is not None and not is_utf8(match.path):
        document["path_bytes"] = base64.b64encode(match.path).decode()
    if match.link is not None and not is_utf8(match.link):
        document["link_bytes"] = base64.b64encode(match.link).decode()
    if match.package is not None:
        kind, name, version = match.package
        document["package"] = {"kind": kind, "name": name, "version": version}
    return document


def _image(image: InImage) -> Document:
    return {"image_id": image.image_id, "references": list(image.references), "visible": image.visible}
