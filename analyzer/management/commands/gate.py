"""`manage.py gate`: whether an image keeps the rules, and the lines to fix where it does not."""

import sys
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.http import Http404

from analyzer.gate.output import FORMATS
from analyzer.gate.reading import FILES, rules_of
from analyzer.gate.ruleset import DEFAULTS, Result, RuleSet
from analyzer.gate.yamldoc import MOST_BYTES, BadRules
from analyzer.models import Image, Team
from analyzer.selectors.access import OPERATOR, team_for, teams_of
from analyzer.selectors.gate_names import holders_of, name_asked
from analyzer.selectors.lookup import NoSuchImage, image_named
from analyzer.services.gate import Keeping, run_gate, search_now

OPEN, SHUT, NOTHING = 0, 1, 2
BESIDE = ("json", "junit", "sarif", "markdown")


class Command(BaseCommand):
    help = (
        "Judges an image by the rules of a .layersite-ci.yaml or a .dive-ci. Ends with 0 where it passed, with 1 where"
        " it did not, and with 2 where nothing could be judged."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("image", metavar="IMAGE", help="an image ID, a prefix of it, or a reference")
        parser.add_argument(
            "--against", default="", metavar="IMAGE", help="what it is compared with; else what was accepted last"
        )
        parser.add_argument(
            "--rules",
            default="",
            metavar="FILE",
            help=f"the rules; else {', '.join(FILES)} of this folder, else our own",
        )
        parser.add_argument("--team", default="", metavar="SLUG", help="whose accepted images count; else who holds it")
        parser.add_argument("--dry-run", action="store_true", help="keep nothing: the next image has nothing of it")
        parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="what is printed (text)")
        parser.add_argument("--json", action="store_true", help="the same as --format json")
        for name in BESIDE:
            parser.add_argument(
                f"--{name}-file", default="", metavar="FILE", help=f"write the result as {name} there, too"
            )

    def handle(self, **options: Any) -> None:
        try:
            result = self._judged(options)
        except (NoSuchImage, BadRules) as error:
            raise CommandError(str(error), returncode=NOTHING) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready ({error}): run `manage.py migrate`.", returncode=NOTHING
            ) from error
        self._tell(result, options)
        sys.exit(OPEN if result.passed else SHUT)

    def _judged(self, options: dict[str, Any]) -> Result:
        rules = _rules(options["rules"])
        image = image_named(options["image"])
        against = image_named(options["against"]) if options["against"] else None
        team = self._team(options["team"], image)
        if rules.needs_search:
            search_now(image)
        teams = teams_of(OPERATOR).filter(pk=team.pk)
        name = name_asked(options["image"], image, teams)
        keeping = None if options["dry_run"] else Keeping(team, None, name)
        return run_gate(OPERATOR, image, rules, teams, name=name, against=against, keeping=keeping)

    def _team(self, slug: str, image: Image) -> Team:
        if not slug:
            team = holders_of(OPERATOR, image).first()
            if team is None:
                raise NoSuchImage("No team holds this image any more.")
            return team
        try:
            return team_for(OPERATOR, slug)
        except Http404 as error:
            raise CommandError(f"There is no team {slug!r}.", returncode=NOTHING) from error

    def _tell(self, result: Result, options: dict[str, Any]) -> None:
        try:
            for name in BESIDE:
                if options[f"{name}_file"]:
                    Path(options[f"{name}_file"]).write_text(FORMATS[name](result), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.", returncode=NOTHING) from error
        text = FORMATS["json" if options["json"] else options["format"]](result)
        if text:
            with suppress(BrokenPipeError):  # `| head` has seen enough
                self.stdout.write(text)


def _rules(named: str) -> RuleSet:
    """The rules of the file that is named, or of the first of FILES in this folder, or our own. Raises BadRules."""
    path = Path(named) if named else next((Path(name) for name in FILES if Path(name).is_file()), None)
    if path is None:
        return DEFAULTS
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadRules(f"{named or path}: {error.strerror}.") from error
    try:
        return rules_of(raw, path.name)
    except BadRules as error:
        raise BadRules(f"{path.name}: {error}") from error
