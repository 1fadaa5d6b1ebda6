"""Images of layers that are described entry by entry, stored as an analysis would, without an archive.

shop = shelve(team, "shop:1", [[file("etc/motd", 5)], [whiteout("etc/motd")]])
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from analyzer.archive.budget import Limits
from analyzer.filetree.listing import Listing
from analyzer.models import Holding, Image, ImageLayer, Layer, Reference, Team
from analyzer.oci.digest import digest_of
from analyzer.services.chains import ChainBuilder
from analyzer.services.layers import NewLayer, store_layer
from tests.filetree.stacks import Entry, members


def shelve(
    team: Team, name: str, layers: Sequence[list[Entry]], *, config: Mapping[str, Any] = {}, missing: int | None = None
) -> Image:
    """An image that `team` holds as `docker.io/library/NAME`; the layer at `missing` is not stored."""
    stored = [None if index == missing else store(entries) for index, entries in enumerate(layers)]
    known = [layer.diff_id for layer in stored[:missing] if layer is not None]
    chains = ChainBuilder().build(known)
    whole = missing is None
    document = {"config": config, "rootfs": {"diff_ids": [repr(layer) for layer in layers]}, "name": name}
    image, created = Image.objects.get_or_create(
        image_id=digest_of(json.dumps(document).encode()),
        forged_chain_id="",
        incomplete_in=None if whole else team,
        defaults={
            "config": json.dumps(document).encode(),
            "top_chain": chains[-1] if whole and chains else None,
            "size": chains[-1].size if whole and chains else (0 if whole else None),
            "os": "linux",
            "architecture": "amd64",
        },
    )
    if created:
        for index, layer in enumerate(stored):
            chain = chains[index] if index < len(chains) else None
            diff_id = layer.diff_id if layer else digest_of(b"missing")
            ImageLayer.objects.create(image=image, index=index, diff_id=diff_id, layer=layer, chain=chain)
    Holding.objects.get_or_create(team=team, image=image, defaults={"created": timezone.now()})
    repository, _, tag = name.partition(":")
    Reference.objects.update_or_create(
        team=team, repository=f"docker.io/library/{repository}", tag=tag or "latest", defaults={"image": image}
    )
    return image


def store(entries: list[Entry]) -> Layer:
    """The layer of these entries; the same entries are the same layer."""
    listing, findings = Listing.build(members(entries), Limits())
    diff_id = digest_of(repr([(entry, entry.sha256, entry.gid) for entry in entries]).encode())
    return store_layer(NewLayer(diff_id, 1024, len(entries), listing, findings))
