"""What images say of their own base, beside what their chains say."""

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.models import ArchiveImage, ReferenceMove
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.selectors.access import Viewer, teams_of
from analyzer.selectors.scope import Scope, ScopeImage

AGREES, BELOW, OTHER, OLDER, NOT_HERE = "agrees", "below", "other", "older", "not here"


@dataclass(frozen=True, slots=True)
class Claim:
    """An image's word for its base, and what is made of it.

    "agrees": the base by chain is the one that is claimed. "below": the claimed one lies under another image that is
    nearer. "older": the base by chain is a former push of that name. "other": the image that is claimed is here, and
    the chain does not stand on it. "not here": no image that the viewer may see goes by the claim.
    """

    image: ScopeImage
    base: ScopeImage | None  # by chain prefix
    name: str
    digest: str
    verdict: str
    meant: ScopeImage | None  # the image that the claim means now


def claims(viewer: Viewer, scope: Scope, everything: Scope, bases: Mapping[int, ScopeImage]) -> list[Claim]:
    """The claims of the scope's images, those that disagree first. Three queries at most."""
    said: dict[int, tuple[str, str]] = {}
    rows = ArchiveImage.objects.filter(archive__team__in=teams_of(viewer)).exclude(base_name="", base_digest="")
    for pk, name, digest in rows.order_by("archive_id").values_list("image_id", "base_name", "base_digest"):
        said[pk] = name, digest
    said = {pk: claim for pk, claim in said.items() if pk in scope.images}
    if not said:
        return []
    manifests = _manifests(viewer, {digest for _, digest in said.values() if digest})
    former = _former(viewer)
    now = {text: image for image in everything.images.values() for text in image.references}
    told = []
    for pk, (name, digest) in said.items():
        image, base = scope.images[pk], bases.get(pk)
        text = _normal(name)
        meant = everything.images.get(manifests.get(digest, 0)) or now.get(text)
        earlier = [everything.images[old] for old in former.get(text, ()) if old in everything.images]
        told.append(Claim(image, base, name, digest, _verdict(image, base, meant, earlier, digest in manifests), meant))
    order = (OTHER, OLDER, BELOW, NOT_HERE, AGREES)
    return sorted(told, key=lambda claim: (order.index(claim.verdict), claim.image.name, claim.image.pk))


def _verdict(
    image: ScopeImage, base: ScopeImage | None, meant: ScopeImage | None, earlier: list[ScopeImage], is_exact: bool
) -> str:
    if meant is None and not earlier:
        return NOT_HERE
    if base is not None:
        if meant is not None and base.top_chain == meant.top_chain:
            return AGREES
        if meant is not None and meant.top_chain in image.chains:
            return BELOW
        if not is_exact and any(base.top_chain == old.top_chain for old in earlier):
            return OLDER
    return OTHER


def _manifests(viewer: Viewer, digests: set[str]) -> dict[str, int]:
    """The image of each manifest that an archive of the viewer's teams brought; an image ID stands for itself."""
    if not digests:
        return {}
    rows = ArchiveImage.objects.filter(archive__team__in=teams_of(viewer), manifest_digest__in=digests)
    return dict(rows.order_by("pk").values_list("manifest_digest", "image_id"))


def _former(viewer: Viewer) -> dict[str, list[int]]:
    """The images that each reference has meant, as the viewer's teams know it."""
    found: dict[str, list[int]] = {}
    moves = ReferenceMove.objects.filter(reference__team__in=teams_of(viewer), image__isnull=False).order_by("at")
    for repository, tag, image in moves.values_list("reference__repository", "reference__tag", "image_id"):
        if image is not None:
            found.setdefault(f"{repository}:{tag}", []).append(image)
    return found


def _normal(name: str) -> str:
    """The reference as references are kept; empty for what is none."""
    try:
        reference = parse_reference(name)
    except InvalidReference:
        return ""
    return f"{reference.registry}/{reference.repository}:{reference.tag or 'latest'}"
