"""`manage.py compare`: what two images have in common, and what differs."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyzer.management.compare_report import print_comparison
from analyzer.selectors.access import OPERATOR
from analyzer.selectors.lookup import NoSuchImage, image_named


class Command(BaseCommand):
    help = "Compares two images: layers by content, files, config and history."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", metavar="IMAGE", help="an image ID, a prefix of it, or a reference")
        parser.add_argument("second", metavar="IMAGE", help="the one that it became, or what it is compared with")
        parser.add_argument("--semantic", action="store_true", help="leave out times and the order of what is written")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *, first: str, second: str, semantic: bool, json: bool, **_: Any) -> None:
        from json import dumps

        from analyzer.selectors.compare import comparison
        from analyzer.selectors.compare_document import comparison_document

        try:
            compared = comparison(OPERATOR, image_named(first), image_named(second), semantic=semantic)
            if json:
                self.stdout.write(dumps(comparison_document(compared), indent=1, ensure_ascii=False))
            else:
                print_comparison(compared, self.stdout)
        except NoSuchImage as error:
            raise CommandError(str(error), returncode=2) from error
        except BrokenPipeError:  # `| head` has seen enough
            sys.stderr.close()
