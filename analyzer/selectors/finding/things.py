"""What is found that is no file: images and layers by their digests and names, images by what their config says."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet

from analyzer.models import ArchiveImage, Blob, Chain, Image, ImageLayer, Layer, LayerPackage, Reference
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.selectors.finding.sight import Budget, Sight

CHUNK = 100


def _from(field: str, digits: str) -> Q:
    """Digests that begin so, by a range: what indexes are for."""
    return Q(**{f"{field}__gte": f"sha256:{digits}", f"{field}__lt": f"sha256:{digits}g"})


def layers_by_digest(sight: Sight, digits: str) -> list[int]:
    """Layers whose diffID, a chainID of which, or a blob of which begins with these digits."""
    chains = Chain.objects.filter(_from("chain_id", digits), image_layers__image__in=sight.images)
    blobs = Blob.objects.filter(_from("digest", digits))
    layers = sight.layers()
    found = set(layers.filter(_from("diff_id", digits)).values_list("pk", flat=True))
    found |= set(chains.values_list("layer_id", flat=True))
    found |= set(layers.filter(pk__in=blobs.values("layer_id")).values_list("pk", flat=True))
    return sorted(found, reverse=True)


def images_by_digest(sight: Sight, digits: str) -> list[int]:
    """Images whose ID, or the digest of a manifest of which, begins with these digits."""
    found = set(sight.images.filter(_from("image_id", digits)).values_list("pk", flat=True))
    brought = ArchiveImage.objects.filter(
        _from("manifest_digest", digits), archive__team__in=sight.teams, image__in=sight.images
    )
    return sorted(found | set(brought.values_list("image_id", flat=True)), reverse=True)


def images_by_reference(sight: Sight, text: str) -> list[int]:
    """Images that a reference means, if the text is one with a tag or a digest."""
    if ":" not in text and "@" not in text:
        return []
    try:
        reference = parse_reference(text)
    except InvalidReference:
        return []
    repository = f"{reference.registry}/{reference.repository}"
    named = Reference.objects.filter(team__in=sight.teams, repository=repository, image__in=sight.images)
    if reference.tag:
        return sorted(set(named.filter(tag=reference.tag).values_list("image_id", flat=True)), reverse=True)
    found = images_by_digest(sight, (reference.digest or "").removeprefix("sha256:"))
    return sorted(set(found) & set(named.values_list("image_id", flat=True)), reverse=True)


def images_called(sight: Sight, text: str, most: int) -> list[int]:
    """Images with a reference that contains the text, newest first: beside the files of that name."""
    called = Reference.objects.filter(team__in=sight.teams, image__in=sight.images)
    wanted = called.filter(Q(repository__icontains=text) | Q(tag__icontains=text))
    return list(wanted.order_by("-image_id").values_list("image_id", flat=True).distinct()[:most])


def images_by_config(sight: Sight, field: str, value: str, budget: Budget) -> list[int]:
    """Images whose config has the label `key=value` or `key`, the variable `NAME=value` or `NAME`, or the word in
    entrypoint or command; newest first."""
    key, equals, wanted = value.partition("=")
    needle = json.dumps(key, ensure_ascii=False)[1:-1].encode(errors="replace")
    plain = needle.isascii() and b"\\" not in needle and b"/" not in needle  # others may stand there escaped
    found: list[int] = []
    rows = sight.images.order_by("-pk").values_list("pk", "config")
    for number, (pk, config) in enumerate(rows.iterator(chunk_size=CHUNK)):
        if number % CHUNK == 0 and budget.is_over():
            break
        raw = bytes(config)
        if (not plain or needle in raw) and _says(raw, field, key, wanted if equals else None):
            found.append(pk)
    return found


def _says(raw: bytes, field: str, key: str, wanted: str | None) -> bool:
    try:
        run = json.loads(raw).get("config") or {}
    except (ValueError, RecursionError, AttributeError):
        return False
    if not isinstance(run, dict):
        return False
    if field == "entrypoint":
        text = key if wanted is None else f"{key}={wanted}"
        return any(text in word for name in ("Entrypoint", "Cmd") for word in _words(run.get(name)))
    pairs: Iterable[tuple[str, str]]
    if field == "label":
        labels = run.get("Labels")
        pairs = ((name, str(text)) for name, text in labels.items()) if isinstance(labels, dict) else ()
    else:
        pairs = ((name, text) for name, _, text in (word.partition("=") for word in _words(run.get("Env"))))
    return any(name == key and wanted in (None, text) for name, text in pairs)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (word for word in value if isinstance(word, str))


def packages(sight: Sight, value: str, most: int) -> QuerySet[LayerPackage]:
    """Packages of that name (`open*`: whose name begins so), `name=version` with the beginning of a version."""
    name, _, version = value.partition("=")
    rows = LayerPackage.objects.filter(layer__in=sight.layers())
    rows = rows.filter(name__startswith=name[:-1]) if name.endswith("*") else rows.filter(name=name)
    if version:
        rows = rows.filter(version__startswith=version.rstrip("*"))
    return rows.order_by("-layer_id", "name", "pk")[:most]


def layers_in_images(sight: Sight, layers: Iterable[int]) -> dict[int, list[int]]:
    """The images in sight that have each of these layers. One query."""
    rows = ImageLayer.objects.filter(layer__in=list(layers), image__in=sight.images).order_by("-image_id")
    found: dict[int, list[int]] = {}
    for layer, image in rows.values_list("layer_id", "image_id"):
        if image not in found.setdefault(layer, []):
            found[layer].append(image)
    return found


def images_in(sight: Sight, images: Iterable[int]) -> dict[int, Image]:
    """The images by primary key, without their config."""
    rows = sight.images.filter(pk__in=set(images)).only("image_id", "forged_chain_id", "stored", "created_at", "size")
    return {image.pk: image for image in rows}


def diff_ids_of(layers: Iterable[int]) -> dict[int, str]:
    return dict(Layer.objects.filter(pk__in=set(layers)).values_list("pk", "diff_id"))
