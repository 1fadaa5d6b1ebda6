"""`manage.py pull`: images of a registry in, figures out, in the foreground. No worker is needed."""

import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from analyzer.archive.source import ArchiveFormat
from analyzer.management.intake import NOTHING, IntakeCommand
from analyzer.management.progress import ProgressBar
from analyzer.models import Archive, Team
from analyzer.models.sealing import SealBroken
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.registry.context import Credentials
from analyzer.registry.errors import RegistryError
from analyzer.registry.platforms import ALL, InvalidPlatform, parse_wanted
from analyzer.services import pulls
from analyzer.services.assembly import Sender
from analyzer.services.foreground import take_in
from analyzer.services.pulling import drop_layout, layout_folder
from analyzer.units import binary_text


class Command(IntakeCommand):
    help = (
        "Pulls images from registries, stores and analyses them. Who asks is told by --username and --password-stdin, "
        "or by the team's registries."
    )
    refusals = (*IntakeCommand.refusals, RegistryError, InvalidReference, SealBroken)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("references", nargs="+", metavar="REFERENCE", help="as nginx, or registry/repository:tag")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--platform", default="", metavar="OS/ARCH[/VARIANT]", help="linux/amd64 unless told otherwise"
        )
        which.add_argument("--all-platforms", action="store_true", help="every platform that there is")
        parser.add_argument("--username", default="", help="who asks, with --password-stdin")
        parser.add_argument("--password-stdin", action="store_true", help="read the password or token, a line")
        super().add_arguments(parser)

    def handle(
        self,
        *,
        references: list[str],
        platform: str,
        all_platforms: bool,
        username: str,
        password_stdin: bool,
        json: bool,
        team: str,
        **_: Any,
    ) -> None:
        try:
            parse_wanted(platform)
        except InvalidPlatform as error:
            raise CommandError(str(error), returncode=NOTHING) from error
        self._platform = ALL if all_platforms else platform
        if bool(username) != password_stdin:
            raise CommandError("--username and --password-stdin go together.", returncode=NOTHING)
        self._credentials = Credentials(username, sys.stdin.readline().rstrip("\r\n")) if username else None
        self.take_all(references, team, as_json=json)

    def take_in(self, name: str, team: Team) -> Archive:
        reference = parse_reference(name)
        credentials = self._credentials or pulls.credentials_for(team, reference.registry)
        layout = layout_folder()
        try:
            with ProgressBar(str(reference), sys.stderr) as bar:
                pulled = pulls.fetch_into(
                    layout,
                    team,
                    None,
                    reference,
                    self._platform,
                    credentials,
                    report=lambda tally: bar.report(tally.fetched, tally.total),
                )
            if pulled.tally.saved:
                saved = binary_text(pulled.tally.saved)
                self.stderr.write(f"{reference}: {saved} were not fetched, as their layers are stored.")
            return self._analyzed(layout, pulled.held, Sender(team, None, str(reference)[: pulls.NAME]))
        except BaseException:
            # What was fetched stays for the next try.
            drop_layout(layout, None)
            raise

    def _analyzed(self, layout: Path, held: frozenset[str], sender: Sender) -> Archive:
        with (
            tempfile.TemporaryDirectory(dir=settings.WORK_DIR) as work_folder,
            ProgressBar(sender.name, sys.stderr) as bar,
        ):
            archive = take_in(
                layout,
                sender,
                settings.LIMITS,
                Path(work_folder),
                bar.report,
                layout=ArchiveFormat.REGISTRY,
                held=held,
            )
        drop_layout(layout, sender.team.pk)
        return archive

    def in_words(self, error: Exception) -> str:
        if isinstance(error, RegistryError | SealBroken):
            return str(error)
        return pulls.refusal_in_words(error) if isinstance(error, InvalidReference) else super().in_words(error)

    def told(self, name: str) -> dict[str, Any]:
        return {"name": name, "format": ArchiveFormat.REGISTRY.value, "size": None}
