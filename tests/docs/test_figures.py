"""docs/figures.md says what the page says."""

from analyzer.web.figures_words import GROUPS
from tests.settings import ROOT


def written() -> str:
    """The page as Markdown."""
    parts = ["# What the figures mean", "The same is on the site, behind the link at the foot of every page."]
    for group in GROUPS:
        rows = "\n".join(f"| {word} | {meaning} |" for word, meaning in group.words)
        parts += [f"## {group.title}", group.lead, f"| word | meaning |\n|---|---|\n{rows}"]
    return "\n\n".join(parts) + "\n"


def test_the_document_is_the_page() -> None:
    assert (ROOT / "docs" / "figures.md").read_text(encoding="utf-8") == written()


def test_no_word_is_explained_twice() -> None:
    words = [word for group in GROUPS for word, _ in group.words]
    assert len(words) == len(set(words))
