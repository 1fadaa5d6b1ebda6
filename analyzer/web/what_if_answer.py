"""What every question of What if is given, and what it gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analyzer.selectors.access import Viewer
from analyzer.selectors.calling import Names
from analyzer.selectors.scope import ScopeImage
from analyzer.web.reuse_frame import Frame
from analyzer.web.what_if_query import Question

Table = tuple[Sequence[Mapping[str, Any]], Sequence[str]]
"""Rows and the columns of their CSV."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, with the images that it names. All images count among all that the viewer may see."""

    viewer: Viewer
    frame: Frame
    names: Names
    question: Question
    images: list[ScopeImage]

    def address(self, **changes: Any) -> str:
        """The question with changes, in the same scope."""
        return self.question.address(self.frame.query.parameters, **changes)


@dataclass(frozen=True, slots=True)
class Answer:
    """`template` draws the answer from `context`; `document` is the JSON twin, `tables` those that have a CSV twin.

    `refused` has a sentence for each thing that the question asks and that can't be.
    """

    template: str
    context: Mapping[str, Any]
    document: Mapping[str, Any]
    tables: Mapping[str, Table]
    refused: Sequence[str] = field(default=())
