"""An archive's document as text for people."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import OutputWrapper

from analyzer.units import binary_text

UNKNOWN = "not known"


def print_archive(document: Mapping[str, Any], out: OutputWrapper) -> None:
    archive = document["archive"]
    out.write(f"{printable(archive['name'])}: {archive['format']}, {binary_text(archive['size'])}")
    for image in document["images"]:
        out.write("")
        _print_image(image, out)
    notable = [finding for finding in document["findings"] if finding["severity"] != "info"]
    if notable:
        out.write("")
        out.write(f"{len(notable)} findings:")
    for finding in notable:
        where = "" if finding["layer"] is None else f" layer {finding['layer']}"
        path = "" if finding["path"] is None else f" {printable(finding['path'])}"
        out.write(f"  {finding['severity']}: {finding['code']}{where}{path}: {printable(finding['detail'])}")


def _print_image(image: Mapping[str, Any], out: OutputWrapper) -> None:
    platform = image["platform"]
    names = ", ".join(image["references"]) or "(no reference)"
    out.write(f"{printable(names)}")
    out.write(f"  {image['image_id'][7:19]}  {platform['os']}/{platform['architecture']}  {_size(image['size'])}")
    for step in reversed(image["history"]):
        layer = "" if step["layer"] is None else image["layers"][step["layer"]]["diff_id"][7:19]
        out.write(f"  {_size(step['size']):>12}  {layer:12}  {_instruction(step['created_by'])}")
    if not image["history"]:
        for layer in reversed(image["layers"]):
            out.write(f"  {_size(layer['size']):>12}  {(layer['diff_id'] or '')[7:19]:12}  {layer['status']}")
    waste = image["waste"]
    if waste is None:
        out.write("  Its figures are not known: some layer is missing or damaged.")
        return
    causes = ", ".join(f"{binary_text(size)} {cause}" for cause, size in waste["by_cause"].items() if size)
    out.write(
        f"  merged view {image['merged']['entries']:,} entries, {binary_text(image['merged']['size'])};"
        f" waste {binary_text(waste['bytes'])}{f' ({causes})' if causes else ''}, efficiency {waste['efficiency']:.3f}"
    )


def _size(size: int | None) -> str:
    return UNKNOWN if size is None else binary_text(size)


def _instruction(created_by: str) -> str:
    text = printable(" ".join(created_by.split()))
    return text if len(text) <= 100 else f"{text[:99]}…"


def printable(text: str) -> str:
    """Names are data: what would steer a terminal is escaped."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
