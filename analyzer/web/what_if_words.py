"""The answers of What if as sentences: each is the title of what shows it."""

from analyzer.selectors.freeing import Freeing, Room
from analyzer.selectors.rebasing import Move
from analyzer.sharing.transfer import Transfer
from analyzer.units import binary_text
from analyzer.web.overview_words import counted

HERE = {"layers": "here", "chains": "on an engine's disk"}
"""Where bytes that are counted by this key become free."""


def delete_title(freeing: Freeing) -> str:
    number = len(freeing.images)
    what = "this image" if number == 1 else f"these {number:,} images"
    if not freeing.freed:
        return f"Deleting {what} frees nothing: other images use all of the layers"
    return f"Deleting {what} frees {binary_text(freeing.freed)} in {counted(len(freeing.layers), 'layer')}"


def delete_note(freeing: Freeing) -> str:
    """How the sum differs from the images' unique sizes, and the two disks from each other."""
    told = []
    if len(freeing.images) > 1:
        if freeing.shared_inside:
            inside = binary_text(freeing.shared_inside)
            told.append(f"Their unique sizes add up to {binary_text(freeing.unique)} only.")
            told.append(f"{inside} are shared among just these images, and go with the last of them.")
        else:
            told.append("That is what their unique sizes add up to: no layer is shared among just these images.")
    if freeing.freed_chains != freeing.freed:
        on_disk = binary_text(freeing.freed_chains)
        told.append(f"An engine that holds the same images frees {on_disk}, storing a layer on each parent anew.")
    return " ".join(told)


def room_title(room: Room, key: str) -> str:
    free, number = room.freeing.by(key), len(room.freeing.images)
    if not room.most:
        return "Nothing can be freed: the images that may go share all of their layers with others"
    if not room.enough:
        most = binary_text(room.most)
        return f"There are not {binary_text(room.wanted)} to free {HERE[key]}: all that may go frees {most}"
    return f"Deleting {counted(number, 'image')} frees {binary_text(free)} {HERE[key]}"


def pull_title(name: str, told: Transfer, having: int) -> str:
    host = f"a host that has {counted(having, 'image')}" if having else "a host without images"
    most = "at most " if told.estimated else ""
    if not told.missing:
        return f"{name} costs {host} nothing: every blob is there"
    return f"{name} costs {host} {most}{binary_text(told.transfer)}"


def pulls_title(cheapest: str, cost: int, having: int) -> str:
    host = f"a host that has {counted(having, 'image')}" if having else "a host without images"
    return f"{cheapest} is the lightest for {host}: {binary_text(cost)}"


def rebase_title(move: Move) -> str:
    image, onto, told = move.image.name, move.onto.name, move.figures
    if move.base is not None and move.base.pk == move.onto.pk:
        return f"{image} stands on {onto} already, and shares {binary_text(told.before.shared)}"
    more = told.more_shared
    if more > 0:
        return f"On {onto}, {image} would share {binary_text(told.after.shared)}: {binary_text(more)} more than now"
    if more < 0:
        return f"On {onto}, {image} would share {binary_text(told.after.shared)}: {binary_text(-more)} less than now"
    return f"On {onto}, {image} would share {binary_text(told.after.shared)}, as much as now"


def rebase_note(move: Move) -> str:
    """What is assumed, and what it comes to on disk."""
    own = counted(move.figures.own, "layer")
    moved = f"its {own} above {move.base.name}" if move.base else f"all of its {own}, since no base of it is known,"
    told = [f"Assumed: {moved} would lie as {'it is' if move.figures.own == 1 else 'they are'} on {move.onto.name}."]
    needs = [_needs(size) for size in (move.figures.freed, move.figures.freed_chains)]
    if needs[0] == needs[1]:
        told.append(f"This store and an engine's disk would need {needs[0]}.")
    else:
        told.append(f"This store would need {needs[0]}, an engine's disk {needs[1]}.")
    return " ".join(told)


def _needs(freed: int) -> str:
    if not freed:
        return "as much as now"
    return f"{binary_text(abs(freed))} {'less' if freed > 0 else 'more'}"
