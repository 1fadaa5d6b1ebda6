"""Names as a layer's entries have them: relative, clean, and bytes."""


def normalise(raw: bytes) -> bytes | None:
    """`./a`, `/a`, `a/`, `a//b`, `a/./b` without what they don't need; b"" is the root. None where a `..` stands."""
    parts = [part for part in raw.split(b"/") if part not in (b"", b".")]
    return None if b".." in parts else b"/".join(parts)


def tidy(names: list[bytes]) -> None:
    """Takes needless slashes out of names that have no `.` and `..` components; few tars have any."""
    joined = b"\0".join(names)
    if b"//" in joined or b"\0/" in joined or b"/\0" in joined or joined[:1] == b"/" or joined[-1:] == b"/":
        names[:] = [b"/".join(filter(None, name.split(b"/"))) for name in names]
