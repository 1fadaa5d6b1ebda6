"""The parts that all pages are made of: figures, chips, tallies, signs of change and state, times."""

import re
from datetime import timedelta
from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from analyzer import units
from analyzer.charts import colours
from analyzer.models import Layer
from analyzer.selectors.shown import shown
from analyzer.web import createdby as texts
from analyzer.web import levels, times
from analyzer.web.times import UNKNOWN

register = template.Library()

MOST_STROKES = 40
MOST_NAMES = 20  # in a title
# Plotly adds the styles of its maps at its start, which the policy forbids; it thinks it has done so where this id is.
PLOTLY_MAP_STYLE = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53"
PICTURES = ("png", "svg")
PUNCTUATION = re.compile(r"[^\w\s]+")
LONGEST_NAME = 80  # characters of a picture's file name
SIGNS = {"added": "+", "modified": "~", "removed": "−"}
STATES = {"queued": "", "waiting": "", "running": "running", "done": "done", "partial": "partial", "failed": "failed"}


@register.simple_tag
def size(number: int | None, prefix: str = "") -> SafeString:
    """A size in bytes: number, small unit, the exact bytes in the title. None is not known, which is not zero."""
    if number is None:
        return UNKNOWN
    value, unit = units.binary(number)
    return format_html(
        '<data value="{}" title="{}"{}>{}{}<small>{}</small></data>',
        number,
        units.exact(number),
        mark_safe(' class="zero"') if number == 0 else "",
        prefix,
        value,
        unit,
    )


@register.filter
def bytes_text(number: int | None) -> str:
    """A size as plain text, for titles and headings."""
    return "–" if number is None else units.binary_text(number)


@register.filter
def as_typed(name: str) -> str:
    """What names an image, short enough for a field: twelve digits of a whole image ID, anything else as it is."""
    return name[7:19] if name.startswith("sha256:") and "@" not in name else name


@register.filter
def exact(number: int | None) -> str:
    """All bytes of a size as plain text, for title attributes."""
    return "not known" if number is None else units.exact(number)


@register.filter
def number(value: int | None) -> str | SafeString:
    """A count with its thousands apart."""
    return UNKNOWN if value is None else units.grouped(value)


@register.filter
def percent_of(part: int | None, whole: int | None) -> str:
    """`{{ part|percent_of:whole }}`"""
    return "–" if part is None or whole is None else units.share(part, whole)


@register.filter
def efficiency(value: float | None) -> str | SafeString:
    """0 to 1 with three decimals; 1.000 only for what wastes nothing."""
    if value is None:
        return UNKNOWN
    return f"{value if value == 1 else min(value, 0.999):.3f}"


@register.filter
def ratio(part: int | None, whole: int | None) -> str:
    """`{{ part|ratio:whole }}` as a number from 0 to 1 for a custom property, as `--w` of a meter."""
    return f"{part / whole:.4f}" if part and whole else "0"


@register.filter
def layer_style(diff_id: str | Layer | None) -> str:
    """What goes into `style="…"` of an element that shows the layer's colour."""
    text = _diff_id(diff_id)
    return f"--h:{colours.hue(text)};--t:{colours.notch(text)}" if text else ""


@register.filter
def short(digest: str | None) -> str:
    """The first twelve digits of a digest."""
    return (digest or "").removeprefix("sha256:")[:12]


@register.simple_tag
def chip(layer: str | Layer | None, copy: bool = True, link: bool = True) -> SafeString:
    """A layer: its swatch and twelve digits of its diffID, linked to its page, with a copy button.

    `link=False` for a layer that has no page here (its bytes are missing, or the viewer may not see it).
    """
    diff_id = _diff_id(layer)
    if not diff_id:
        return UNKNOWN
    swatch = format_html(
        '<{tag} class="chip" style="{style}"{href} title="diffID {diff_id}"><i></i>{short}</{tag}>',
        tag="a" if link else "span",
        style=layer_style(diff_id),
        href=format_html(' href="{}"', reverse("layer", args=[diff_id])) if link else "",
        diff_id=diff_id,
        short=short(diff_id),
    )
    return format_html('<span class="nowrap">{}{}</span>', swatch, copy_button(diff_id, "diffID")) if copy else swatch


@register.simple_tag
def digest(text: str | None, what: str = "digest", copy: bool = True) -> SafeString:
    """A digest that is no layer: twelve digits, all of them in the title, a button that copies it; `what` names it."""
    if not text:
        return UNKNOWN
    code = format_html('<code title="{} {}">{}</code>', what, text, short(text))
    return format_html('<span class="nowrap">{}{}</span>', code, copy_button(text, what)) if copy else code


@register.simple_tag
def copy_button(text: str, what: str) -> SafeString:
    """A button that copies `text`; it works once copy.js has run, and is hidden before."""
    label = f"Copy {what} {short(text)}" if text.startswith("sha256:") else f"Copy {what}"
    return format_html(
        '<button class="copy" type="button" data-copy="{}" aria-label="{}" title="{}"></button>', text, label, label
    )


@register.simple_tag
def tally(count: int, names: Any = ()) -> SafeString:
    """One stroke for each image, the first names in the title; many strokes end in an ellipsis, never the number."""
    title = names if isinstance(names, str) else ", ".join(str(name) for name in names[:MOST_NAMES])
    if len(names) > MOST_NAMES and not isinstance(names, str):
        title += f" and {len(names) - MOST_NAMES:,} more"
    return format_html(
        '<span class="tally"{}><i style="--n:{}"></i>{}{}</span>',
        format_html(' title="{}"', title) if title else "",
        min(count, MOST_STROKES),
        "… " if count > MOST_STROKES else "",
        units.grouped(count),
    )


