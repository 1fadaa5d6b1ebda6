"""An image out of a registry becomes an OCI layout: a folder that is opened like one that was uploaded."""

import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from analyzer.archive.ocilayout import REFERRERS_UNREAD
from analyzer.oci.config import Platform, parse_config
from analyzer.oci.jsondoc import DocumentError, values_of
from analyzer.oci.manifest import Descriptor
from analyzer.oci.manifest import Manifest as ParsedManifest
from analyzer.oci.mediatypes import is_foreign
from analyzer.oci.reference import Reference
from analyzer.oci.schema1 import LAYER_TYPE, Schema1
from analyzer.oci.wording import shown
from analyzer.registry.blobfolder import BlobFolder
from analyzer.registry.blobs import fetch, fetch_small
from analyzer.registry.client import Manifest, RegistryClient
from analyzer.registry.oldimages import OldImages, StoredBlob
from analyzer.registry.plan import Plan, make_plan
from analyzer.registry.platforms import matches, none_of

INDEX = "index.json"
NAME = "org.opencontainers.image.ref.name"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True, slots=True)
class OfferedLayer:
    """A layer that the manifest names, with the diffID that the config declares for it."""

    digest: str
    diff_id: str


class Known(Protocol):
    """What whoever pulls has already, and so need not fetch."""

    def config(self, digest: str) -> bytes | None:
        """The raw config of that digest."""

    def held(self, layers: Sequence[OfferedLayer]) -> Collection[str]:
        """Digests of those whose layer is there."""

    def stored(self, digests: Collection[str]) -> Mapping[str, StoredBlob]:
        """Those of the blobs that were read once, and whose layer is there."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Bytes of layers: to fetch (0 until it is known), of those here, and those that need not be fetched."""

    total: int
    fetched: int
    saved: int


@dataclass(frozen=True, slots=True)
class Pulled:
    digest: str  # of the manifest or index that the reference pointed at
    tally: Tally
    held: frozenset[str]  # digests of the blobs that were not fetched


def pull(
    client: RegistryClient,
    reference: Reference,
    layout: Path,
    blobs: BlobFolder,
    known: Known,
    *,
    platform: Platform | None = None,
    every: bool = False,
    parallel: int = 3,
    report: Callable[[Tally], None] = lambda tally: None,
) -> Pulled:
    """Writes the layout; its index.json comes last, so that whatever has one is whole.

    `every` platform or the one `platform` (None: the default). Blobs come into `blobs` and are linked from there: what
    was fetched before an error is there for the next attempt. `report` is called in this thread, again and again.
    Raises RegistryError, LimitReached, OSError.
    """
    return _Pull(client, reference, layout, blobs, known, report).run(platform, every=every, parallel=parallel)


