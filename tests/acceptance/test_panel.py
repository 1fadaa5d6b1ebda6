"""A stored layer of a corpus by the panel: found, verified, re-indexed, recompressed, deleted to the byte."""

import os
import re
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Count
from django.test import Client

from analyzer.filetree.listing import Listing
from analyzer.models import Blob, Image, Layer, Upkeep, UpkeepState
from analyzer.services import upkeep_steps
from analyzer.services.indexing import ensure_indexed
from analyzer.services.jobs import create_job
from tests.cast import PASSWORD, Cast
from tests.taking import run_steps

CORPUS = Path(os.environ.get("CORPUS", "/nonexistent"))
ADDRESS = "/admin/analyzer/layer/"

pytestmark = [pytest.mark.acceptance, pytest.mark.django_db(transaction=True)]


def on_disk(folder: Path) -> int:
    """Bytes of all files of the store, as the system tells."""
    return sum(os.stat(path).st_size for path in folder.rglob("*") if path.is_file())


def work_of(client: Client, form: dict[str, Any]) -> tuple[Upkeep, float]:
    """What is asked for by the form, done as a worker does it, with its seconds."""
    response = client.post(ADDRESS, form)
    assert response.status_code == 302, response.content.decode()
    row = Upkeep.objects.latest("pk")
    begun = monotonic()
    upkeep_steps.run(row.pk)
    row.refresh_from_db()
    assert row.state == UpkeepState.DONE, row.error
    return row, monotonic() - begun


def chosen() -> tuple[Layer, str]:
    """The largest layer that several images share, but not most; and the path of its largest file."""
    layers = Layer.objects.annotate(number=Count("image_layers__image", distinct=True))
    layer = layers.filter(number__gt=1, number__lt=Image.objects.count() // 2).latest("size")
    listing = Listing.from_parquet(bytes(layer.listing.document))
    return layer, listing.paths[max(range(len(listing)), key=listing.sizes.__getitem__)].decode()


def test_a_stored_layer_is_found_verified_reindexed_and_deleted_to_the_byte(cast: Cast, own_blobs: Path) -> None:
    for archive in sorted(CORPUS.glob("*.docker.tar")):
        path, size = archive, archive.stat().st_size
        run_steps(create_job(team=cast.team, user=None, name=path.name, path=path, size=size, owns_path=False))
    ensure_indexed()
    root = cast.client(User.objects.create_superuser("root", password=PASSWORD))
    stored = on_disk(own_blobs)
    assert stored == sum(Blob.objects.filter(kept=True).values_list("size", flat=True))

    layer, path_in_it = chosen()
    begun = monotonic()
    found = root.get(ADDRESS, {"q": path_in_it}).content.decode()
    seconds = monotonic() - begun
    digits = layer.diff_id[7:19]
    assert digits in re.findall(r"</i>([0-9a-f]{12})</span>", found)
    print(f"\nstore: {stored:,} bytes, {Layer.objects.count()} layers; {path_in_it} found in {seconds:.2f} s: {layer}")

    form: dict[str, Any] = {"_selected_action": [layer.pk]}
    row, seconds = work_of(root, form | {"action": "verify"})
    assert [result["fault"] for result in row.results.values()] == [""]
    print(f"verified: {row.bytes_done:,} bytes in {seconds:.2f} s")
    row, seconds = work_of(root, form | {"action": "reindex"})
    assert row.results[layer.diff_id]["what"] == "done"
    print(f"re-indexed: {layer.entries:,} entries in {seconds:.2f} s")
    row, seconds = work_of(root, form | {"action": "recompress"})
    assert stored - on_disk(own_blobs) == row.freed
    told = row.results[layer.diff_id]
    print(f"recompressed: {told['before']:,} to {told['after']:,} bytes in {seconds:.2f} s")

    before = on_disk(own_blobs)
    question = root.post(ADDRESS, form | {"action": "remove"}).content.decode()
    seal = re.search(r'name="seal" value="(\w+)"', question)
    assert seal
    answer = {"post": "yes", "seal": seal[1], "typed": digits}
    row, seconds = work_of(root, form | {"action": "remove"} | answer)
    shrunk = before - on_disk(own_blobs)
    print(f"deleted in {seconds:.2f} s: promised {row.promised:,}, freed {row.freed:,}, the disk shrank by {shrunk:,}")
    assert row.promised == row.freed == shrunk > 0
    assert not Layer.objects.filter(pk=layer.pk).exists()
    assert on_disk(own_blobs) == sum(Blob.objects.filter(kept=True).values_list("size", flat=True))