@register.filter
def any_in(teams: Any, pks: frozenset[int]) -> bool:
    """Whether one of the teams is among those of `rights`."""
    return any(team.pk in pks for team in teams)


@register.filter
def path_text(path: bytes) -> str:
    """A name in an archive, with what is not seen of it escaped."""
    return shown(path)


@register.filter
def names(images: Any) -> str:
    """The names of images, for a title: of many the first."""
    rest = len(images) - MOST_STROKES
    return ", ".join(image.name for image in images[:MOST_STROKES]) + (f" and {rest} more" if rest > 0 else "")


@register.simple_tag
def change(kind: str, count: int | None = None, words: str = "") -> SafeString:
    """A sign of change (`added`, `modified`, `removed`), with a count or with words that narrow strips leave out."""
    sign = SIGNS[kind]
    if count is None:
        return format_html('<span class="change {}">{} <span class="w">{}</span></span>', kind, sign, words or kind)
    return format_html('<span class="change {0}" title="{2} {0}">{1}{2}</span>', kind, sign, units.grouped(count))


@register.filter
def duration(length: timedelta) -> str:
    """How long something took or takes."""
    return units.duration(length)


@register.simple_tag
def state(name: str, words: str = "") -> SafeString:
    """A state of work: a sign and always a word."""
    return format_html('<span class="state {}">{}</span>', STATES.get(name, ""), words or str(name))


@register.filter
def createdby(text: str | None) -> str:
    """A history step's instruction, its digests shortened."""
    return texts.shortened(text or "")


@register.filter
def instruction(text: str | None) -> str:
    """A history step's instruction with its digests, for title attributes."""
    return texts.clipped(texts.instruction(text or ""))


@register.filter
def clipped(text: str | None) -> str:
    """A text of an archive; of an endless one its beginning, and how much more there is."""
    return texts.clipped(text or "")


@register.filter
def beginning(text: str | None, most: int) -> str:
    """The same with a limit of the page's own, in characters."""
    return texts.clipped(text or "", most)


register.filter(levels.reachable)
register.simple_tag(times.moment)
register.filter(times.relative_time)
register.filter(times.time_ahead)


@register.simple_tag(takes_context=True)
def twins(context: Context, part: str = "", formats: str = "json csv", chart: str = "", title: str = "") -> SafeString:
    """Links to the JSON and CSV twins of what is shown, filters and sort included; `part` where a page has several.

    For a chart also two buttons that save its picture: `chart` is the name that `{% chart %}` has, `title` its title.
    """
    parameters = context["request"].GET.copy()
    parameters.pop("page", None)
    if part:
        parameters["part"] = part
    links = []
    for name in formats.split():
        parameters["format"] = name
        links.append(format_html('<a href="?{}">{}</a>', parameters.urlencode(), name.upper()))
    if chart:
        links += [_picture_button(chart, title, kind) for kind in PICTURES]
    return format_html('<span class="twins">{}</span>', mark_safe("".join(links)))  # noqa: S308 - each link is escaped


def _picture_button(chart: str, title: str, kind: str) -> SafeString:
    """Hidden until chart.js has drawn the chart: without it there is no picture to save."""
    return format_html(
        '<button type="button" data-picture="{}-figure" data-kind="{}" data-name="{}" data-title="{}"'
        ' title="Save this chart as {}" hidden>{}</button>',
        chart,
        kind,
        slugify(PUNCTUATION.sub(" ", title))[:LONGEST_NAME].strip("-") or chart,
        title,
        kind.upper(),
        kind.upper(),
    )


@register.filter
def prose(text: str) -> SafeString:
    """Text in which `this` is code."""
    parts = enumerate(text.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if at % 2 else part,) for at, part in parts)
    )


@register.filter
def next_sort(column: Any) -> str:
    """How the head of a table's column sorts when it is clicked: figures begin with the largest."""
    if column.is_ordered or not getattr(column.column, "largest_first", False):
        return str(column.order_by_alias.next)
    return f"-{column.name}"


@register.simple_tag(takes_context=True)
def nav_link(context: Context, name: str, label: str, pages: str = "") -> SafeString:
    """A link of the frame; marked where the page is `name` or one of `pages`."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = match.url_name if match else None
    current = ""
    if here in {name, *pages.split()}:
        current = format_html(' aria-current="{}"', "page" if here == name else "true")
    return format_html('<a href="{}"{}>{}</a>', reverse(name), current, label)


@register.simple_tag(takes_context=True)
def chart_head(context: Context) -> SafeString:
    """What a page with charts has in its `head` block: Plotly, its style element (a strict CSP wants it beforehand)."""
    return format_html(
        '<style id="plotly.js-style-global" nonce="{}"></style><template id="{}"></template>'
        '<script src="{}" defer></script><script type="module" src="{}"></script>',
        context["request"].csp_nonce,
        PLOTLY_MAP_STYLE,
        static("vendor/plotly.min.js"),
        static("analyzer/chart.js"),
    )


@register.simple_tag
def chart(figure: dict[str, Any], name: str, label: str, height: int) -> SafeString:
    """A figure of `analyzer.charts`; `label` says in words what it shows, `height` is in pixels."""
    return format_html(
        '<div class="plot" data-chart="{0}-figure" role="img" aria-label="{1}" style="height:{2}px"></div>{3}',
        name,
        label,
        height,
        json_script(figure, f"{name}-figure"),
    )


def _diff_id(layer: str | Layer | None) -> str:
    return layer.diff_id if isinstance(layer, Layer) else layer or ""