class _Pull:
    def __init__(
        self,
        client: RegistryClient,
        reference: Reference,
        layout: Path,
        blobs: BlobFolder,
        known: Known,
        report: Callable[[Tally], None],
    ) -> None:
        self._client = client
        self._reference = reference
        self._layout = layout
        self._blobs = blobs
        self._known = known
        self._report = report
        self._place = layout / "blobs" / "sha256"
        self._here: dict[str, int] = {}
        self._old = OldImages()

    def run(self, platform: Platform | None, *, every: bool, parallel: int) -> Pulled:
        plan = make_plan(self._client, self._reference, platform, every=every)
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        layers: dict[str, Descriptor] = {}
        offered: dict[str, str] = {}
        for image in plan.images:
            if isinstance(image.parsed, Schema1):
                self._add_old(image.manifest.digest, image.parsed, platform, layers)
            else:
                self._add(image.parsed, platform, layers, offered)
        held = frozenset(self._known.held([OfferedLayer(*pair) for pair in offered.items()])) & layers.keys()
        held |= self._old.blobs.keys() & layers.keys()
        saved = sum(layers[digest].size or 0 for digest in held)
        wanted = [layer for digest, layer in layers.items() if digest not in held]
        total = sum(layer.size or 0 for layer in wanted)
        told = 0 if any(layer.size is None for layer in wanted) else total
        self._check_size(total)
        self._blobs.room.need(total - sum(self._blobs.arrived(layer.digest) for layer in wanted))
        self._fetch(wanted, parallel, lambda: Tally(told, sum(self._here.values()), saved))
        fetched = [self._blobs.whole(layer.digest) for layer in wanted]
        self._old.read(fetched, self._client.context.limits, self._client.session.tick)
        for digest, raw in (plan.documents | self._old.documents()).items():
            self._write(digest, raw)
        self._finish(plan)
        here = sum(self._here.values())
        return Pulled(plan.root.digest, Tally(told or here, here, saved), held)

    def _add_old(self, digest: str, image: Schema1, platform: Platform | None, layers: dict[str, Descriptor]) -> None:
        """Adds the layers of an image that names no config and no sizes."""
        self._check_platform(image.platform, platform)
        self._old.images[digest] = image
        self._old.blobs |= self._known.stored(image.layers)
        for layer in image.layers:
            stored = self._old.blobs.get(layer)
            layers.setdefault(layer, Descriptor(layer, stored.size if stored else None, LAYER_TYPE))

    def _check_size(self, size: int) -> None:
        self._client.context.limits.check("max_archive_bytes", size, f"The size of {shown(str(self._reference))}")

    def _check_platform(self, there: Platform, wanted: Platform | None) -> None:
        if wanted is not None and there.os and not matches(there, wanted):
            raise none_of(shown(str(self._reference)), wanted, [there])

    def _add(
        self, image: ParsedManifest, platform: Platform | None, layers: dict[str, Descriptor], offered: dict[str, str]
    ) -> None:
        """Brings the image's config; adds its layers, those that lie elsewhere left out."""
        config = image.config
        raw = self._known.config(config.digest)
        if raw is None:
            raw = fetch_small(self._client, self._reference.repository, config)
        self._write(config.digest, raw)
        limits = self._client.context.limits
        limits.check("max_json_values", values_of(raw), f"The number of values in the config {config.digest}")
        diff_ids: Sequence[str] = ()
        with suppress(DocumentError):  # told when the layout is opened
            parsed = parse_config(raw, limits.max_json_depth)
            diff_ids = parsed.diff_ids
            self._check_platform(parsed.platform, platform)
        for index, layer in enumerate(image.layers):
            if is_foreign(layer.media_type) or layer.urls:
                continue
            layers.setdefault(layer.digest, layer)
            if len(diff_ids) == len(image.layers):
                offered.setdefault(layer.digest, diff_ids[index])

    def _fetch(self, wanted: Sequence[Descriptor], parallel: int, tally: Callable[[], Tally]) -> None:
        """Several at a time, the largest first; the first error ends them all."""
        self._here = dict.fromkeys((layer.digest for layer in wanted), 0)
        with ThreadPoolExecutor(parallel, thread_name_prefix="pull") as pool:
            jobs: set[Future[None]] = {
                pool.submit(self._fetch_one, layer) for layer in sorted(wanted, key=lambda layer: -(layer.size or 0))
            }
            try:
                self._report(tally())
                while jobs:
                    done, jobs = wait(jobs, timeout=0.5, return_when=FIRST_EXCEPTION)
                    self._report(tally())
                    self._check_size(sum(self._here.values()))  # manifests of schema 1 declare no sizes
                    for job in done:
                        job.result()
            except BaseException:
                self._client.session.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _fetch_one(self, layer: Descriptor) -> None:
        report = partial(self._here.__setitem__, layer.digest)
        path = fetch(self._client, self._reference.repository, layer, self._blobs, report)
        with suppress(FileExistsError):
            os.link(path, self._place / path.name)

    def _write(self, digest: str, raw: bytes) -> None:
        path = self._place / digest.partition(":")[2]
        path.unlink(missing_ok=True)  # never written over: what lies there may be kept under another name
        path.write_bytes(raw)

    def _finish(self, plan: Plan) -> None:
        entries = [_entry(plan.root, {NAME: str(self._reference)}), *(_entry(found) for found in plan.referrers)]
        document = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": entries}
        told = self._old.annotations() | ({REFERRERS_UNREAD: plan.unread} if plan.unread else {})
        if told:
            document["annotations"] = told
        (self._layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="utf-8")
        draft = self._layout / "index.json.new"
        draft.write_text(json.dumps(document), encoding="utf-8")
        os.replace(draft, self._layout / INDEX)


def _entry(found: Manifest, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    entry = {"mediaType": found.media_type, "digest": found.digest, "size": len(found.raw)}
    return entry | ({"annotations": annotations} if annotations else {})
