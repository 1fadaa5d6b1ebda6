"""A badge: a word about an image as a small picture, which needs neither fonts nor scripts of its own."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

CONTENT_TYPE = "image/svg+xml; charset=utf-8"
TONES = {"good": "#2d7a3e", "bad": "#b3372f", "fair": "#8a6100", "none": "#5f6670"}  # each 4.5:1 against white
_LABEL = "#3b4048"
_NARROW, _WIDE = frozenset("fijlrtI.,:;|!'() "), frozenset("mwMW%@")
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Word:
    """`label` on the left, `value` on the right, in one of TONES."""

    label: str
    value: str
    tone: str


def badge_svg(word: Word) -> str:
    """The picture, 20 px high."""
    label, value = _fitting(word.label), _fitting(word.value)
    left, right = _width(label), _width(value)
    whole = left + right
    title = escape(f"{label}: {value}", {'"': "&quot;"})
    texts = "".join(
        f'<text x="{at}" y="14" textLength="{wide - 12}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
        for at, wide, text in ((6, left, label), (left + 6, right, value))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath><g clip-path="url(#r)">'
        f'<rect width="{left}" height="20" fill="{_LABEL}"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{TONES[word.tone]}"/></g>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{texts}</g></svg>\n'
    )


def _fitting(text: str) -> str:
    shown = "".join(each if each.isprintable() else "�" for each in text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def _width(text: str) -> int:
    """Pixels at 11 px, near enough: the text is set to them."""
    return 12 + round(sum(4.2 if each in _NARROW else 10.5 if each in _WIDE else 7.2 for each in text))
