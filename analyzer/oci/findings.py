"""What an archive does against the rules: one list of codes, each with what it means."""

import base64
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"  # some figure is missing or wrong because of it


CODES: dict[str, str] = {
    # layer content (they belong to the layer, whichever archive brings it)
    "duplicate-entry": "A path stands twice in one layer; the last one wins.",
    "bare-whiteout": "A whiteout without a name (.wh.) hides nothing and is invalid.",
    "unsafe-path": "A name with a .. component is refused.",
    "dangling-hardlink": "A hard link points to a path that neither its layer nor a lower one has.",
    "link-loop": "Hard links point at each other in a loop.",
    "entry-below-file": "An entry lies below what is no folder in its own layer; the later of the two counts.",
    "name-not-utf8": "A name is not UTF-8; it is kept byte for byte and shown escaped.",
    "bad-pax-record": "An extended header record is malformed and was left out.",
    "missing-parent": "A layer has entries below a folder that it has no entry for.",
    "device-node": "A device stands in an image.",
    "setuid-file": "A file runs with the rights of its owner or group, whoever starts it.",
    "world-writable": "A file, or a folder without the sticky bit, that anybody may write to.",
    "hidden-large-file": "A large file that a later layer hides can still be taken out of its layer.",
    "secret-file": "A file looks like a secret; hidden or not, whoever has the image can read it.",
    "sparse-not-hashed": "A sparse file is too large to be read; its sha256 is unknown.",
    "unknown-type": "An entry has a type that no standard names; it counts as a regular file.",
    "data-after-end": "Bytes follow the zero blocks that end the layer's tar; they are no entries.",
    "no-end-blocks": "The layer's tar ends without its two zero blocks.",
    # blobs
    "trailing-data": "Bytes that are no padding follow the end of a compressed layer.",
    "media-type-mismatch": "The declared media type or compression is not what the bytes are.",
    "size-mismatch": "The declared size is not the blob's size.",
    "digest-mismatch": "The blob's sha256 is not the declared digest.",
    "diff-id-mismatch": "The layer's sha256 is not the diffID that the config declares.",
    "blob-missing": "The layer's bytes are not in the archive.",
    "tar-not-recorded": "The engine kept no record of the layer's tar; it was made anew from its folder.",
    "foreign-layer": "The layer is foreign: its bytes lie elsewhere, not in the archive.",
    "layer-damaged": "The layer's bytes cannot be read to the end.",
    "layer-unsupported": "The layer is not a tar.",
    "limit-reached": "A limit of this server stopped the reading.",
    # documents
    "history-unaligned": "History and layers do not align; both are shown as they stand.",
    "config-mismatch": "The layers are not the ones that the config declares.",
    "archive-refused": "The archive yields nothing.",
    "image-refused": "One image of the archive cannot be read; the others are.",
    "document-refused": "A document of the archive cannot be read; what it alone tells is left out.",
    "platform-absent": "Platforms that the index names are not in the archive.",
    "artifact-set-aside": "A manifest of the archive is no image; it was set aside.",
    "attestation-attached": "An attestation is attached to its image.",
    "referrers-not-read": "The registry did not answer in time what refers to the image; it was passed over.",
    "schema-1-converted": "The image came in Docker's old schema 1; its config was made of its history.",
    "blob-not-fetched": "A blob was not fetched from its registry, as its layer is stored already.",
    "unreferenced-blob": "Blobs that no manifest refers to.",
    "link-refused": "A link of the archive leads out of it or in a loop; it was not followed.",
    "findings-left-out": "There are more findings than an archive keeps.",
    "invalid-reference": "A name of the archive is not a valid image reference; it was left out.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is odd. `layer` is the index in its image, bottom first; `path` raw bytes."""

    code: str
    severity: Severity
    detail: str
    image_id: str | None = None
    layer: int | None = None
    path: bytes | None = None

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unknown finding code {self.code}")

    def at(self, *, image_id: str | None, layer: int | None = None) -> "Finding":
        """The same finding, placed in an image (and one of its layers)."""
        return replace(self, image_id=image_id, layer=self.layer if layer is None else layer)

    def as_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "image_id": self.image_id,
            "severity": str(self.severity),
            "code": self.code,
            "layer": self.layer,
            "path": None if self.path is None else escape(self.path),
            "detail": self.detail,
        }
        if self.path is not None and not is_utf8(self.path):
            document["path_bytes"] = base64.b64encode(self.path).decode()
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Finding":
        path: bytes | None = None
        if "path_bytes" in document:
            path = base64.b64decode(document["path_bytes"])
        elif document.get("path") is not None:
            path = document["path"].encode()
        return cls(
            code=document["code"],
            severity=Severity(document["severity"]),
            detail=document["detail"],
            image_id=document.get("image_id"),
            layer=document.get("layer"),
            path=path,
        )


def is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def escape(name: bytes) -> str:
    """A name as text: UTF-8 as it is; one that is not has its odd bytes percent-escaped."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return "".join(
            character if not "\udc80" <= character <= "\udcff" else f"%{ord(character) - 0xDC00:02X}"
            for character in name.decode(errors="surrogateescape")
        )
