"""What an archive's documents tell, gathered: each image once, its references, what was odd or refused."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.documents import Documents
from analyzer.archive.outer import Outer
from analyzer.archive.source import ArchiveError, Attestation, BlobRef, ImageSource, LayerSource, Presence
from analyzer.oci import history
from analyzer.oci.config import ImageConfig, Platform
from analyzer.oci.digest import digest_of
from analyzer.oci.findings import Finding, Severity
from analyzer.oci.jsondoc import DocumentError
from analyzer.oci.mediatypes import is_foreign
from analyzer.oci.reference import InvalidReference, Reference
from analyzer.oci.wording import counted, shown

MAX_FINDINGS = 50  # of one code about the archive as a whole; then one more says how many were left out

Refusal = DocumentError | LimitReached | ArchiveError


@dataclass(frozen=True, slots=True)
class LayerClaim:
    """A layer as the archive's documents name it, before the config has been read."""

    name: str  # in the archive
    digest: str | None = None
    size: int | None = None
    media_type: str | None = None
    urls: tuple[str, ...] = ()


class Gathering:
    """One image for each config with the same blobs under it; more manifests of it only add references."""

    def __init__(self, name: str, outer: Outer, limits: Limits, held: Collection[str] = ()) -> None:
        """`held`: digests of blobs that may be absent."""
        self.name = name
        self._held = held
        self.outer = outer
        self.limits = limits
        self.attaches_referrers = False  # a pull asked the registry for them; else artifacts are set aside
        self.documents = Documents(outer, limits)
        self.images: list[ImageSource] = []
        self.attestations: list[Attestation] = []
        self.refusals: list[ArchiveError | LimitReached] = []
        self.absent = 0  # entries of indexes that are not in the archive
        self.artifacts: set[str] = set()  # types of what is no image
        self.used: set[BlobRef] = set()  # what some document refers to
        self._known: dict[tuple[object, ...], ImageSource] = {}
        self._referred: set[tuple[int, str]] = set()
        self._findings: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def report(self, code: str, severity: Severity, detail: str, *, image_id: str | None = None) -> None:
        """A finding about the archive or an image as a whole. What is odd about an image is never left out."""
        if image_id is None or severity is Severity.INFO:
            self._counts[code] += 1
        if self._counts[code] <= MAX_FINDINGS:
            self._findings.append(Finding(code, severity, detail, image_id=image_id))

    def refuse(
        self, what: str, why: Refusal, *, code: str = "image-refused", severity: Severity = Severity.ERROR
    ) -> None:
        """What cannot be read: told as a finding if images are left, else as the archive's error."""
        if isinstance(why, DocumentError):
            why = ArchiveError(f"{what} cannot be read: {why}.")
        self.refusals.append(why)
        self.report(code, severity, str(why) if str(why).endswith(".") else f"{why}.")

    def findings(self) -> list[Finding]:
        """All findings; of a code that came too often the first ones, and how many more there were."""
        more = [
            Finding(finding.code, finding.severity, f"{count - MAX_FINDINGS:,} more findings of this kind.")
            for code, count in self._counts.items()
            if count > MAX_FINDINGS
            for finding in [next(item for item in self._findings if item.code == code)]
        ]
        return [*self._findings, *more, *self.outer.findings]

    def image(
        self,
        raw: bytes,
        name: str,
        claims: Sequence[LayerClaim],
        *,
        platform: Platform | None = None,
        manifest_digest: str | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> ImageSource:
        """The image with the config `raw`, found under `name`, and the layers `claims`.

        `platform` fills in what the config lacks. Raises DocumentError, LimitReached.
        """
        self.limits.check("max_layers", len(claims), f"The number of layers of the image with {name}")
        blobs = [self.outer.find(claim.name) for claim in claims]
        self.used.update(blob for blob in blobs if blob)
        image_id = digest_of(raw)
        key = (image_id, *(blob or claim.name for blob, claim in zip(blobs, claims, strict=True)))
        known = self._known.get(key)
        if known is not None:
            return known
        self.limits.check("max_images", len(self.images) + 1, "The number of images of the archive")
        layers = sum(len(image.layers) for image in self.images) + len(claims)
        self.limits.check("max_archive_layers", layers, "The number of layers of the archive's images")
        config = self.documents.config(raw, name)
        image = ImageSource(
            image_id=image_id,
            config=raw,
            document=config.document,
            platform=config.platform.filled_from(platform),
            created=config.created,
            history=config.history,
            layers=self._layers(image_id, config, claims, blobs),
            references=[],
            manifest_digest=manifest_digest,
            annotations=annotations or {},
        )
        if history.align(config.history, len(claims)) is None:
            made = sum(not step.empty_layer for step in config.history)
            told = f"The history tells of {counted(made, 'layer')}, the image has {len(claims)}"
            detail = f"{told}; both are shown as they stand."
            self.report("history-unaligned", Severity.WARNING, detail, image_id=image_id)
        self._known[key] = image
        self.images.append(image)
        return image

    def _layers(
        self, image_id: str, config: ImageConfig, claims: Sequence[LayerClaim], blobs: Sequence[BlobRef | None]
    ) -> list[LayerSource]:
        diff_ids: Sequence[str | None] = config.diff_ids
        if len(diff_ids) != len(claims):
            declared = f"The config declares {counted(len(diff_ids), 'layer')}"
            detail = f"{declared}, the manifest names {len(claims)}, which are shown."
            self.report("config-mismatch", Severity.WARNING, detail, image_id=image_id)
            diff_ids = [None] * len(claims)  # nobody can say which declaration is of which layer
        layers = []
        for index, (claim, blob, diff_id) in enumerate(zip(claims, blobs, diff_ids, strict=True)):
            presence = self._presence(claim, blob)
            layers.append(LayerSource(presence, blob, diff_id, claim.digest, claim.size, claim.media_type))
            finding = None if presence is Presence.HELD else self._layer_finding(claim, blob)
            if finding:
                self._findings.append(finding.at(image_id=image_id, layer=index))
        return layers

    def _presence(self, claim: LayerClaim, blob: BlobRef | None) -> Presence:
        if blob:
            return Presence.PRESENT
        if claim.digest in self._held:
            return Presence.HELD
        return Presence.FOREIGN if _is_foreign(claim) else Presence.MISSING

    def _layer_finding(self, claim: LayerClaim, blob: BlobRef | None) -> Finding | None:
        name = shown(claim.name)
        if blob is None and _is_foreign(claim):
            where = f"; it is to be fetched from {shown(', '.join(claim.urls), 500)}" if claim.urls else ""
            return Finding("foreign-layer", Severity.ERROR, f"The foreign layer {name} is not in the archive{where}.")
        if blob is None:
            return Finding("blob-missing", Severity.ERROR, f"The layer {name} {self.outer.why_not(claim.name)}.")
        if claim.size is not None and claim.size != blob.length:
            detail = f"The layer {name} is declared with {claim.size:,} bytes and has {blob.length:,}."
            return Finding("size-mismatch", Severity.WARNING, detail)
        return None

    def refer(self, images: Iterable[ImageSource], reference: Reference) -> None:
        """Adds `reference` to the images that lack it, unless there are too many: that is reported."""
        text = str(reference)
        for image in images:
            if (id(image), text) in self._referred:
                continue
            if len(self._referred) >= self.limits.max_references:
                reached = LimitReached("MAX_REFERENCES", self.limits.max_references, "The number of names of images")
                self.report("limit-reached", Severity.WARNING, f"{reached}: {shown(text)} was left out.")
                continue
            self._referred.add((id(image), text))
            image.references.append(text)

    def invalid_reference(self, why: InvalidReference) -> None:
        self.report("invalid-reference", Severity.WARNING, f"{str(why)[:1].upper()}{str(why)[1:]}; it was left out.")


def _is_foreign(claim: LayerClaim) -> bool:
    return bool(claim.urls) or is_foreign(claim.media_type or "")
