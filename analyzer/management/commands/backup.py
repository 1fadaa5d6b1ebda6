"""`manage.py backup`: all rows as they were at one moment, and the bytes that they claim."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyzer.services import backup
from analyzer.units import binary_text


class Command(BaseCommand):
    help = "Writes one more backup into FOLDER, while the site is running; blobs of earlier ones are not copied again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument("--no-blobs", action="store_true", help="rows alone: the bucket is backed up by itself")
        parser.add_argument("--keep", type=int, metavar="N", help="afterwards, remove all but the newest N of FOLDER")

    def handle(self, *, folder: Path, no_blobs: bool, keep: int | None, **options: Any) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep must be at least 1.")
        made = freed = None
        try:
            with backup.alone(folder):
                made = backup.back_up(folder, blobs=not no_blobs, told=self.stderr.write)
                freed = backup.forget(folder, keep) if keep else None
        except OSError as error:
            what = f"{made.folder} is whole, earlier ones stay" if made else "No backup was made"
            raise CommandError(f"{what}: {error.strerror or error} ({error.filename or folder}).") from error
        self.stdout.write(f"{made.folder}: {made.rows:,} rows, {made.blobs:,} blobs, of which {made.copied:,} are new.")
        if freed is not None:
            self.stdout.write(f"{binary_text(freed)} of earlier backups removed.")
        for digest, why in made.absent.items():
            self.stderr.write(f"{digest} is not in it: {why}")
        if made.absent:
            told = "`manage.py check_storage --mend` lets rows claim no more than there is."
            raise CommandError(f"{len(made.absent)} blobs are not in it. {told}", returncode=1)
