"""What deleting images would free and what pulling one would transfer, as text for people."""

from collections.abc import Iterator

from analyzer.management.report import printable
from analyzer.selectors.freeing import Freeing
from analyzer.selectors.scope import ScopeImage
from analyzer.sharing.transfer import Transfer
from analyzer.units import binary_text, exact, grouped


def freed_lines(told: Freeing) -> Iterator[str]:
    """What goes with the images; sizes in binary units and in bytes."""
    number = len(told.images)
    yield f"Deleting {'this image' if number == 1 else f'these {grouped(number)} images'} frees"
    yield f"  {_both(told.freed)} here, by diffID"
    yield f"  {_both(told.freed_chains)} on an engine's disk, by chainID"
    if told.shared_inside:
        yield f"Their unique sizes add up to {_both(told.unique)};"
        yield f"{_both(told.shared_inside)} are shared among these alone, and go with the last of them."
    for item in told.images:
        if item.carries:
            names = ", ".join(printable(image.name) for image in item.carries)
            yield f"{printable(item.image.name)} is the base of images that stay: {names}."
    if told.layers:
        yield ""
    for gone in told.layers:
        yield f"  {gone.layer.diff_id[7:19]}  {_both(gone.layer.size)}"


def transfer_lines(image: ScopeImage, having: int, told: Transfer) -> Iterator[str]:
    """What comes, blob by blob, and what is there already."""
    host = f"A host that has {grouped(having)} image{'' if having == 1 else 's'}" if having else "A host without images"
    most = "at most " if told.estimated else ""
    yield f"{host} would transfer {most}{_both(told.transfer)} for {printable(image.name)}, by blob digest."
    yield f"It has {_both(told.already)} of it already."
    if told.unknown:
        yield f"The size of {grouped(told.unknown)} more is not known."
    if told.missing:
        yield ""
    for blob in told.missing:
        size = "not known" if blob.size is None else _both(blob.size)
        most = ", estimated: at most" if blob.estimated and blob.size is not None else ""
        yield f"  {blob.digest[7:19]}  {size}{most}"


def _both(size: int) -> str:
    return f"{binary_text(size)} ({exact(size)})"
