"""Common ground in sentences."""

from collections.abc import Sequence

from analyzer.models import CommonGround
from analyzer.selectors.common_ground import Candidate, Folder
from analyzer.units import binary_text, grouped
from analyzer.web.near_miss_words import listing
from analyzer.web.overview_words import counted

MOST_NAMES = 3
LONGEST = 32  # characters of a path in a heading


def heading(found: Sequence[Candidate], ground: CommonGround) -> str:
    if ground.computed is None:
        return "Looking for common ground"
    if not found:
        return "No files of this weight lie in several layers that images could share"
    saving = binary_text(sum(each.saving for each in found))
    sets = "One set of files" if len(found) == 1 else f"{grouped(len(found))} sets of files"
    return f"{sets} in a shared base would save {saving}"


def title(each: Candidate) -> str:
    """`usr/lib, var and usr/bin: 1,555 files in 3 layers of 6 images`"""
    files = counted(each.files, "file")
    layers, images = counted(len(each.layers), "layer"), counted(len(each.images), "image")
    return f"{places(each.folders)}: {files} in {layers} of {images}"


def places(folders: Sequence[Folder]) -> str:
    """`usr/lib, var and usr/bin`; of a long path its end."""
    return listing([_end_of(folder.path) for folder in folders], MOST_NAMES) or "files"


def _end_of(path: str) -> str:
    return path if len(path) <= LONGEST else f"…{path[-LONGEST:]}"
