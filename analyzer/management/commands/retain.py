"""`manage.py retain`: carries out the retention rules of teams, or says what they would let go."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyzer.management.report import printable
from analyzer.selectors.access import OPERATOR, teams_of
from analyzer.selectors.retention import Plan, plan_of
from analyzer.services.retention import carry_out_now
from analyzer.units import binary_text

NOTHING = 2


class Command(BaseCommand):
    help = "Deletes the images that the retention rules of teams let go; --dry-run only lists them."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="delete nothing, say what would go")
        parser.add_argument("--team", default="", metavar="SLUG", help="of this team alone; of all, if nothing is said")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, dry_run: bool, team: str, json: bool, **_: Any) -> None:
        teams = [each for each in teams_of(OPERATOR) if team in ("", each.slug)]
        if not teams:
            raise CommandError(f"There is no team {team!r}.", returncode=NOTHING)
        documents = []
        for each in teams:
            plan = plan_of(OPERATOR, each)  # anew for each: what one team gave up may be another's alone now
            documents.append({"team": each.slug, **plan.as_json(), "images": [row.as_json() for row in plan.goes]})
            if not json:
                self._tell(each.slug, plan)
            if not dry_run:
                kept = carry_out_now(plan, each)
                documents[-1] |= {"deleted": kept.images}
                if not json and kept.images:
                    self.stdout.write(f"{each.slug}: {kept.images} deleted, {binary_text(kept.on_disk)} freed on disk")
        if json:
            self._print(documents)

    def _tell(self, slug: str, plan: Plan) -> None:
        self.stdout.write(
            f"{slug}: {len(plan.goes)} of {plan.held} images go, {binary_text(plan.freed)} of layers, "
            f"{binary_text(plan.on_disk)} on disk"
        )
        for row in plan.goes:
            name = " ".join(row.references) or f"{' '.join(row.former)} (moved on)"
            self.stdout.write(
                f"  {row.image.image_id[7:19]}  {binary_text(row.on_disk):>10}  {printable(name)}  "
                f"[{printable(str(row.rule))}]"
            )
        for image in plan.in_use:
            self.stdout.write(f"  {image.image_id[7:19]}  stays, a base in use  {printable(image.name)}")

    def _print(self, documents: list[dict[str, Any]]) -> None:
        self.stdout.write(json.dumps(documents, ensure_ascii=False))
