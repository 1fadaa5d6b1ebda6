"""The headings of the Image page: sentences that say what the figures show."""

from collections.abc import Sequence

from analyzer.selectors.entry_source import Source
from analyzer.selectors.image import ImagePage, Waste
from analyzer.selectors.image_archives import Problem
from analyzer.selectors.image_dockerfile import Dockerfile
from analyzer.selectors.layer_map import map_of
from analyzer.units import binary_text, grouped, share


def plural(count: int, one: str, many: str | None = None) -> str:
    return f"{grouped(count)} {one if count == 1 else many or one + 's'}"


def stack_heading(page: ImagePage) -> str:
    size = page.figures.size
    if page.unknown:
        return f"{plural(len(page.unknown), 'layer')} of {len(page.layers)} could not be read"
    if not page.layers:
        return "No layers: the image is its config alone"
    if not size:
        return f"{plural(len(page.layers), 'layer')} without a byte"
    if page.base is not None:
        return f"{_rounded(page.base.size, size)} of {page.name} is its base"
    if len(page.layers) == 1:
        return f"{page.name} is one layer"
    largest = max(page.layers, key=lambda layer: layer.size or 0)
    return f"The largest of {len(page.layers)} layers makes {_rounded(largest.size or 0, size)} of {page.name}"


def _rounded(part: int, whole: int) -> str:
    """Whole percents where they say enough: "99 %" of 536 MiB, but "99.9 %" rather than all of it."""
    percent = 100 * part / whole
    if 1 <= percent < 99.5:
        return f"{percent:.0f} %"
    return share(part, whole)


def history_heading(page: ImagePage) -> str:
    return f"History: {plural(len(page.steps), 'step')}, {plural(len(page.layers), 'layer')}"


def unknown_words(page: ImagePage) -> str:
    """Which layers were not read, and why."""
    why = {
        "missing": "not in the archive",
        "foreign": "foreign: the bytes lie elsewhere",
        "damaged": "damaged: the bytes cannot be read to the end",
        "unsupported": "not a tar that can be read",
    }
    parts = [f"layer {layer.index} is {why.get(layer.status, layer.status)}" for layer in page.unknown[:3]]
    more = len(page.unknown) - len(parts)
    text = "; ".join(parts) + (f"; and {plural(more, 'more layer')}" if more > 0 else "")
    return text[0].upper() + text[1:] + "." if text else ""


def waste_heading(page: ImagePage, waste: Waste | None) -> str:
    if waste is None:
        return "What is hidden is not known: it needs every layer"
    if waste.size == 0:
        return "Nothing is hidden: every byte of every layer shows in the merged view"
    part = f"{share(waste.size, page.figures.size or 0)} of the image is hidden by later layers"
    if page.base is None:
        return part
    if waste.own == 0:
        return f"{part}, all of it inside its base"
    if waste.inherited == 0:
        return f"{part}, all of it its own doing"
    return f"{part}; {binary_text(waste.own)} of that is its own doing"


def layers_heading(page: ImagePage) -> str:
    shared = sum(layer.shared for layer in page.layers)
    if not page.layers:
        return "No layers"
    if not shared:
        return f"{plural(len(page.layers), 'layer')}, none shared with another image"
    if shared == len(page.layers):
        return f"All {plural(shared, 'layer')} shared with other images" if shared > 1 else "Its layer is shared"
    return f"{shared} of {plural(len(page.layers), 'layer')} shared with other images"


def dockerfile_heading(file: Dockerfile) -> str:
    if not file.guesses:
        return f"{plural(len(file.lines), 'instruction')}, each as the history has it"
    return f"{plural(len(file.lines), 'instruction')}, {file.guesses} of them with a guess"


def findings_heading(problems: Sequence[Problem]) -> str:
    if not problems:
        return "Nothing odd was found"
    counts = {severity: sum(problem.severity == severity for problem in problems) for severity in _SEVERITIES}
    parts = [plural(count, *_SEVERITIES[severity]) for severity, count in counts.items() if count]
    return " and ".join(parts) if len(parts) < 3 else f"{parts[0]}, {parts[1]} and {parts[2]}"


_SEVERITIES = {"error": ("error",), "warning": ("warning",), "info": ("note",)}


def archives_heading(page: ImagePage) -> str:
    if not page.arrivals:
        return "No archive of your teams holds it any more"
    if len(page.arrivals) == 1:
        return f"It came in {page.arrivals[0].name}"
    return f"It came in {plural(len(page.arrivals), 'archive')}, the latest {page.arrivals[0].name}"


def files_heading(source: Source, layer: int | None = None) -> str:
    """What fills the merged view, on top of `layer` if it is not all of them."""
    what = "What a container sees" if layer is None else f"What a container would see on top of layer {layer}"
    listing = source.listing
    shown = map_of(listing, b"")
    entries = plural(len(listing) - listing.implied.count(1), "entry", "entries")
    if shown is None or not shown.size or not shown.parts or shown.parts[0].path is None:
        return f"{what}: {entries}"
    first = shown.parts[0]
    return f"{what}: {entries}, {share(first.size, shown.size)} of the bytes in {first.name}"
