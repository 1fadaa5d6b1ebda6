"""Seals the passwords of registries and the secrets of webhooks with the newest SECRET_KEY."""

from typing import Any

from django.core.management.base import BaseCommand

from analyzer.services.registries import rotate_secrets


class Command(BaseCommand):
    help = "Seal what is sealed with the newest SECRET_KEY, after SECRET_KEY_FALLBACKS named the old one."

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = rotate_secrets()
        self.stdout.write(f"{done} sealed with the newest key.")
        for name in lost:
            self.stderr.write(f"{name}: no key opens its password or secret; enter it again.")
