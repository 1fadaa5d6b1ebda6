"""`manage.py restore`: a backup, or the newest of a folder, taken in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyzer.services import backup
from analyzer.services.restore import Refused, check, restore


class Command(BaseCommand):
    help = "Takes a backup in, after `migrate`, while no web server and no worker runs; of a folder of them the newest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="BACKUP")
        parser.add_argument(
            "--replace", action="store_true", help="put it in place of what is there, which is gone then"
        )
        parser.add_argument("--check", action="store_true", help="only tell whether it is whole and fits")

    def handle(self, *, folder: Path, replace: bool, check: bool, **options: Any) -> None:
        found = backup.backups(folder)
        place = found[-1] if found else folder
        try:
            if check:
                self._check(place)
                return
            restored = restore(place.resolve(), replace=replace, told=self.stderr.write)
        except Refused as refused:
            raise CommandError(f"Nothing was restored. {refused}") from refused
        self.stdout.write(f"{place}: {restored.rows:,} rows and {restored.blobs:,} blobs are restored.")
        if restored.other_key:
            self.stderr.write("SECRET_KEY is another one: passwords of registries have to be given again.")
        if restored.absent:
            self.stderr.write(f"{len(restored.absent)} blobs were not in it; the rows say so now.")

    def _check(self, place: Path) -> None:
        manifest = check(place)
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(f"{place} is whole: {rows:,} rows of version {manifest['version']}.")
