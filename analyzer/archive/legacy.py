"""`docker save` from before Docker 1.10: `repositories` names the tags, each v1 folder its parent.

Such an archive has no config. One is put together as engines do when they load it: the topmost v1
document without what was v1's alone, the diffIDs, the history. For the diffIDs the layers are
hashed here, once each. The image ID is the one that `docker load` gives the image.
"""

import json
from collections.abc import Mapping
from typing import Any

from analyzer.archive.budget import LimitReached
from analyzer.archive.gathering import Gathering, LayerClaim
from analyzer.archive.scan import hash_layer
from analyzer.archive.source import ArchiveError, BlobRef, ImageSource
from analyzer.oci.jsondoc import DocumentError, as_object, as_text, as_texts
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.oci.wording import shown

REPOSITORIES = "repositories"
_V1_ALONE = {"id", "parent", "Size", "parent_id", "layer_id", "throwaway", "rootfs", "history"}
# Go's encoder, whose bytes make the image ID, escapes these in every text.
_GO_ESCAPES = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"})


def read_legacy(found: Gathering, document: Any) -> None:
    """Gathers the images of a parsed `repositories`. An image that cannot be read is refused alone.

    Raises DocumentError.
    """
    reader = _Legacy(found)
    for repository, tags in as_object(document, REPOSITORIES).items():
        for tag, v1_id in as_object(tags, f"the repository {shown(repository)}").items():
            name = f"{repository}:{tag}"
            try:
                reader.read(name, as_text(v1_id, f"the ID of {shown(name)}"))
            except (DocumentError, LimitReached, ArchiveError) as error:
                found.refuse(f"The image {shown(name)}", error)


class _Legacy:
    def __init__(self, found: Gathering) -> None:
        self._found = found
        self._images: dict[str, ImageSource] = {}  # by v1 ID
        self._documents: dict[str, dict[str, Any]] = {}
        self._diff_ids: dict[BlobRef, str] = {}

    def read(self, name: str, v1_id: str) -> None:
        if v1_id not in self._images:
            self._found.limits.check("max_images", len(self._images) + 1, "The number of images of the archive")
            self._images[v1_id] = self._image(name, v1_id)
        try:
            self._found.refer([self._images[v1_id]], parse_reference(name))
        except InvalidReference as error:
            self._found.invalid_reference(error)

    def _image(self, name: str, v1_id: str) -> ImageSource:
        chain = self._chain(v1_id)
        names = [f"{step}/layer.tar" for step, _ in chain]
        config = {key: value for key, value in chain[-1][1].items() if key not in _V1_ALONE}
        config["rootfs"] = {"type": "layers", "diff_ids": [self._diff_id(layer) for layer in names]}
        config["history"] = [_step(document) for _, document in chain]
        text = json.dumps(dict(sorted(config.items())), ensure_ascii=False, separators=(",", ":"))
        raw = text.translate(_GO_ESCAPES).encode()
        return self._found.image(raw, f"the config of {shown(name)}", [LayerClaim(layer) for layer in names])

    def _chain(self, v1_id: str) -> list[tuple[str, dict[str, Any]]]:
        """The v1 documents from the bottom up to `v1_id`."""
        chain: dict[str, dict[str, Any]] = {}
        while v1_id:
            if v1_id in chain:
                raise ArchiveError(f"The layer {shown(v1_id)} is its own ancestor.")
            self._found.limits.check("max_layers", len(chain) + 1, "The number of layers of an image")
            chain[v1_id] = self._document(v1_id)
            v1_id = as_text(chain[v1_id].get("parent"), "parent")
        if not chain:
            raise ArchiveError("The archive names an image without an ID.")
        return list(reversed(chain.items()))

    def _document(self, v1_id: str) -> dict[str, Any]:
        if v1_id not in self._documents:
            document = self._found.documents.found(f"{v1_id}/json")
            if document is None:
                raise ArchiveError(f"The archive lacks {shown(v1_id)}/json, which describes a layer.")
            self._documents[v1_id] = as_object(document, f"{shown(v1_id)}/json")
        return self._documents[v1_id]

    def _diff_id(self, name: str) -> str:
        blob = self._found.outer.find(name)
        if blob is None:
            raise ArchiveError(f"The layer {shown(name)} {self._found.outer.why_not(name)}.")
        if blob not in self._diff_ids:
            scan = hash_layer(blob, self._found.limits, None)
            self._diff_ids[blob] = scan.diff_id or scan.blob_digest
        return self._diff_ids[blob]


def _step(document: Mapping[str, Any]) -> dict[str, Any]:
    run = as_object(document.get("container_config"), "container_config")
    step = {
        "created": document.get("created"),
        "author": as_text(document.get("author"), "author"),
        "created_by": " ".join(as_texts(run.get("Cmd"), "container_config.Cmd")),
        "comment": as_text(document.get("comment"), "comment"),
    }
    return {key: value for key, value in step.items() if value}
