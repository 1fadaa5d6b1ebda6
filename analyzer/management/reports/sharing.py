"""The report of a scope as text for people: the ladder, each image, the layers that save most, each team."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyzer.management.report import printable
from analyzer.selectors.names import said
from analyzer.selectors.scoping import ScopeQuery
from analyzer.units import binary_text, grouped

STEPS = {
    "naive": "image sizes added up",
    "chains": "what an engine's disk holds, by chainID",
    "layers": "what this store holds, by diffID",
    "contents": "files stored once, by sha256",
}
TOP = 10
LONGEST_NAME = 40


def lines_of(report: Mapping[str, Any], query: ScopeQuery) -> Iterator[str]:
    """The report line by line; sizes in binary units, the bytes of the ladder exactly."""
    number = report["images"]
    yield f"{grouped(number)} image{'' if number == 1 else 's'} {printable(query.words)}".rstrip()
    if report["incomplete"]:
        yield f"  {grouped(report['incomplete'])} more lack a layer and are in no sum."
    yield ""
    yield from _ladder(report["ladder"])
    if report["per_image"]:
        yield ""
        yield "Shared and unique bytes, by chainID"
        yield from _table(("image", "size", "shared", "unique", "waste"), map(_image, report["per_image"]))
    if report["top_layers"]:
        yield ""
        yield "Layers that save most, by diffID"
        yield from _table(("layer", "size", "images", "saves"), map(_layer, report["top_layers"][:TOP]))
    if report["owners"]:
        yield ""
        yield "What each team holds; fair costs add up to the unique layers"
        rows = list(map(_owner, report["owners"]))
        total = sum(owner["fair_cost"] for owner in report["owners"])
        yield from _table(
            ("team", "images", "naive", "stored", "fair cost"), [*rows, ("all", "", "", "", binary_text(total))]
        )


def _ladder(ladder: Mapping[str, int]) -> Iterator[str]:
    naive = ladder["naive"]
    rows = [
        (
            name,
            binary_text(ladder[name]),
            grouped(ladder[name]),
            f"{naive / ladder[name]:.2f} : 1" if ladder[name] else "-",
            binary_text(naive - ladder[name]),
            words,
        )
        for name, words in STEPS.items()
    ]
    yield from _table(("step", "size", "bytes", "ratio", "saves", ""), rows)


def _image(image: Mapping[str, Any]) -> Sequence[str]:
    names = [said(*text.rsplit(":", 1)) for text in image["references"]] or [image["image_id"][7:19]]
    return printable(names[0])[:LONGEST_NAME], *(_size(image[name]) for name in ("size", "shared", "unique", "waste"))


def _layer(layer: Mapping[str, Any]) -> Sequence[str]:
    return layer["diff_id"][7:19], _size(layer["size"]), grouped(layer["images"]), _size(layer["saves"])


def _owner(owner: Mapping[str, Any]) -> Sequence[str]:
    figures = (_size(owner[name]) for name in ("naive", "stored", "fair_cost"))
    return owner["team"], grouped(owner["images"]), *figures


def _size(size: int | None) -> str:
    return "not known" if size is None else binary_text(size)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns in line: the first to the left, figures to the right; a last one without a head is words."""
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    for row in table:
        cells = [
            cell.ljust(width) if column == 0 or not head[column] else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"  {'  '.join(cells)}".rstrip()
