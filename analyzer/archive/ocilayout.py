"""The OCI image layout: index.json, indexes in it, manifests in those (image-spec image-layout.md)."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from analyzer.archive.budget import LimitReached
from analyzer.archive.gathering import Gathering, LayerClaim
from analyzer.archive.source import ArchiveError, Attestation, BlobRef, ImageSource
from analyzer.oci.config import Platform
from analyzer.oci.digest import InvalidDigest, digest_of, parse_digest
from analyzer.oci.findings import Severity
from analyzer.oci.jsondoc import DocumentError, as_list, as_object, as_text, as_text_map
from analyzer.oci.manifest import (
    REFERENCE_DIGEST,
    REFERENCE_TYPE,
    Descriptor,
    Manifest,
    parse_descriptor,
    parse_manifest,
)
from analyzer.oci.mediatypes import DocumentKind, kind_of_document, label_lies
from analyzer.oci.reference import InvalidReference, parse_annotation, parse_reference
from analyzer.oci.wording import counted, shown

INDEX = "index.json"
CONTAINERD_NAME = "io.containerd.image.name"
OCI_NAME = "org.opencontainers.image.ref.name"
REFERRERS_UNREAD = "layersite.referrers.unread"
"""An annotation of the index that a pull writes: why what refers to the image was not all read, as a sentence."""
SCHEMA1_AS = "layersite.schema1."
"""Another one, with a digest at its end: that of the manifest which a pull made of a manifest of schema 1."""


def read_layout(found: Gathering, document: Any) -> None:
    """Gathers the images of a parsed index.json. An image that cannot be read is refused alone.

    Raises DocumentError if the document is no index.
    """
    _Layout(found).read(as_object(document, INDEX))


class _AbsentError(Exception):
    """The archive leaves out what an index names, as an engine does with other platforms."""


def blob_name(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/")


class _Layout:
    def __init__(self, found: Gathering) -> None:
        self._found = found
        self._images: dict[str, list[ImageSource]] = {}  # of each manifest or index that was visited
        self._attested: list[tuple[str, str]] = []  # attestation, subject
        self._told: dict[str, str] = {}  # what a pull says of the layout
        self._steps = 0

    def read(self, index: dict[str, Any]) -> None:
        if self._found.attaches_referrers:
            self._told = as_text_map(index.get("annotations"), "annotations")
        for entry, images in self._entries(index, depth=0):
            self._spend(len(images))
            if images:
                self._refer(images, entry)
        for digest, subject in self._attested:
            self._attach(digest, subject)
        if unread := self._told.get(REFERRERS_UNREAD):
            detail = f"{unread} What refers to the image was passed over."
            self._found.report("referrers-not-read", Severity.INFO, detail)

    def _spend(self, steps: int) -> None:
        """Indexes may name the same entries over and over: the work is bounded, not only the text."""
        self._steps += steps
        self._found.limits.check("max_archive_members", self._steps, "The number of entries of the indexes")

    def _entries(self, index: dict[str, Any], depth: int) -> Iterator[tuple[Descriptor, list[ImageSource]]]:
        """The entries of an index with the images under each; reports the platforms that it names in vain."""
        absent: list[str] = []
        manifests = as_list(index.get("manifests"), "manifests")
        self._spend(len(manifests))
        for position, value in enumerate(manifests):
            try:
                entry = parse_descriptor(value, f"manifests[{position}]")
            except DocumentError as error:
                self._found.refuse(f"Entry {position + 1} of an index", error)
                continue
            try:
                yield entry, self._images_of(entry, depth)
            except _AbsentError:
                absent.append(str(entry.platform or Platform(None, None, None)))
            except (DocumentError, ArchiveError, LimitReached) as error:
                self._found.refuse(f"The manifest {entry.digest}", error)
        if absent:
            self._found.absent += len(absent)
            names = shown(", ".join(absent), 500)
            detail = f"The index names {counted(len(absent), 'platform')} whose bytes are elsewhere: {names}."
            self._found.report("platform-absent", Severity.INFO, detail)

    def _images_of(self, entry: Descriptor, depth: int) -> list[ImageSource]:
        """Raises _AbsentError where the archive leaves out what the entry names, and the errors of reading."""
        if entry.digest in self._images:
            return self._images[entry.digest]
        blob = self._found.outer.find(blob_name(entry.digest))
        kind = entry.annotations.get(REFERENCE_TYPE)
        if blob is None:
            if kind is not None:  # what is attached to a platform goes with it
                return []
            if depth or entry.platform:
                raise _AbsentError
            why = self._found.outer.why_not(blob_name(entry.digest))
            raise ArchiveError(f"The manifest {entry.digest} {why}.")
        self._images[entry.digest] = []  # a loop ends here
        raw, digest = self._document(entry, blob, "manifest")
        if kind is not None:
            self._attestation(entry, kind, raw)
        else:
            self._images[entry.digest] = self._read(entry, self._parsed(entry, raw), digest, depth)
        return self._images[entry.digest]

    def _parsed(self, entry: Descriptor, raw: bytes) -> dict[str, Any]:
        return as_object(self._found.documents.parsed(raw, entry.digest), "it")

    def _document(self, entry: Descriptor, blob: BlobRef, what: str) -> tuple[bytes, str]:
        """The raw document that a descriptor names, and its digest; reports where they are not as declared."""
        self._found.used.add(blob)
        raw = self._found.documents.raw(blob, entry.digest)
        digest = digest_of(raw)
        image_id = digest if what == "config" else None
        if digest != entry.digest:
            detail = f"The {what} is declared as {entry.digest}, its bytes are {digest}."
            self._found.report("digest-mismatch", Severity.WARNING, detail, image_id=image_id)
        if entry.size is not None and entry.size != len(raw):
            detail = f"The {what} {entry.digest} is declared with {entry.size:,} bytes and has {len(raw):,}."
            self._found.report("size-mismatch", Severity.WARNING, detail, image_id=image_id)
        return raw, digest

    def _read(self, entry: Descriptor, document: dict[str, Any], digest: str, depth: int) -> list[ImageSource]:
        kind = kind_of_document(document)
        if label_lies(entry.media_type, kind):
            detail = f"{entry.digest} is declared as {shown(entry.media_type)} and is a {kind}."
            self._found.report("media-type-mismatch", Severity.WARNING, detail)
        if kind is DocumentKind.INDEX:
            self._found.limits.check("max_index_depth", depth + 1, "The nesting of indexes")
            nested = [image for _, images in self._entries(document, depth + 1) for image in images]
            self._spend(len(nested))
            return list({id(image): image for image in nested}.values())
        if kind is DocumentKind.SCHEMA1:
            return [self._schema1(entry, digest, depth)]
        if kind is DocumentKind.OTHER:
            self._set_aside(entry, as_text(document.get("artifactType"), "artifactType") or entry.media_type)
            return []
        manifest = parse_manifest(document)
        if manifest.artifact:
            self._use(manifest)
            if (
                manifest.subject and self._found.attaches_referrers
            ):  # what a registry calls a referrer (image-spec manifest.md, "subject")
                self._attested.append((digest, manifest.subject))
                return []
            self._set_aside(entry, manifest.artifact)
            return []
        return [self._image(entry, manifest, digest, depth)]

    def _schema1(self, entry: Descriptor, digest: str, depth: int) -> ImageSource:
        """The image of the manifest that a pull made of it. Raises ArchiveError where none did."""
        made = self._found.outer.find(blob_name(self._told.get(f"{SCHEMA1_AS}{digest}", "")))
        if made is None:
            raise ArchiveError(
                f"The manifest {entry.digest} is of Docker's old schema 1, which names no config: pull the image anew."
            )
        self._found.used.add(made)
        raw = self._found.documents.raw(made, digest)
        image = self._image(entry, parse_manifest(self._parsed(entry, raw)), digest, depth)
        detail = (
            f"The manifest {digest} is of Docker's old schema 1, which names no config: this one was made of its "
            "history, as an engine does. Its signature was not checked."
        )
        self._found.report("schema-1-converted", Severity.INFO, detail, image_id=image.image_id)
        return image

    def _image(self, entry: Descriptor, manifest: Manifest, digest: str, depth: int) -> ImageSource:
        find = self._found.outer.find
        blob = find(blob_name(manifest.config.digest))
        if blob is None:
            if depth and not any(find(blob_name(layer.digest)) for layer in manifest.layers):
                raise _AbsentError
            why = self._found.outer.why_not(blob_name(manifest.config.digest))
            raise ArchiveError(f"The config {manifest.config.digest} of the manifest {entry.digest} {why}.")
        raw, _ = self._document(manifest.config, blob, "config")
        return self._found.image(
            raw,
            f"the config {manifest.config.digest}",
            [
                LayerClaim(blob_name(layer.digest), layer.digest, layer.size, layer.media_type or None, layer.urls)
                for layer in manifest.layers
            ],
            platform=entry.platform,
            manifest_digest=digest,
            annotations={**entry.annotations, **manifest.annotations},
        )

    def _set_aside(self, entry: Descriptor, kind: str) -> None:
        name = shown(entry.annotations.get(OCI_NAME) or entry.digest)
        kind = shown(kind) or "unknown"
        detail = f"{name} is no image but an artifact of the type {kind}."
        self._found.artifacts.add(kind)
        self._found.report("artifact-set-aside", Severity.INFO, detail)

    def _use(self, manifest: Manifest) -> None:
        blobs = [self._found.outer.find(blob_name(part.digest)) for part in (manifest.config, *manifest.layers)]
        self._found.used.update(blob for blob in blobs if blob)

    def _attestation(self, entry: Descriptor, kind: str, raw: bytes) -> None:
        with suppress(DocumentError):  # nothing of it is read but which blobs are its own
            self._use(parse_manifest(self._parsed(entry, raw)))
        try:
            subject = parse_digest(entry.annotations.get(REFERENCE_DIGEST))
        except InvalidDigest:
            subject = None
        if entry.is_attestation and subject:
            self._attested.append((entry.digest, subject))
        else:
            self._set_aside(entry, kind)

    def _attach(self, digest: str, subject: str) -> None:
        images = self._images.get(subject, [])
        image_id = images[0].image_id if len(images) == 1 else None
        self._found.attestations.append(Attestation(digest, subject, image_id))
        if image_id:
            detail = f"The attestation {digest} is attached to the manifest {subject}."
            self._found.report("attestation-attached", Severity.INFO, detail, image_id=image_id)

    def _refer(self, images: Sequence[ImageSource], entry: Descriptor) -> None:
        whole, short = entry.annotations.get(CONTAINERD_NAME), entry.annotations.get(OCI_NAME)
        try:
            if whole:
                self._found.refer(images, parse_reference(whole))
            elif short:
                self._found.refer(images, parse_annotation(short, self._found.name))
        except InvalidReference as error:
            self._found.invalid_reference(error)
