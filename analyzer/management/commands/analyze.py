"""`manage.py analyze`: archives in, figures out, in the foreground. No worker is needed."""

import os
import sys
import tempfile
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from analyzer.management.intake import IntakeCommand
from analyzer.management.progress import ProgressBar
from analyzer.management.stdin import spooled
from analyzer.models import Archive, Team
from analyzer.oci.findings import escape
from analyzer.services.assembly import Sender
from analyzer.services.foreground import take_in


class Command(IntakeCommand):
    help = "Stores and analyses image archives: files, OCI layout folders, or - for a pipe from docker save."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archives", nargs="+", metavar="ARCHIVE", help="a file, an OCI layout folder, or -")
        super().add_arguments(parser)

    def handle(self, *, archives: list[str], json: bool, team: str, **_: Any) -> None:
        self.take_all(archives, team, as_json=json)

    def take_in(self, name: str, team: Team) -> Archive:
        with (
            tempfile.TemporaryDirectory(dir=settings.WORK_DIR) as work_folder,
            spooled(name, Path(work_folder), settings.LIMITS) as path,
            ProgressBar(path.name, sys.stderr) as bar,
        ):
            return take_in(path, Sender(team, None, _called(name)), settings.LIMITS, Path(work_folder), bar.report)

    def in_words(self, error: Exception) -> str:
        if isinstance(error, PermissionError):
            return "The file may not be read by this user."
        return super().in_words(error)

    def told(self, name: str) -> dict[str, Any]:
        size = None
        with suppress(OSError):
            size = os.stat(name).st_size if os.path.isfile(name) else None
        return {"name": _called(name), "format": None, "size": size}


def _called(name: str) -> str:
    """What the archive is called from now on; bytes that are no text are escaped."""
    return "stdin.tar" if name == "-" else escape(os.fsencode(Path(name).resolve().name))
