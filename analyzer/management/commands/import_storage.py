"""`manage.py import_storage`: a host's layer store, read without its engine."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from analyzer.archive.budget import LimitReached
from analyzer.archive.source import ArchiveError
from analyzer.management.progress import ProgressBar
from analyzer.management.report import print_archive, printable
from analyzer.management.storage_report import print_storage
from analyzer.models import Team
from analyzer.oci.findings import escape
from analyzer.selectors.documents import archive_document
from analyzer.services.assembly import Sender
from analyzer.services.chains import LayerGone
from analyzer.services.storage import import_storage
from analyzer.services.trouble import in_words
from analyzer.storage.contents import NOT_ROOT
from analyzer.storage.document import usage_document

WHOLE, IN_PART, NOTHING = 0, 1, 2


class Command(BaseCommand):
    help = "Takes in the images of a Docker Engine's data root, and says what takes which disk there. Needs root."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="PATH", help="the data root, such as /var/lib/docker; may be read-only")
        parser.add_argument("--json", action="store_true", help="print the document instead of a report")
        parser.add_argument("--team", default="default", metavar="SLUG", help="the team that gets the images")

    def handle(self, *, path: str, json: bool, team: str, **_: Any) -> None:
        try:
            holder = Team.objects.filter(slug=team).first()
            if holder is None:
                raise CommandError(f"There is no team {team!r}.", returncode=NOTHING)
            root = Path(path).absolute()
            name = escape(str(root.name).encode(errors="surrogateescape")) or "data-root"
            with ProgressBar(name, sys.stderr) as bar:
                archive, usage = import_storage(root, Sender(holder, None, name), settings.LIMITS, bar.report)
        except (ArchiveError, LimitReached, OSError, DatabaseError, LayerGone) as error:
            raise CommandError(f"{printable(path)}: {_in_words(error)}", returncode=NOTHING) from error
        document = {
            **(archive_document(archive) if archive else {"archive": None, "images": [], "findings": []}),
            "storage": usage_document(usage),
        }
        if json:
            self._print(document)
        else:
            if archive:
                print_archive(document, self.stdout)
            print_storage(document["storage"], self.stdout)
        sys.exit(WHOLE if archive is None or archive.whole else IN_PART)

    def _print(self, document: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False))


def _in_words(error: Exception) -> str:
    if isinstance(error, ArchiveError | LimitReached):
        return str(error)
    return NOT_ROOT if isinstance(error, PermissionError) else in_words(error)
