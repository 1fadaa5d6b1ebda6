"""A page from which nothing leads anywhere: no links, forms or parts that are asked for later."""

import re
from html import escape
from html.parser import HTMLParser

from django.conf import settings

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LEFT_OUT = {"form", "button", "input", "select", "textarea", "nav", "iframe", "object", "embed", "base", "dialog"}
LEFT_OUT_CLASSES = {
    "twins",
    "tabs",
    "crumbs",
    "pills",
    "bar",
    "page-foot",
    "skip",
    "button",
    "pages",
    "scope",
    "messages",
}
ADDRESS = re.compile(r'"/[^"]*"')  # where a click on a figure would lead
SCRIPTS_LEFT_OUT = ("htmx", "menu", "copy")
FETCHING = {"href", "src", "action", "formaction", "srcset", "poster", "ping", "background", "data", "manifest"}


def sealed(page: str, banner: str) -> str:
    """The page with `banner`, which is HTML, on top of its content."""
    writer = _Writer(banner)
    writer.feed(page)
    writer.close()
    return "".join(writer.written)


class _Writer(HTMLParser):
    def __init__(self, banner: str) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._banner = banner
        self._skipped = ""  # the name of the element that is left out
        self._in_figures = False  # in a script: only figures' data have text there
        self._depth = 0  # elements of that name that are open within it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipped:
            self._depth += tag == self._skipped
            return
        if self._is_left_out(tag, dict(attrs)):
            if tag not in VOID:
                self._skipped, self._depth = tag, 1
            return
        kept = "".join(_written(name, value) for name, value in attrs if _stays(tag, name, value or ""))
        self.written.append(f"<{tag}{kept}>")
        self._in_figures = tag == "script"
        if tag == "main":
            self.written.append(self._banner)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._skipped and not self._is_left_out(tag, dict(attrs)):
            kept = "".join(_written(name, value) for name, value in attrs if _stays(tag, name, value or ""))
            self.written.append(f"<{tag}{kept}/>")

    def handle_endtag(self, tag: str) -> None:
        self._in_figures = False
        if not self._skipped:
            self.written.append(f"</{tag}>")
        elif tag == self._skipped:
            self._depth -= 1
            if not self._depth:
                self._skipped = ""

    def handle_data(self, data: str) -> None:
        self._write(ADDRESS.sub('""', data) if self._in_figures else data)

    def handle_entityref(self, name: str) -> None:
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._write(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self._write(f"<!{decl}>")

    def _write(self, text: str) -> None:
        if not self._skipped:
            self.written.append(text)

    @staticmethod
    def _is_left_out(tag: str, attributes: dict[str, str | None]) -> bool:
        if tag == "script" and (source := attributes.get("src")):
            name = source.rpartition("/")[2]
            return not source.startswith(settings.STATIC_URL) or name.startswith(SCRIPTS_LEFT_OUT)
        if (
            tag == "input" and attributes.get("type") == "radio"
        ):  # a switch of the page itself: forms are left out whole
            return False
        return tag in LEFT_OUT or bool(LEFT_OUT_CLASSES & set((attributes.get("class") or "").split()))


def _stays(tag: str, name: str, value: str) -> bool:
    """An address stays where it is on this page, a file of the site's frame, or in the page itself."""
    if name.startswith(("hx-", "data-hx-", "on")) or name == "xlink:href":
        return False
    if name not in FETCHING:
        return True
    if tag == "a":
        return value.startswith("#")
    return value.startswith((settings.STATIC_URL, "data:image/", "#"))


def _written(name: str, value: str | None) -> str:
    return f" {name}" if value is None else f' {name}="{escape(value)}"'
