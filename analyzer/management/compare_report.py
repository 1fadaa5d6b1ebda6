"""A comparison of two images as text for people."""

from django.core.management.base import OutputWrapper

from analyzer.management.report import printable
from analyzer.oci.findings import escape
from analyzer.selectors.compare import ComparedImage, Comparison, LayerPair
from analyzer.selectors.compare_files import files_of
from analyzer.selectors.compare_words import files_title, kinship_words, layers_title
from analyzer.units import binary_text

SIGNS = {"added": "+", "modified": "~", "removed": "-"}
MOST_FILES = 200  # lines; --json has all


def print_comparison(compared: Comparison, out: OutputWrapper) -> None:
    out.write(f"first   {_image(compared.first)}")
    out.write(f"second  {_image(compared.second)}")
    out.write("")
    out.write(f"{layers_title(compared)}:")
    for pair in compared.layers:
        out.write(f"  {_layer(pair)}")
    out.write("")
    _print_files(compared, out)
    for change in compared.config:
        values = f"{printable(change.first or '-')} -> {printable(change.second or '-')}"
        out.write(f"  {SIGNS[change.change]} {printable(change.key)}: {values}")
    for step in compared.history:
        changed = f" ({', '.join(step.changed)})" if step.changed else ""
        out.write(f"  {SIGNS[step.change]} history {printable(' '.join(step.created_by.split()))[:100]}{changed}")


def _image(image: ComparedImage) -> str:
    size = "size not known" if image.image.size is None else binary_text(image.image.size)
    return f"{printable(image.name)}  {image.image.image_id[7:19]}  {size}"


def _layer(pair: LayerPair) -> str:
    layer = pair.second or pair.first
    if layer is None:
        return ""
    places = "/".join("-" if side is None else str(side.index) for side in (pair.first, pair.second))
    size = "not known" if layer.size is None else binary_text(layer.size)
    words = f"  {printable(kinship_words(pair.kinship))}" if pair.kinship else ""
    return f"{pair.relation.value:6} {places:>7}  {layer.diff_id[7:19]:12} {size:>11}{words}"


def _print_files(compared: Comparison, out: OutputWrapper) -> None:
    files = files_of(compared)
    out.write(f"{files_title(compared)}.")
    if files is None:
        return
    for row in files.rows(files.heaviest(MOST_FILES)):
        size = (row.second_size or 0) - (row.first_size or 0)
        what = f"  {', '.join(row.changed)}" if row.changed else ""
        out.write(f"  {SIGNS[row.change]} {size:>+13,}  {printable(escape(row.path))}{what}")
    if len(files.diff) > MOST_FILES:
        out.write(f"  … and {len(files.diff) - MOST_FILES:,} more paths; --json has all")
