"""Names as a layer's entries have them: relative, clean, and bytes."""


def normalise(raw: bytes) -> bytes | None:
    """`./a`, `/a`, `a/`, `a//b`, `a/./b` without what they don't need; b"" is the root. None where a `..` stands."""
    parts = [part for part in raw.split(b"/") if part not in (b"", b".")]
    return None if b".." in parts else b"/".join(parts)
