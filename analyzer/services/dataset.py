"""The whole store as one partitioned Parquet data set, for engines that read more than one database can.

A layer's listing is copied as it is stored, once: it never changes. The counted tables are small, and a file of theirs
is written only where it differs from the one that is there. What was deleted since the last time is told in a file of
its own, and its listings are removed. Whatever happens midway, the next run ends with the same files.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from analyzer.selectors import dataset_tables
from analyzer.selectors.figures import rfc3339
from analyzer.selectors.listing_documents import BATCH, documents_by_layer
from analyzer.services import audit
from analyzer.services.dataset_folder import DatasetFolder, NotAFolder

if TYPE_CHECKING:
    import pyarrow as pa

ABOUT = "dataset.json"
VERSION = 1

Report = Callable[[int, int], None]


@dataclass(slots=True)
class Exported:
    """What one run wrote. Bytes are those of the files written."""

    listings: int = 0  # layers in the data set
    images: int = 0
    listings_written: int = 0
    listings_removed: int = 0
    images_gone: int = 0
    tables_written: int = 0
    bytes_written: int = 0


def export(destination: str, report: Report = lambda done, total: None) -> Exported:
    """Brings the data set at `destination` up to date with the database.

    Raises NotAFolder where something else lies there, OSError where storage fails.
    """
    run = _Run(DatasetFolder(destination), timezone.now())
    with dataset_tables.snapshot():
        run.go(report)
    audit.note("dataset.export", _without_keys(destination), **asdict(run.done))
    return run.done


def _without_keys(destination: str) -> str:
    """The URL without what may be a secret in it."""
    return re.sub(r"://[^/@]*@", "://", destination).partition("?")[0]


def listing_name(digits: str) -> str:
    """Where the listing of a layer lies, told by the digits of its diffID."""
    return f"listings/shard={digits[:2]}/layer={digits}/entries.parquet"


class _Run:
    def __init__(self, folder: DatasetFolder, now: datetime) -> None:
        self.folder = folder
        self.now = now
        self.done = Exported()

    def go(self, report: Report) -> None:
        about = self._about()
        listings = [name for name in self.folder.sizes("listings") if name.endswith("/entries.parquet")]  # no drafts
        here = {name.split("/")[2].removeprefix("layer="): name for name in listings}
        layers = dataset_tables.layer_keys()
        lacking = {digits: pk for digits, pk in layers.items() if digits not in here}
        gone = sorted(here.keys() - layers.keys())
        images = dataset_tables.table("images")
        if lacking or gone:  # whoever takes up what is killed from here on counts contents again
            about["exported"] = None
            self.folder.write(ABOUT, _json(about))
        self._listings(lacking, report)
        self._tell(gone, images)
        about["tables"] = self._tables(images, about["tables"], contents=not about["exported"])
        for digits in gone:
            self.folder.remove(here[digits])
        self.done.listings, self.done.images, self.done.listings_removed = len(layers), images.num_rows, len(gone)
        self.folder.write(ABOUT, _json(about | {"exported": rfc3339(self.now)}))

    def _about(self) -> dict[str, Any]:
        """What the last run said of itself. An empty folder is claimed: a run that is killed can be taken up."""
        raw = self.folder.read(ABOUT)
        if raw is not None:
            about: dict[str, Any] = json.loads(raw)
            if about.get("dataset") != "layersite" or about.get("version") != VERSION:
                raise NotAFolder("There is a data set of another kind or version: export to another folder.")
            return about
        if self.folder.sizes():
            raise NotAFolder("There are files that are no data set of layersite: export to an empty folder.")
        about = {"dataset": "layersite", "version": VERSION, "exported": None, "tables": {}}
        self.folder.write(ABOUT, _json(about))
        return about

    def _listings(self, lacking: dict[str, int], report: Report) -> None:
        digits = {pk: diff_id for diff_id, pk in lacking.items()}
        batch: dict[str, bytes] = {}
        for pk, document in documents_by_layer(digits):
            batch[listing_name(digits[pk])] = bytes(document)
            if len(batch) == BATCH:
                self._write(batch)
                report(self.done.listings_written, len(lacking))
                batch = {}
        self._write(batch)
        report(self.done.listings_written, len(lacking))

    def _write(self, batch: dict[str, bytes]) -> None:
        self.folder.write_all(batch)
        self.done.listings_written += len(batch)
        self.done.bytes_written += sum(map(len, batch.values()))

    def _tell(self, layers: list[str], images: "pa.Table") -> None:
        """Writes down what is gone before it goes: a run that is killed tells it twice, never not at all."""
        import pyarrow as pa

        before = self.folder.read(_table_name("images"))
        known = set(_parquet(before).column("image_id").to_pylist()) if before else set()
        gone = sorted(str(digits) for digits in known - set(images.column("image_id").to_pylist()))
        self.done.images_gone = len(gone)
        told = [("layer", digits) for digits in layers] + [("image", digits) for digits in gone]
        if told:
            kinds, digests = zip(*told, strict=True)
            at = pa.array([self.now] * len(told), pa.timestamp("us", "UTC"))
            rows = pa.table({"kind": pa.array(kinds), "digest": pa.array(digests), "at": at})
            self.folder.write(f"deletions/{self.now:%Y%m%dT%H%M%S%f}Z.parquet", _bytes(rows))

    def _tables(self, images: "pa.Table", before: dict[str, Any], *, contents: bool) -> dict[str, Any]:
        """Writes the tables that are not as they were; returns rows, bytes and sha256 of each file."""
        after: dict[str, Any] = {}
        for name, table in self._counted(images, contents=contents):
            data = _bytes(table)
            after[name] = {"rows": table.num_rows, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            if before.get(name) != after[name]:
                self.folder.write(name, data)
                self.done.tables_written += 1
                self.done.bytes_written += len(data)
        return before | after

    def _counted(self, images: "pa.Table", *, contents: bool) -> Iterator[tuple[str, "pa.Table"]]:
        for shard in dataset_tables.CONTENT_SHARDS if contents else "":  # they change with layers alone
            yield f"contents/shard={shard}/contents.parquet", dataset_tables.contents(shard)
        for name in dataset_tables.TABLES:
            yield _table_name(name), images if name == "images" else dataset_tables.table(name)


def _table_name(name: str) -> str:
    return f"{name}/{name}.parquet"


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1, sort_keys=True).encode()


def _bytes(table: "pa.Table") -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    write: Any = pq.write_table
    write(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _parquet(data: bytes) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetFile(pa.BufferReader(data)).read()
