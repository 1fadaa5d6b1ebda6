"""What `analyze` and `pull` share: several things taken in, a report or document for each, and the status."""

import json
import sys
from abc import abstractmethod
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from analyzer.archive.budget import LimitReached
from analyzer.archive.source import ArchiveError
from analyzer.management.report import print_archive, printable
from analyzer.models import Archive, Team
from analyzer.oci.findings import Finding, Severity
from analyzer.selectors.documents import archive_document
from analyzer.services import quotas
from analyzer.services.chains import LayerGone
from analyzer.services.trouble import in_words

WHOLE, IN_PART, NOTHING = 0, 1, 2


class IntakeCommand(BaseCommand):
    """Takes in what it is given, one after the other; what is refused costs itself alone."""

    requires_system_checks = ()
    refusals: tuple[type[Exception], ...] = (ArchiveError, LimitReached, OSError, DatabaseError, LayerGone)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the documents instead of a report")
        parser.add_argument("--team", default="default", metavar="SLUG", help="the team that gets the images")

    @abstractmethod
    def take_in(self, name: str, team: Team) -> Archive:
        """Takes one in. Raises one of `refusals`."""

    @abstractmethod
    def told(self, name: str) -> dict[str, Any]:
        """The `archive` of the document of one that is refused."""

    def in_words(self, error: Exception) -> str:
        """Why it was refused, in one sentence."""
        if isinstance(error, ArchiveError | LimitReached):
            return str(error)
        return in_words(error)

    def take_all(self, names: Sequence[str], team: str, *, as_json: bool) -> None:
        """Ends the process with the status that the interface names."""
        holder = self._team(team)
        documents: list[dict[str, Any]] = []
        refused = in_part = 0
        for name in names:
            try:
                quotas.check(holder)
                archive = self.take_in(name, holder)
            except self.refusals as error:
                why = self.in_words(error)
                self.stderr.write(f"{printable(name)}: {why}")
                documents.append(self._refusal(name, why))
                refused += 1
                continue
            in_part += not archive.whole
            documents.append(archive_document(archive))
            if not as_json:
                print_archive(documents[-1], self.stdout)
        if as_json and refused < len(names):
            self.stdout.write(json.dumps(documents[0] if len(documents) == 1 else documents, ensure_ascii=False))
        if refused == len(names):
            sys.exit(NOTHING)
        sys.exit(IN_PART if refused or in_part else WHOLE)

    def _team(self, slug: str) -> Team:
        try:
            holder = Team.objects.filter(slug=slug).first()
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready ({error}): run `manage.py migrate`.", returncode=NOTHING
            ) from error
        if holder is None:
            raise CommandError(f"There is no team {slug!r}.", returncode=NOTHING)
        return holder

    def _refusal(self, name: str, why: str) -> dict[str, Any]:
        """The document of what yields nothing, so that one of several keeps its place."""
        return {
            "archive": self.told(name),
            "images": [],
            "attestations": [],
            "findings": [Finding("archive-refused", Severity.ERROR, why).as_json()],
        }
