"""The columns of the table of images."""

from typing import Any

import django_tables2
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from analyzer.selectors.figures import ImageRow
from analyzer.selectors.scope import ScopeImage
from analyzer.templatetags.layersite import layer_style, moment, short, size
from analyzer.units import exact
from analyzer.web.tables import Figure, Words

MOST_PIECES = 24

COLUMNS = (
    "image_id",
    "references",
    "platform",
    "size",
    "own_size",
    "shared",
    "unique",
    "waste",
    "own_waste",
    "inherited_waste",
    "efficiency",
    "base",
    "layers",
    "created",
    "teams",
)
"""Of the CSV twin."""


class ImageTable(django_tables2.Table):  # type: ignore[misc]
    name = Words(verbose_name="image", css="path")
    platform = Words(verbose_name="platform", drop="p5")
    size = Figure(verbose_name="size", label="size")
    strip = Words(accessor="diff_ids", verbose_name="layers to scale", orderable=False, css="bar-cell wide", drop="mid")
    layers = Figure(verbose_name="layers", drop="p4")
    base = Words(verbose_name="base", css="path", label="base", drop="mid", order_by=("base__name",))
    own_size = Figure(verbose_name="own", label="own")
    shared = Figure(verbose_name="shared", drop="p4")
    unique = Figure(verbose_name="unique", label="unique")
    waste = Figure(verbose_name="waste", label="waste")
    created = Words(verbose_name="created", drop="p5", css="nowrap soft")
    teams = Words(verbose_name="team", drop="p5", css="soft")

    class Meta:
        order_by_field = "sort"
        page_field = "page"
        attrs = {"class": "fold images"}
        default = mark_safe('<span class="soft" title="not known: a layer is missing">–</span>')

    def __init__(self, rows: list[ImageRow], layer_sizes: dict[str, int], **kwargs: Any) -> None:
        self.layer_sizes = layer_sizes
        self.largest = max((row.size or 0 for row in rows), default=0) or 1
        super().__init__(rows, **kwargs)

    def render_name(self, record: ImageRow) -> SafeString:
        more = len(record.references) - 1
        return format_html(
            '<a href="{}" title="{}">{}</a>{}{}',
            reverse("image", args=[record.ref]),
            ", ".join(record.references) or record.image_id,
            record.name,
            format_html(' <span class="soft" title="{}">and {} more</span>', ", ".join(record.references[1:]), more)
            if more > 0
            else "",
            mark_safe(' <span class="soft">other layers</span>') if "@" in record.ref else "",
        )

    def render_size(self, value: int) -> SafeString:
        return size(value)

    render_own_size = render_shared = render_unique = render_size

    def render_waste(self, value: int, record: ImageRow) -> SafeString:
        title = f"own {exact(record.own_waste or 0)}, inherited from its base {exact(record.inherited_waste or 0)}"
        return format_html('<span title="{}">{}</span>', title, size(value))

    def render_strip(self, record: ImageRow) -> SafeString:
        """Its layers in their colours, bottom first, to the scale of the largest image of the table."""
        known = [diff_id for diff_id in record.diff_ids if diff_id and self.layer_sizes[diff_id]]
        if record.size is None or not known:
            return mark_safe("")
        shown = sorted(known, key=lambda diff_id: -self.layer_sizes[diff_id])[:MOST_PIECES]
        pieces = format_html_join(
            "",
            '<i style="{};--f:{}" title="{}: {}"></i>',
            (
                (layer_style(item), self.layer_sizes[item], short(item), exact(self.layer_sizes[item]))
                for item in known
                if item in shown
            ),
        )
        return format_html(
            '<span class="strip mini" style="--w:{}">{}</span>', f"{record.size / self.largest:.4f}", pieces
        )

    def render_base(self, value: ScopeImage) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("image", args=[value.ref]), value.name)

    def render_created(self, record: ImageRow) -> SafeString:
        return moment(record.created)

    def render_teams(self, value: tuple[str, ...]) -> str:
        return ", ".join(value)
