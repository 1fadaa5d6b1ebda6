"""docs/rights.md, made of the table."""

from pathlib import Path

from tests.rights.table import OPERATIONS, PAGES, PEOPLE, RIGHTS, Right

PATH = Path(__file__).resolve().parents[2] / "docs" / "rights.md"
MARKS = {"yes": "✓", "404": "404", "log in": "log in"}

BEGINNING = """# Who may do what

Every address of the site with each of its methods, and what people get there. The tests ask every cell of these
tables, and fail when an address is missing here. It is written anew by `python -m tests.rights`.

A team has *viewers*, who see what it holds; *uploaders*, who also add images; and *owners*, who also delete, and decide
about people, registries and what is watched. *Another team* is somebody with an account who is not in the team,
*nobody* somebody without one. What one may not do does not exist for them: **404**, with the same answer as for a thing
that nobody has. **log in** is a way to the login page, or 401 for programs. A token may do what its owner
may, within its scope.

"""


def document() -> str:
    """The whole text."""
    meanings = "".join(f"- *{right.name}*: {right.meaning}\n" for right in RIGHTS)
    return f"{BEGINNING}{meanings}\n## Pages\n\n{_table(PAGES)}\n## API\n\n{_table(OPERATIONS)}"


def _table(addresses: dict[str, dict[str, Right]]) -> str:
    lines = ["| address | method | right | " + " | ".join(PEOPLE) + " |", "|---|---|---|" + "---|" * len(PEOPLE)]
    for address, methods in sorted(addresses.items()):
        for method, right in methods.items():
            cells = " | ".join(MARKS[cell] for cell in right.cells)
            lines.append(f"| `{address}` | {method} | {right.name} | {cells} |")
    return "\n".join(lines) + "\n"
