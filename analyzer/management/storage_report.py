"""The disk of an engine's data root as text for people."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import OutputWrapper

from analyzer.management.report import printable
from analyzer.units import binary_text

MOST = 20  # lines of a list; --json has all


def print_storage(storage: Mapping[str, Any], out: OutputWrapper) -> None:
    disk, size = storage["disk"], storage["size"]
    held = sum(layer["disk"] for layer in storage["layers"])
    out.write("")
    out.write(f"{storage['driver']}: {binary_text(disk)} of disk are allocated, {binary_text(held)} of it to layers.")
    out.write(f"The engine counts {binary_text(size)} for its layers: {_beside(held - size)}.")
    free = [layer for layer in storage["layers"] if not layer["images"]]
    _print_layers("Layers by the disk that they take", storage["layers"], out)
    if free:
        _print_layers("Layers of no image", free, out)
    if storage["orphans"]:
        total = sum(orphan["disk"] for orphan in storage["orphans"])
        out.write("")
        out.write(f"Folders that the engine does not know as layers, {binary_text(total)}:")
        for orphan in storage["orphans"][:MOST]:
            out.write(f"  {binary_text(orphan['disk']):>12}  {printable(orphan['folder'])}")
    for container in storage["containers"]:
        _print_container(container, out)
    for broken in storage["unreadable"]:
        out.write(f"The engine's record of {printable(broken)} is damaged.")


def _beside(more: int) -> str:
    if more >= 0:
        return f"{binary_text(more)} more are allocated, since blocks and folders take room too"
    return f"{binary_text(-more)} fewer are allocated, since holes and compressed files take no room"


def _print_layers(title: str, layers: list[Mapping[str, Any]], out: OutputWrapper) -> None:
    out.write("")
    out.write(f"{title}:")
    for layer in layers[:MOST]:
        images = len(layer["images"])
        users = f"{images} image{'' if images == 1 else 's'}"
        if layer["containers"]:
            users += f", {layer['containers']} container{'' if layer['containers'] == 1 else 's'}"
        sizes = f"{binary_text(layer['disk']):>12} {binary_text(layer['size']):>12}"
        out.write(f"  {sizes}  {layer['diff_id'][7:19]}  {users}")
    if len(layers) > MOST:
        out.write(f"  … and {len(layers) - MOST:,} more; --json has all")


def _print_container(container: Mapping[str, Any], out: OutputWrapper) -> None:
    counts = container["counts"]
    out.write("")
    out.write(
        f"Container {printable(container['name'] or container['id'][:12])} wrote {binary_text(container['size'])}, "
        f"{binary_text(container['disk'])} of disk: {counts['A']} added, {counts['C']} changed, {counts['D']} deleted."
    )
    heaviest = sorted(container["changes"], key=lambda change: -(change["size"] or 0))
    for change in heaviest[:MOST]:
        size = "" if change["size"] is None else binary_text(change["size"])
        out.write(f"  {change['change']} {size:>12}  {printable(change['path'])}")
    if len(heaviest) > MOST:
        out.write(f"  … and {len(heaviest) - MOST:,} more; --json has all")
