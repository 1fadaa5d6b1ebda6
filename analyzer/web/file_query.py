"""What an address asks of a file: its path, the layer on top of which one looks, the part, the version beside it."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest

from analyzer.archive.tarname import normalise
from analyzer.selectors.file_text import ENCODINGS
from analyzer.web import rawquery


@dataclass(frozen=True, slots=True)
class FileQuery:
    path: bytes
    at: int | None = None  # index of a layer; None: as high up as the path is seen
    against: int | None = None  # the layer on top of which the other version is seen
    start: int = 0  # bytes before the part
    line: int = 1
    encoding: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "FileQuery":
        """Numbers that can't be read count as not said. Raises Http404 for a path with `..`: no layer has one."""
        path = normalise(next(iter(rawquery.paths(request, "path")), b""))
        if path is None:
            raise Http404
        encoding = request.GET.get("encoding", "")
        return cls(
            path=path,
            at=_number(request, "at"),
            against=_number(request, "diff"),
            start=_number(request, "from") or 0,
            line=_number(request, "line") or 1,
            encoding=encoding if encoding in ENCODINGS else "",
        )

    def address(self, **changes: Any) -> str:
        """The query of an address that asks for this with `changes`: the first part, beside nothing, unless named."""
        asked = replace(self, **{"against": None, "start": 0, "line": 1, "encoding": "", **changes})
        parameters: list[tuple[str, str | bytes]] = [("path", asked.path)]
        for name, value in (("at", asked.at), ("diff", asked.against)):
            if value is not None:
                parameters.append((name, str(value)))
        if asked.start:
            parameters += [("from", str(asked.start)), ("line", str(asked.line)), ("encoding", asked.encoding)]
        return "?" + rawquery.encode(parameters)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
