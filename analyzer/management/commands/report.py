"""`manage.py report`: what is shared in a scope, and what that saves."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.http import Http404

from analyzer.management.reports import near_misses, sharing, what_if
from analyzer.selectors.access import OPERATOR, teams_of
from analyzer.selectors.bases import bases_of
from analyzer.selectors.calling import Names
from analyzer.selectors.carried import pulled, transfer_document
from analyzer.selectors.freeing import freeing
from analyzer.selectors.lookup import NoSuchImage
from analyzer.selectors.scope import Scope, scope_of
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
        asked = parser.add_argument_group(
            "what if", "instead of the report: an image ID, a prefix of it, or a reference"
        )
        asked.add_argument("--free", nargs="+", default=[], metavar="IMAGE", help="what deleting these would free")
        asked.add_argument("--pull", default="", metavar="IMAGE", help="what a host would transfer for this one")
        asked.add_argument("--having", nargs="*", default=[], metavar="IMAGE", help="with --pull: what the host has")
        parser.add_argument("--json", action="store_true", help="print the document instead of a report")

    def handle(self, *, json: bool, free: list[str], pull: str, having: list[str], **options: Any) -> None:
        if (free and pull) or (having and not pull):
            raise CommandError("Ask one at a time: --free IMAGE…, or --pull IMAGE --having IMAGE….", returncode=NOTHING)
        try:
            query = ScopeQuery.from_get(options)
            if free:
                self._free(query, free, json)
            elif pull:
                self._pull(query, pull, having, json)
            else:
                self._sharing(query, json)
        except NoSuchImage as error:
            raise CommandError(str(error), returncode=NOTHING) from error
        except ValueError as error:
            raise CommandError(str(error), returncode=NOTHING) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready ({error}): run `manage.py migrate`.", returncode=NOTHING
            ) from error

    def _free(self, query: ScopeQuery, named: list[str], as_json: bool) -> None:
        scope, names = self._named(query)
        images = {image.pk: image for image in map(names.image, named)}
        told = freeing(scope, bases_of(scope), list(images.values()))
        self._tell(told.as_json(), what_if.freed_lines(told), as_json)

    def _pull(self, query: ScopeQuery, pull: str, named: list[str], as_json: bool) -> None:
        scope, names = self._named(query)
        image = names.image(pull)
        having = {names.image(name).pk for name in named}
        told = pulled(OPERATOR, scope, image.pk, having)
        self._tell(transfer_document(told), what_if.transfer_lines(image, len(having), told), as_json)

    def _tell(self, document: Mapping[str, Any], lines: Iterable[str], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        for line in lines:
            self.stdout.write(line)

    def _named(self, query: ScopeQuery) -> tuple[Scope, Names]:
        """The images that count, and what they are called."""
        scope = self._narrowed(query, scope_of(OPERATOR))
        return scope, Names(scope)

    def _narrowed(self, query: ScopeQuery, everything: Scope) -> Scope:
        try:
            return narrowed(OPERATOR, everything, query)
        except Http404 as error:
            raise CommandError(f"There is no team {query.team!r}.", returncode=NOTHING) from error

    def _sharing(self, query: ScopeQuery, as_json: bool) -> None:
        everything = scope_of(OPERATOR)
        scope = self._narrowed(query, everything)
        teams = [team for team in teams_of(OPERATOR) if query.team in ("", team.slug)]
        report = sharing_report(scope, query, bases_of(everything), teams)
        self._tell(report, chain(sharing.lines_of(report, query), near_misses.lines_of(scope)), as_json)
