"""Foreign texts and counts inside our own sentences."""

_REPLACEMENT = "\ufffd"


def shown(text: str, limit: int = 200) -> str:
    """A text that others wrote, fit for one line of ours: short, and without what does not print or turns the line."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(character if character.isprintable() else _REPLACEMENT for character in short)


def counted(count: int, thing: str) -> str:
    """`1 blob`, `1,234 blobs`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
