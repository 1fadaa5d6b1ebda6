"""`manage.py find`: which images hold a file, a content, a layer or a package."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from analyzer.filetree.entry import Kind
from analyzer.management.progress import ProgressBar
from analyzer.management.report import printable
from analyzer.oci.findings import escape
from analyzer.selectors.finding.documents import found_document
from analyzer.selectors.finding.found import Found, Match, find
from analyzer.selectors.finding.query import NotAQuery, parse
from analyzer.selectors.finding.sight import Budget, everything
from analyzer.services.indexing import ensure_indexed
from analyzer.units import binary_text

MOST = 10_000
SECONDS = 60.0
PLACES = 1_000_000
SHOWN_IMAGES = 5


class Command(BaseCommand):
    help = "Finds a path, a glob, a name, a sha256, a layer or image digest, a reference or a package in all images."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", metavar="QUERY", help="such as '**/liblzma.so.5*', sha256:…, package:openssl")
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument("--limit", type=int, default=MOST, metavar="N", help=f"at most N matches ({MOST:,})")

    def handle(self, *, query: str, json: bool, limit: int, **_: Any) -> None:
        try:
            wanted = parse(query)
        except NotAQuery as error:
            raise CommandError(str(error), returncode=2) from error
        try:
            with ProgressBar("indexing", sys.stderr, unit="layers") as bar:
                ensure_indexed(report=bar.report, only=("postings", "packages"))
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready ({error}): run `manage.py migrate`.", returncode=2
            ) from error
        found = find(everything(), wanted, Budget(SECONDS, max(1, limit), PLACES))
        try:
            self._print(found, as_json=json)
        except BrokenPipeError:  # `| head` has seen enough
            sys.stderr.close()

    def _print(self, found: Found, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(found_document(found), ensure_ascii=False))
            return
        for match in found.matches:
            self.stdout.write(_line(match))
        if not found.matches:
            self.stderr.write("Nothing found.")
        elif found.truncated:
            self.stderr.write("There is more: a longer query finds less, --limit shows more.")


def _line(match: Match) -> str:
    images = ", ".join(_image(image.name, image.visible) for image in match.images[:SHOWN_IMAGES])
    more = match.images_count - len(match.images[:SHOWN_IMAGES])
    where = f"{images}{f' and {more:,} more' if more > 0 else ''}"
    if match.kind == "image":
        return f"image    {match.images[0].image_id[7:19]}  {where}"
    layer = (match.layer or "")[7:19]
    if match.package is not None:
        kind, name, version = match.package
        return f"{kind:8} {layer}  {printable(name)} {printable(version)}  in {where}"
    if match.path is None:
        return f"layer    {layer}  in {where}"
    content = match.sha256.hex()[:12] if match.sha256 else " " * 12
    link = f" -> {printable(escape(match.link))}" if match.link is not None else ""
    kind = (match.entry or Kind.FILE).label
    size = binary_text(match.size or 0)
    return f"{kind:8} {layer}  {content}  {size:>10}  {printable(escape(match.path))}{link}  in {where}"


def _image(name: str, visible: bool | None) -> str:
    state = {True: "", False: " (hidden)", None: " (not known)"}[visible]
    return f"{printable(name)}{state}"
