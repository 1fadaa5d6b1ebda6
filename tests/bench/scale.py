"""`make bench SCALE=1000`: pages and reports at 100 and at so many images, on SQLite and PostgreSQL, in one table."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.service import servers

ROOT = Path(__file__).resolve().parents[2]
SMALL = 100
TARGETS = {"ladder of everything": 300, "find": 300, f"ladder of {SMALL} arbitrary images": 1_000}
PAGE_TARGET = 150  # milliseconds to the first byte
PAGE_BYTES = 150_000


@dataclass(frozen=True, slots=True)
class Measured:
    """A database: what it is called, how long it took to make and to index, and what `tests.bench.pages` found."""

    label: str
    fill_seconds: float
    index_seconds: float
    found: Mapping[str, Any]

    @property
    def timings(self) -> Mapping[str, Mapping[str, Any]]:
        return {row["name"]: row for row in self.found["timings"]}


def measure(label: str, images: int, data: Path, url: str) -> Measured:
    """Fills a database, unless it is there already, and measures it. `url` is empty for SQLite."""
    environment = {**os.environ, "DATA_DIR": str(data), "ENV_FILE": os.devnull, "LOG_LEVEL": "ERROR"}
    environment |= {"DATABASE_URL": url, "SECRET_KEY": "bench"}

    def python(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode()

    started = time.perf_counter()
    if url or not (data / "layersite.sqlite3").exists():
        print(f"{label}: making {images:,} images ...", file=sys.stderr)
        python("-m", "tests.scale", str(data), "--images", str(images))
    else:
        python("manage.py", "migrate", "--verbosity", "0")
    seconds = time.perf_counter() - started
    print(f"{label}: indexing and measuring ...", file=sys.stderr)
    index_seconds = float(python("-m", "tests.bench.pages", "--index"))
    return Measured(label, seconds, index_seconds, json.loads(python("-m", "tests.bench.pages")))


@contextlib.contextmanager
def postgres(wanted: bool) -> Iterator[str]:
    """A server of our own; an empty text if none is wanted."""
    if not wanted:
        yield ""
        return
    with servers.postgres() as url:
        yield url


def target_of(name: str) -> int:
    """Milliseconds."""
    return next((target for start, target in TARGETS.items() if name.startswith(start)), PAGE_TARGET)


def report(columns: list[Measured]) -> Iterator[str]:
    """The tables, line by line. What is over its target is marked."""
    yield "Milliseconds to the first byte: the first time in a new process / the median of those that follow (growth)."
    yield "Over the target of 150 (find 300, ladder 300, of 100 images 1,000): !    Over 150,000 bytes: big"
    yield f"{'':34}" + "".join(f"{column.label:>25}" for column in columns) + f"{'bytes':>10}"
    for name in columns[-1].timings:
        cells, before = "", None
        for column in columns:
            row = column.timings.get(name)
            if row is None or row["status"] != 200:
                cells += f"{'–':>25}"
                continue
            growth = f" ×{row['warm'] / before:.1f}" if before and column.label.endswith("1,000") else ""
            before = row["warm"]
            mark = "!" if max(row["first"], row["warm"]) > target_of(name) else " "
            cells += f"{row['first']:9.0f} /{row['warm']:6.0f}{growth:>6}{mark} "
        row = columns[-1].timings[name]
        if row["status"] == 200:
            size = f"{row['size']:>10,}{' big' if row['size'] > PAGE_BYTES else ''}" if row["size"] < 1 << 30 else ""
            yield f"{name:34.34}{cells}{size}"
    yield ""
    yield f"{'':34}" + "".join(f"{column.label:>25}" for column in columns)
    for label, key in (("images", "images"), ("layers", "layers"), ("entries", "entries")):
        yield f"{label:34}" + "".join(f"{column.found[key]:25,}" for column in columns)
    yield f"{'seconds to fill':34}" + "".join(f"{column.fill_seconds:25.0f}" for column in columns)
    yield f"{'seconds to index':34}" + "".join(f"{column.index_seconds:25.1f}" for column in columns)
    yield "database, bytes an entry"
    tables = sorted({name for column in columns for name in column.found["tables"]})
    biggest = columns[-1].found["tables"]
    for table in sorted(tables, key=lambda name: -biggest.get(name, 0))[:12]:
        each = [column.found["tables"].get(table, 0) / column.found["entries"] for column in columns]
        yield f"  {table:32}" + "".join(f"{one:25.1f}" for one in each)
    totals = (sum(column.found["tables"].values()) / column.found["entries"] for column in columns)
    yield f"  {'all':32}" + "".join(f"{total:25.1f}" for total in totals)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", type=int, nargs="?", default=1_000)
    parser.add_argument("--data", type=Path, help="keep the SQLite databases here, for the next time")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one of the databases")
    options = parser.parse_args()
    columns: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="layersite-scale-") as name:
        for kind in ("sqlite", "postgresql"):
            if options.only and kind != options.only:
                continue
            folder = options.data.resolve() if options.data and kind == "sqlite" else Path(name, kind)
            for images in (SMALL, options.images):
                with postgres(kind == "postgresql") as url:
                    label = f"{'SQLite' if kind == 'sqlite' else 'PostgreSQL'} {images:,}"
                    columns.append(measure(label, images, folder / str(images), url))
    print("\n".join(report(columns)))


if __name__ == "__main__":
    main()
