"""`manage.py analyze`: archives in, figures out, in the foreground. No worker is needed."""

import json
import os
import sys
import tempfile
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from analyzer.archive.budget import LimitReached
from analyzer.archive.source import ArchiveError
from analyzer.management.progress import ProgressBar
from analyzer.management.report import print_archive, printable
from analyzer.management.stdin import spooled
from analyzer.models import Archive, Team
from analyzer.oci.findings import Finding, Severity, escape
from analyzer.selectors.documents import archive_document
from analyzer.services.assembly import Sender
from analyzer.services.chains import LayerGone
from analyzer.services.foreground import take_in
from analyzer.services.trouble import in_words

REFUSALS = (ArchiveError, LimitReached, OSError, DatabaseError, LayerGone)

WHOLE, IN_PART, NOTHING = 0, 1, 2


class Command(BaseCommand):
    help = "Stores and analyses image archives: files, OCI layout folders, or - for a pipe from docker save."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archives", nargs="+", metavar="ARCHIVE", help="a file, an OCI layout folder, or -")
        parser.add_argument("--json", action="store_true", help="print the documents instead of a report")
        parser.add_argument("--team", default="default", metavar="SLUG", help="the team that gets the images")

    def handle(self, *, archives: list[str], json: bool, team: str, **_: Any) -> None:
        try:
            holder = Team.objects.filter(slug=team).first()
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready ({error}): run `manage.py migrate`.", returncode=NOTHING
            ) from error
        if holder is None:
            raise CommandError(f"There is no team {team!r}.", returncode=NOTHING)
        documents: list[dict[str, Any]] = []
        refused = in_part = 0
        for name in archives:
            try:
                archive = self._take_in(name, holder)
            except REFUSALS as error:
                why = _in_words(name, error)
                self.stderr.write(f"{printable(name)}: {why}")
                documents.append(_refusal(name, why))
                refused += 1
                continue
            in_part += not archive.whole
            documents.append(archive_document(archive))
            if not json:
                print_archive(documents[-1], self.stdout)
        if json and refused < len(archives):
            self._print(documents)
        if refused == len(archives):
            sys.exit(NOTHING)
        sys.exit(IN_PART if refused or in_part else WHOLE)

    def _print(self, documents: list[dict[str, Any]]) -> None:
        self.stdout.write(json.dumps(documents[0] if len(documents) == 1 else documents, ensure_ascii=False))

    def _take_in(self, name: str, team: Team) -> Archive:
        with (
            tempfile.TemporaryDirectory(dir=settings.WORK_DIR) as work_folder,
            spooled(name, Path(work_folder), settings.LIMITS) as path,
            ProgressBar(path.name, sys.stderr) as bar,
        ):
            return take_in(path, Sender(team, None, _called(name)), settings.LIMITS, Path(work_folder), bar.report)


def _called(name: str) -> str:
    """What the archive is called from now on; bytes that are no text are escaped."""
    return "stdin.tar" if name == "-" else escape(os.fsencode(Path(name).resolve().name))


def _in_words(name: str, error: Exception) -> str:
    if isinstance(error, ArchiveError | LimitReached):
        return str(error)
    if isinstance(error, PermissionError):
        return "The file may not be read by this user."
    return in_words(error)


def _refusal(name: str, why: str) -> dict[str, Any]:
    """The document of an archive that yields nothing, so that one of several keeps its place."""
    size = None
    with suppress(OSError):
        size = os.stat(name).st_size if os.path.isfile(name) else None
    return {
        "archive": {"name": _called(name), "format": None, "size": size},
        "images": [],
        "attestations": [],
        "findings": [Finding("archive-refused", Severity.ERROR, why).as_json()],
    }
