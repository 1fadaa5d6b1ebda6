"""`python -m tests.bench.pages`: what one database's pages and reports cost, as JSON.

DATA_DIR and DATABASE_URL say which database.

With `--index` it builds the index of all layers instead, and prints the seconds: what is forked later stays small.
Every page is asked for in a process of its own, forked as the web server forks: once with nothing remembered (the
first visitor after a start), then several times more.
"""

import argparse
import gc
import json
import logging
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "layersite.settings")

import_module("layersite.wsgi")  # as the server loads it

from django.contrib.auth.models import User  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Sum  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import URLPattern, URLResolver, get_resolver, reverse  # noqa: E402

from analyzer.filetree.listing import Listing  # noqa: E402
from analyzer.models import Content, Image, Job, Layer, LayerListing  # noqa: E402
from analyzer.selectors.overview import totals_of  # noqa: E402
from analyzer.selectors.scope import scope_of  # noqa: E402
from analyzer.services.indexing import ensure_indexed  # noqa: E402
from layersite.preload import read_ahead  # noqa: E402

RUNS = 5
SAMPLE = 100  # images of an arbitrary scope
SLOW_SECONDS = 20.0  # what takes longer is not asked for again


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds: the first time in a new process, and the median of those that follow."""

    name: str
    first: float
    warm: float
    size: int = 0  # bytes of the answer
    status: int = 200


def measured(name: str, once: Callable[[], tuple[float, int, int]]) -> Timing:
    """Forks, and has `once` done: seconds, bytes and status."""
    reading, writing = os.pipe()
    connection.close()
    gc.collect()
    gc.freeze()  # as the web server does
    child = os.fork()
    if child == 0:
        try:
            cache.clear()
            read_ahead()
            first, size, status = once()
            runs = RUNS if first < SLOW_SECONDS / RUNS else 0
            warm = statistics.median([once()[0] for _ in range(runs)]) if runs else first
            timing = Timing(name, first * 1_000, warm * 1_000, size, status)
            os.write(writing, json.dumps(asdict(timing)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return Timing(**json.loads(text)) if text else Timing(name, 0, 0, 0, 500)


def page(client: Client, address: str) -> Callable[[], tuple[float, int, int]]:
    """Asks for a page; the time is that to its first byte."""

    def once() -> tuple[float, int, int]:
        started = time.perf_counter()
        response: Any = client.get(address, SERVER_NAME="localhost")
        if response.streaming:
            chunks = iter(response.streaming_content)
            size = len(next(chunks, b""))
            seconds = time.perf_counter() - started
            size += sum(map(len, chunks))
        else:
            seconds, size = time.perf_counter() - started, len(response.content)
        return seconds, size, response.status_code

    return once


def addresses() -> Iterator[tuple[str, str]]:
    """Every page that can be asked for, by the name of its address: those to come are among them by themselves."""
    large = Image.objects.filter(size__isnull=False).order_by("-top_chain__merged_entries", "pk")[0]
    layer = Layer.objects.order_by("-entries", "pk")[0]
    given: Mapping[str, Any] = {"ref": large, "diff_id": layer, "job_id": Job.objects.latest("created").pk}
    for name, parameters in sorted(_names(get_resolver("analyzer.web.urls").url_patterns)):
        if set(parameters) <= given.keys():
            yield name, reverse(name, kwargs={key: given[key] for key in parameters})
    images = reverse("images")
    yield "images, most wasteful", f"{images}?sort=-own_waste"
    yield "images, last page", f"{images}?page=last"
    yield "images of a layer", f"{images}?layer={_most_used().diff_id}"
    yield "layer, most used", reverse("layer", args=[_most_used()])
    yield "image, waste", f"{reverse('image', args=[large])}?tab=waste"
    yield "image, layers", f"{reverse('image', args=[large])}?tab=layers"


def _names(patterns: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, tuple(pattern.pattern.regex.groupindex)


def _most_used() -> Layer:
    with connection.cursor() as cursor:
        cursor.execute("SELECT layer_id FROM analyzer_imagelayer GROUP BY layer_id ORDER BY count(*) DESC, layer_id")
        return Layer.objects.get(pk=cursor.fetchone()[0])


def finds() -> Iterator[tuple[str, str]]:
    """What is looked for: on every image, on one, by content, and what is nowhere."""
    rare = Content.objects.filter(layers=1).order_by("pk")[0]
    path, sha256 = _file_of_a_program()
    yield "find a name that is everywhere", "passwd"
    yield "find by a glob", "*/site-packages/*/METADATA"
    yield "find a path of one program", path.decode()
    yield "find a content by its sha256", sha256.hex()
    yield "find a content that is nowhere", bytes(rare.pk).hex() + "00" * 12
    yield "find a name that is nowhere", "no-such-name-anywhere"
    yield "find a layer by its diffID", _most_used().diff_id


def _file_of_a_program() -> tuple[bytes, bytes]:
    """Path and sha256 of a file that few images have."""
    for document in LayerListing.objects.order_by("-pk").values_list("document", flat=True).iterator(chunk_size=1):
        listing = Listing.from_parquet(bytes(document), ["path", "sha256"])
        for path, sha256 in zip(listing.paths, listing.sha256s, strict=True):
            if path.startswith(b"app/src/") and sha256:
                return path, sha256
    raise LookupError("no layer has a program's sources")


def ladder(pks: list[int] | None, user: User) -> Callable[[], tuple[float, int, int]]:
    """All that the ladder of a scope takes, contents included."""

    def once() -> tuple[float, int, int]:
        started = time.perf_counter()
        scope = scope_of(user)
        totals = totals_of(scope if pks is None else scope.among(pks), patient=True)
        seconds = time.perf_counter() - started
        return seconds, totals.stored, 200 if totals.contents.size else 500

    return once


def index() -> float:
    """Indexes what is not indexed yet; returns the seconds that it took."""
    started = time.perf_counter()
    ensure_indexed()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # PostgreSQL would do it by itself, a minute later
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", action="store_true")
    logging.disable(logging.WARNING)  # pages that take no GET say so
    if parser.parse_args().index:
        print(index())
        return
    user = User.objects.get(username="admin")
    client = Client()
    client.handler.load_middleware()  # as the server's own handler has
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    pages = list(addresses())
    names = {name for name, _ in pages}
    if "find" in names:
        pages += [(name, f"{reverse('find')}?q={query}") for name, query in finds()]
    sample = random.Random(1).sample(sorted(Image.objects.values_list("pk", flat=True)), SAMPLE)
    timings = [measured(name, page(client, address)) for name, address in pages]
    timings.append(measured("ladder of everything", ladder(None, user)))
    timings.append(measured(f"ladder of {SAMPLE} arbitrary images", ladder(sample, user)))
    rows = Layer.objects.aggregate(entries=Sum("entries"))
    json.dump(
        {
            "images": Image.objects.count(),
            "layers": Layer.objects.count(),
            "entries": rows["entries"],
            "tables": tables(),
            "timings": [asdict(timing) for timing in timings],
        },
        sys.stdout,
    )


def tables() -> dict[str, int]:
    """Bytes of each table with its indexes and large values."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
        else:
            cursor.execute("SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) GROUP BY tbl_name")
        return dict(cursor.fetchall())


if __name__ == "__main__":
    main()
