"""Prints a table. Ours = `manage.py analyze FILE --json` on an empty database, less the same on a 125-byte image."""

import argparse
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.archive.compression import DETECTION_BYTES, detect, inflate, inflater
from analyzer.archive.opening import open_archive
from analyzer.archive.source import ArchiveContents, BlobRef
from tests import archives
from tests.bench.measure import Run, median, run

ROOT = Path(__file__).resolve().parents[2]
RUNS = 5


class Bench:
    def __init__(self, folder: Path, runs: int) -> None:
        self.folder = folder
        self.runs = runs
        self.template = folder / "empty"
        self._manage(self.template, "migrate", "--verbosity", "0")

    def _manage(self, data: Path, *arguments: str) -> Run:
        environment = {**os.environ, "DATA_DIR": str(data), "SECRET_KEY": "bench", "ENV_FILE": os.devnull}
        environment.pop("DATABASE_URL", None)
        return run([sys.executable, str(ROOT / "manage.py"), *arguments], environment)

    def _empty(self) -> Path:
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.template, data)
        return data

    def first(self, *files: Path) -> Run:
        """Median time of all files in one call, each time on an empty database."""
        return median(self.runs, lambda: self._manage(self._empty(), "analyze", "--json", *map(str, files)))

    def again(self, file: Path) -> Run:
        """Median time for an image that is known already."""
        data = self._empty()
        self._manage(data, "analyze", "--json", str(file))
        return median(self.runs, lambda: self._manage(data, "analyze", "--json", str(file)))

    def dive(self, file: Path) -> Run:
        """dive's whole process. It reads gzip blobs only beside a manifest.json."""
        report = self.folder / "dive.json"
        dive = shutil.which("dive", path=str(Path(sys.executable).parent)) or "dive"
        command = [dive, f"docker-archive://{file}", "--json", str(report)]
        return median(self.runs, lambda: run(command, os.environ))

    def bytes_per_entry(self) -> float:
        """Of the last analysed archive: the pages in use of its database, less those of an empty one, by entry."""
        with sqlite3.connect(self.folder / "data" / "layersite.sqlite3") as database:
            entries: int = database.execute("SELECT sum(entries) FROM analyzer_layer").fetchone()[0]
        return (_pages(self.folder / "data") - _pages(self.template)) / entries


def _pages(data: Path) -> int:
    with sqlite3.connect(data / "layersite.sqlite3") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size, count, free = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
        )
        return int(size * (count - free))


def _blocks(blob: BlobRef) -> Iterator[bytes]:
    with blob.path.open("rb") as file:
        file.seek(blob.offset)
        left = blob.length
        while left and (block := file.read(min(left, 1 << 20))):
            left -= len(block)
            yield block


def limits(contents: ArchiveContents) -> list[tuple[str, float]]:
    """Seconds that the bytes themselves cost on one core."""
    blobs = {layer.blob for image in contents.images for layer in image.layers if layer.blob}
    rows = []
    started = time.perf_counter()
    for blob in blobs:
        for _ in _blocks(blob):
            pass
    rows.append(("read", time.perf_counter() - started))
    started = time.perf_counter()
    plain = 0
    for blob in blobs:
        with blob.path.open("rb") as file:
            file.seek(blob.offset)
            compression = detect(file.read(DETECTION_BYTES))
            for block in inflate(_blocks(blob), inflater(compression)):
                plain += len(block)
    rows.append((f"read and inflate to {plain / 1e6:.0f} MB", time.perf_counter() - started))
    block = bytes(1 << 20)
    started = time.perf_counter()
    sha256 = hashlib.sha256()
    for _ in range(plain >> 20):
        sha256.update(block)
    rows.append(("sha256 of the plain tars, once", time.perf_counter() - started))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", nargs="+", type=Path, help="several: all in one call, beside dive's sum")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    files: list[Path] = [file.resolve() for file in options.archives]
    with tempfile.TemporaryDirectory(prefix="layersite-bench-") as name:
        bench = Bench(Path(name), options.runs)
        tiny = Path(name) / "tiny.tar"
        archives.write(tiny, archives.docker_save(archives.image([{"true": os.urandom(125)}], tags=["tiny:1"])))
        for file in files:  # into the page cache
            with file.open("rb") as stream:
                while stream.read(1 << 22):
                    pass
        start = bench.first(tiny)
        ours = bench.first(*files)
        per_entry = bench.bytes_per_entry()
        again = bench.again(files[0]) if len(files) == 1 else None
        try:
            dive = sum(bench.dive(file).seconds for file in files)
        except subprocess.CalledProcessError as error:
            dive = None
            print(f"dive does not read it: {error}", file=sys.stderr)
        _print(bench, files, start, ours, again, dive, per_entry)


def _print(
    bench: Bench,
    files: list[Path],
    start: Run,
    ours: Run,
    again: Run | None,
    dive: float | None,
    per_entry: float,
) -> None:
    net = ours.seconds - start.seconds
    print(f"{', '.join(file.name for file in files)}: {sum(file.stat().st_size for file in files) / 1e6:,.0f} MB")
    print(f"{'':36}{'seconds':>9}  {'to ours':>8}  {'to dive':>8}")

    def row(label: str, seconds: float) -> None:
        beside = f"{seconds / dive:8.2f}" if dive else f"{'–':>8}"
        print(f"{label:36}{seconds:9.3f}  {seconds / net:8.2f}  {beside}")

    row("start (a 125-byte image)", start.seconds)
    row("ours, less the start", net)
    if again:
        row("ours again, less the start", again.seconds - start.seconds)
    if dive:
        row("dive, whole process", dive)
    for file in files:
        with open_archive(file, Limits(), bench.folder) as contents:
            for label, seconds in limits(contents):
                row(label, seconds)
    print(f"peak memory {ours.peak / 2**20:.0f} MiB; {per_entry:.1f} bytes an entry in the database")


if __name__ == "__main__":
    main()
