"""`manage.py export_dataset`: the store as one Parquet data set, for DuckDB, ClickHouse, Spark and their like."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from analyzer.management.progress import ProgressBar
from analyzer.services.dataset import export
from analyzer.services.dataset_folder import NotAFolder
from analyzer.units import binary_text


class Command(BaseCommand):
    help = (
        "Writes listings and counted tables to a folder or to object storage (s3://bucket/folder) as one partitioned"
        " Parquet data set; what is there already is not written again. All teams' layers are in it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("destination", metavar="DEST", help="an empty folder, or one that was exported to before")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, destination: str, json: bool, **options: Any) -> None:
        try:
            with ProgressBar("exporting", sys.stderr, unit="layers") as bar:
                done = export(destination, bar.report)
        except NotAFolder as error:
            raise CommandError(str(error), returncode=2) from error
        except OSError as error:
            raise CommandError(f"{destination} can't be written: {error}", returncode=2) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready ({error}): run `manage.py migrate`.", returncode=2
            ) from error
        self.stdout.write(_json(asdict(done)) if json else _words(**asdict(done)))


def _json(document: dict[str, int]) -> str:
    return json.dumps(document)


def _words(**done: int) -> str:
    return (
        f"{done['images']:,} images and {done['listings']:,} layers are there."
        f" Written: {done['listings_written']:,} listings and {done['tables_written']:,} files of tables,"
        f" {binary_text(done['bytes_written'])}."
        f" Gone: {done['listings_removed']:,} layers, {done['images_gone']:,} images."
    )
