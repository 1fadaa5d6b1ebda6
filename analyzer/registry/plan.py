"""What a reference stands for: the manifests of the platforms that are meant, and what is attached to them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from analyzer.oci.config import Platform
from analyzer.oci.jsondoc import DocumentError, as_list, values_of
from analyzer.oci.manifest import REFERENCE_DIGEST, REFERENCE_TYPE, Descriptor, parse_descriptor, parse_manifest
from analyzer.oci.manifest import Manifest as ParsedManifest
from analyzer.oci.mediatypes import INDEXES, DocumentKind
from analyzer.oci.reference import Reference
from analyzer.oci.schema1 import Schema1, parse_schema1
from analyzer.oci.wording import shown
from analyzer.registry.client import Manifest, RegistryClient
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.platforms import choose

Leaf = tuple[Descriptor, tuple[str, ...]]
"""An entry of an index, and the digests of the indexes above it."""

MOST_REFERRERS = 100  # or attestations, of one manifest; further ones are not asked for


@dataclass(frozen=True, slots=True)
class PlannedImage:
    manifest: Manifest
    parsed: ParsedManifest | Schema1


@dataclass(slots=True)
class Plan:
    """`documents` are all that was read on the way, by digest; `referrers` those that no index names.

    `unread`: why not all of those are there, if so, as a sentence.
    """

    root: Manifest
    images: list[PlannedImage] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)
    referrers: list[Manifest] = field(default_factory=list)
    unread: str = ""


def make_plan(client: RegistryClient, reference: Reference, wanted: Platform | None, *, every: bool) -> Plan:
    """Reads manifests until every image that is meant is known; `every` platform, or the one `wanted`.

    Raises RegistryError, LimitReached.
    """
    return _Planner(client, reference, wanted, every=every).plan()


class _Planner:
    def __init__(self, client: RegistryClient, reference: Reference, wanted: Platform | None, *, every: bool) -> None:
        self._client = client
        self._reference = reference
        self._wanted = wanted
        self._every = every
        self._attached: dict[str, dict[str, None]] = {}  # subject: its attestations, each once
        self._seen: set[str] = set()
        self._entries = 0
        self._bytes = 0
        self._values = 0

    def plan(self) -> Plan:
        root = self._client.resolve(self._reference)
        self._plan = Plan(root)
        self._read(root, (), None)
        if not self._plan.images:
            raise RegistryError(Kind.UNSUPPORTED, f"{shown(str(self._reference))} holds no image.")
        chosen = list(dict.fromkeys(image.manifest.digest for image in self._plan.images))
        for subject in chosen:
            for digest in list(self._attached.get(subject, ()))[:MOST_REFERRERS]:
                self._attach(digest)
        try:
            for subject in dict.fromkeys([*chosen, root.digest]):
                self._refer(subject)
        except RegistryError as error:
            if error.kind is not Kind.TIMEOUT:
                raise
            self._plan.unread = str(error)  # the image is whole without: nobody waits for them twice
        return self._plan

    def _manifest(self, digest: str, above: Sequence[str]) -> Manifest:
        try:
            found = self._client.manifest(self._reference.repository, digest)
        except RegistryError as error:
            if error.kind is Kind.NOT_FOUND:
                sentence = (
                    f"{shown(str(self._reference))} names the manifest {digest}, which its registry does not have."
                )
                raise RegistryError(Kind.NOT_FOUND, sentence) from None
            raise
        if found.digest in above:
            raise _loop(digest)
        return found

    def _keep(self, found: Manifest) -> None:
        self._plan.documents[found.digest] = found.raw
        limits = self._client.context.limits
        self._bytes += len(found.raw)
        self._values += values_of(found.raw)
        limits.check("max_documents_bytes", self._bytes, "The size of all manifests of the image")
        limits.check("max_json_values", self._values, "The number of values in all manifests of the image")

    def _read(self, found: Manifest, above: tuple[str, ...], entry: Descriptor | None) -> None:
        if found.digest in self._seen:
            return
        self._seen.add(found.digest)
        self._keep(found)
        name = shown(str(self._reference))
        if found.kind is DocumentKind.INDEX:
            self._index(found, above)
        elif found.kind is DocumentKind.OTHER:
            if entry is None:
                kind = shown(str(found.document.get("artifactType") or found.media_type))
                of = f"of the type {kind}" if kind else "that does not say of which type it is"
                raise RegistryError(Kind.UNSUPPORTED, f"{name} is no image but a document {of}.")
        else:
            self._image(found, entry)

    def _image(self, found: Manifest, entry: Descriptor | None) -> None:
        name = shown(str(self._reference))
        limits = self._client.context.limits
        parsed: ParsedManifest | Schema1
        try:
            if found.kind is DocumentKind.SCHEMA1:
                parsed = parse_schema1(found.document, limits.max_json_depth)
            else:
                parsed = parse_manifest(found.document)
        except DocumentError as error:
            sentence = f"The manifest {found.digest} of {name} can't be read: {error}."
            raise RegistryError(Kind.FAILED, sentence) from None
        if isinstance(parsed, ParsedManifest) and parsed.artifact:
            if entry is None:
                kind = shown(parsed.artifact)
                raise RegistryError(Kind.UNSUPPORTED, f"{name} is no image but an artifact of the type {kind}.")
            return
        limits.check("max_layers", len(parsed.layers), f"The number of layers of {found.digest}")
        limits.check("max_images", len(self._plan.images) + 1, f"The number of images of {name}")
        self._plan.images.append(PlannedImage(found, parsed))

    def _index(self, found: Manifest, above: tuple[str, ...]) -> None:
        leaves = self._leaves(found, above)
        if leaves and not self._every:
            meant = choose([entry for entry, _ in leaves], self._wanted, shown(str(self._reference)))
            leaves = [leaf for leaf in leaves if leaf[0] is meant]
        for entry, path in leaves:
            self._read(self._manifest(entry.digest, path), path, entry)

    def _leaves(self, found: Manifest, above: tuple[str, ...]) -> list[Leaf]:
        """What an index and the indexes in it name that is no index: a platform may be in any of them."""
        limits = self._client.context.limits
        limits.check("max_index_depth", len(above) + 1, "The nesting of indexes")
        path = (*above, found.digest)
        entries = self._parsed_entries(found)
        self._entries += len(entries)
        limits.check("max_archive_members", self._entries, "The number of entries of the indexes")
        leaves: dict[str, Leaf] = {}
        for entry in entries:
            if entry.annotations.get(REFERENCE_TYPE) is not None:
                self._attached.setdefault(entry.annotations.get(REFERENCE_DIGEST, ""), {})[entry.digest] = None
            elif entry.digest in path:
                raise _loop(entry.digest)
            elif entry.digest in self._seen or entry.digest in leaves:
                continue
            elif entry.media_type in INDEXES and not entry.platform:
                for leaf in self._nested(entry, path):
                    leaves.setdefault(leaf[0].digest, leaf)
            else:
                leaves[entry.digest] = entry, path
        return list(leaves.values())

    def _nested(self, entry: Descriptor, path: tuple[str, ...]) -> list[Leaf]:
        found = self._manifest(entry.digest, path)
        if found.kind is not DocumentKind.INDEX:
            return [(entry, path)]
        self._seen.add(found.digest)
        self._keep(found)
        return self._leaves(found, path)

    def _parsed_entries(self, found: Manifest) -> list[Descriptor]:
        """What can't be read is left out here; it is reported when the layout is opened."""
        entries = []
        try:
            listed = as_list(found.document.get("manifests"), "manifests")
        except DocumentError as error:
            raise RegistryError(Kind.FAILED, f"The index {found.digest} can't be read: {error}.") from None
        for position, value in enumerate(listed):
            with suppress(DocumentError):
                entries.append(parse_descriptor(value, f"manifests[{position}]"))
        return entries

    def _attach(self, digest: str) -> Manifest | None:
        try:
            found = self._client.manifest(self._reference.repository, digest)
        except RegistryError as error:
            if error.kind is Kind.NOT_FOUND:  # the image is whole without it
                return None
            raise
        self._keep(found)
        return found

    def _refer(self, subject: str) -> None:
        for value in self._client.referrers(self._reference.repository, subject)[:MOST_REFERRERS]:
            with suppress(DocumentError):
                entry = parse_descriptor(value, "a referrer")
                if entry.digest not in self._plan.documents:
                    found = self._attach(entry.digest)
                    if found is not None:
                        self._plan.referrers.append(found)


def _loop(digest: str) -> RegistryError:
    return RegistryError(Kind.UNSUPPORTED, f"The index {digest} points to itself: there is no end to it.")
