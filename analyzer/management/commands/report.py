"""`manage.py report`: what is shared in a scope, and what that saves."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.http import Http404

from analyzer.management.reports import sharing
from analyzer.selectors.access import OPERATOR, teams_of
from analyzer.selectors.bases import bases_of
from analyzer.selectors.scope import scope_of
from analyzer.selectors.scoping import ScopeQuery, narrowed
from analyzer.selectors.sharing_report import sharing_report

NOTHING = 2


class Command(BaseCommand):
    help = "Reports what images share and what that saves: the dedup ladder, each image, each team."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        scope = parser.add_argument_group("scope", "which images the report is about; all, if nothing is said")
        scope.add_argument("--team", default="", metavar="SLUG", help="those that this team holds")
        scope.add_argument(
            "--tag", default="", metavar="GLOB", help="those tagged like this: '*:latest', 'node:*', '1.*'"
        )
        scope.add_argument("--repository", default="", metavar="NAME", help="those of this repository")
        scope.add_argument("--since", default="", metavar="DATE", help="those that came in on this day or later")
        scope.add_argument("--until", default="", metavar="DATE", help="those that came in on this day or before")
        parser.add_argument("--json", action="store_true", help="print the document instead of a report")

    def handle(self, *, json: bool, **options: Any) -> None:
        try:
            self._sharing(ScopeQuery.from_get(options), json)
        except ValueError as error:
            raise CommandError(str(error), returncode=NOTHING) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready ({error}): run `manage.py migrate`.", returncode=NOTHING
            ) from error

    def _sharing(self, query: ScopeQuery, as_json: bool) -> None:
        everything = scope_of(OPERATOR)
        try:
            scope = narrowed(OPERATOR, everything, query)
        except Http404 as error:
            raise CommandError(f"There is no team {query.team!r}.", returncode=NOTHING) from error
        teams = [team for team in teams_of(OPERATOR) if query.team in ("", team.slug)]
        report = sharing_report(scope, query, bases_of(everything), teams)
        if as_json:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for line in sharing.lines_of(report, query):
            self.stdout.write(line)
