"""The form of `docker save`: manifest.json names each image's config, tags and layers, bottom first.

Docker writes `<v1 id>/layer.tar`, from 25 on `blobs/sha256/…`; kaniko and crane `sha256:…` and
`….tar.gz`; jib its keys in lower case; podman, buildah and skopeo `<diffID>.tar`.
"""

import re
from collections.abc import Mapping
from typing import Any

from analyzer.archive.budget import LimitReached
from analyzer.archive.gathering import Gathering, LayerClaim
from analyzer.archive.source import ArchiveError
from analyzer.oci.digest import digest_of
from analyzer.oci.findings import Severity
from analyzer.oci.jsondoc import DocumentError, as_object, as_text, as_texts
from analyzer.oci.manifest import Descriptor, parse_descriptor
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.oci.wording import shown

MANIFEST = "manifest.json"
_DIGEST_IN_NAME = re.compile(r"(?:^|/|sha256:)([0-9a-f]{64})(?:\.json)?$")
_BLOB = re.compile(r"(?:\./)?blobs/sha256/([0-9a-f]{64})")
_NO_NAME = "<none>:<none>"


def read_docker(found: Gathering, document: Any) -> None:
    """Gathers the images of a parsed manifest.json. An image that cannot be read is refused alone.

    Raises DocumentError if the document is no list of images, LimitReached if it is endless.
    """
    if isinstance(document, dict) and "config" in document:
        raise DocumentError(
            "it is the manifest of one image, as skopeo's `dir:` has it; `skopeo copy dir:… oci-archive:app.tar` helps"
        )
    if not isinstance(document, list):
        raise DocumentError("it is not a list of images")
    found.limits.check("max_archive_members", len(document), f"The number of entries of {MANIFEST}")
    for index, item in enumerate(document):
        try:
            _image(found, {key.lower(): value for key, value in as_object(item, f"item {index}").items()})
        except (DocumentError, LimitReached, ArchiveError) as error:
            found.refuse(f"Image {index + 1} of {MANIFEST}", error)


def _image(found: Gathering, item: Mapping[str, Any]) -> None:
    tags = as_texts(item.get("repotags"), "RepoTags")
    names = as_texts(item.get("layers"), "Layers")
    name = as_text(item.get("config"), "Config")
    what = shown(tags[0]) if tags else "an image"
    blob = found.outer.find(name) if name else None
    if blob is None:
        why = found.outer.why_not(name)
        raise ArchiveError(
            f"The config {shown(name)} of {what} {why}." if name else f"The config of {what} is not named."
        )
    found.used.add(blob)
    raw = found.documents.raw(blob, shown(name))
    sources = _sources(item)
    diff_ids = found.documents.config(raw, shown(name)).diff_ids if sources else ()
    claims = _claims(names, sources, diff_ids)
    image = found.image(raw, f"the config of {what}", claims)
    declared = _DIGEST_IN_NAME.search(name)
    if declared and image.image_id != f"sha256:{declared[1]}":
        detail = f"The config is named sha256:{declared[1]}, its bytes are {digest_of(raw)}."
        found.report("digest-mismatch", Severity.WARNING, detail, image_id=image.image_id)
    for tag in tags:
        if tag == _NO_NAME:
            continue
        try:
            found.refer([image], parse_reference(tag))
        except InvalidReference as error:
            found.invalid_reference(error)


def _sources(item: Mapping[str, Any]) -> dict[str, Descriptor]:
    """LayerSources: diffID → where the layer comes from, written for foreign layers."""
    return {
        diff_id: parse_descriptor(value, "an item of LayerSources")
        for diff_id, value in as_object(item.get("layersources"), "LayerSources").items()
    }


def _claims(names: list[str], sources: Mapping[str, Descriptor], diff_ids: tuple[str, ...]) -> list[LayerClaim]:
    """LayerSources may describe another form of a layer than the one that lies there, so only the names bind."""
    claims = []
    for index, name in enumerate(names):
        blob = _BLOB.fullmatch(name)
        digest = f"sha256:{blob[1]}" if blob else None
        source = sources.get(diff_ids[index]) if len(diff_ids) == len(names) else None
        if source is None:
            claims.append(LayerClaim(name, digest))
        else:
            claims.append(LayerClaim(name, digest, None, source.media_type or None, source.urls))
    return claims
