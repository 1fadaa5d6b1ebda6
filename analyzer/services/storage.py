"""A host's layer store: its images are taken in like those of an archive, and its disk is measured."""

from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.models import Archive
from analyzer.services import quotas
from analyzer.services.assembly import Sender
from analyzer.services.foreground import Report, take_in_contents
from analyzer.storage.contents import contents_of, open_data_root
from analyzer.storage.usage import Usage, usage_of


def import_storage(
    path: Path, sender: Sender, limits: Limits, report: Report | None = None
) -> tuple[Archive | None, Usage]:
    """Takes in the images of the data root at `path`, None where it has none. Raises as `take_in`, OSError."""
    quotas.check(sender.team)
    with open_data_root(path, limits) as data:
        contents = contents_of(data, sender.name)
        usage = usage_of(data, contents.images)
        return (take_in_contents(contents, sender, limits, report) if contents.images else None), usage
