"""What a What-if page asks: the question and the images stand in the address, so an answer can be sent to others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from analyzer.selectors.freeing import KEYS

ASKS = {
    "delete": "Delete these",
    "room": "Free so much",
    "pull": "Pull an image",
    "rebase": "Move to another base",
}
"""The questions, and what they are called."""

MOST_NAMES = 1_000


@dataclass(frozen=True, slots=True)
class Question:
    """`images` are the names of those to delete, to keep, or that a host has; the others are one name each."""

    ask: str = "delete"
    images: tuple[str, ...] = ()
    size: str = ""  # to free, as it was written
    by: str = "layers"
    pull: str = ""
    move: str = ""
    onto: str = ""

    @classmethod
    def of(cls, parameters: QueryDict) -> "Question":
        """What an address asks. Names may be separated by spaces or commas, or come one by one."""
        texts = " ".join(parameters.getlist("image")).replace(",", " ").split()
        ask, by = parameters.get("ask", ""), parameters.get("by", "")
        one = {name: (parameters.get(name) or "").strip() for name in ("size", "pull", "move", "onto")}
        return cls(
            ask=ask if ask in ASKS else "delete",
            images=tuple(dict.fromkeys(texts))[:MOST_NAMES],
            by=by if by in KEYS else "layers",
            **one,
        )

    def called(self, images: Sequence[str]) -> "Question":
        """The same of images by these names."""
        return replace(self, images=tuple(images))

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What stands in an address, without what is not asked."""
        one = (("ask", self.ask), ("size", self.size), ("by", self.by if self.by != "layers" else ""))
        names = (("pull", self.pull), ("move", self.move), ("onto", self.onto))
        return [(name, value) for name, value in (*one, *names) if value] + [("image", name) for name in self.images]

    def address(self, scope: Mapping[str, str], **changes: Any) -> str:
        """The address of the question, with changes, in a scope (`ScopeQuery.parameters`)."""
        asked = replace(self, **changes)
        return f"{reverse('reuse-what-if')}?{urlencode([*scope.items(), *asked.parameters])}"
