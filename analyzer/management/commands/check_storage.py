"""`manage.py check_storage`: whether the blob store and the database tell the same."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyzer.models import Blob
from analyzer.services import audit
from analyzer.services.drift import Oddity, oddities
from analyzer.services.keeping import UNCLAIMED_SECONDS, store
from analyzer.services.verifying import verify_blob
from analyzer.units import binary_text


class Command(BaseCommand):
    help = (
        "Lists files without rows, rows without files, and whatever else does not fit; exit status 1 if some is left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mend", action="store_true", help="mend what can be mended without losing anything")
        parser.add_argument("--verify", action="store_true", help="read every kept blob first, and check both digests")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *, mend: bool, verify: bool, json: bool, **options: Any) -> None:
        if verify:
            for blob in Blob.objects.filter(kept=True).select_related("layer").iterator():
                verify_blob(blob)
        found = list(oddities())
        left: list[Oddity] = []
        freed = 0
        for odd in found:
            if mend and odd.mend is not None:
                odd.mend()
                freed += odd.bytes
            else:
                left.append(odd)
        if mend:
            freed += store().sweep(UNCLAIMED_SECONDS)
            audit.note("storage.mend", "the storage", found=len(found), left=len(left), freed=freed)
        self._tell(found, left, freed, mend, json)
        if left:
            raise CommandError(f"{len(left)} left{'' if mend else ': --mend mends what can be mended'}.", returncode=1)

    def _tell(self, found: list[Oddity], left: list[Oddity], freed: int, mend: bool, as_json: bool) -> None:
        if as_json:
            rows = [{**odd.as_json(), "mended": odd not in left} for odd in found]
            self.stdout.write(json.dumps({"oddities": rows, "freed": freed}, ensure_ascii=False))
            return
        for odd in found:
            done = "" if odd in left else "mended: "
            self.stdout.write(f"{done}{odd.kind} {odd.name} ({binary_text(odd.bytes)}): {odd.words}")
        if mend:
            self.stdout.write(f"{len(found) - len(left)} mended, {binary_text(freed)} freed.")
        elif not found:
            self.stdout.write("Files and rows tell the same.")
