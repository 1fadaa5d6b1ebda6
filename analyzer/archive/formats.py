"""What bytes look like that should be a tar and are not: said to the person who sent them."""

_MAGIC = (
    (b"hsqs", "a squashfs file system"),
    (b"sqsh", "a squashfs file system"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip, compressed twice"),
    (b"\x28\xb5\x2f\xfd", "zstd, compressed twice"),
    (b"070701", "cpio"),
    (b"070707", "cpio"),
    (b"QFI\xfb", "a qcow2 disk"),
    (b"\x7fELF", "a program"),
    (b"{", "JSON"),
)
_EROFS = (1024, b"\xe2\xe1\xf5\xe0")
_EXT = (1080, b"\x53\xef")


def looks_like(head: bytes) -> str | None:
    """A name for what starts with `head` (2 KiB are enough), or None if it is not known."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    for (offset, magic), name in ((_EROFS, "an erofs file system"), (_EXT, "an ext file system")):
        if head[offset : offset + len(magic)] == magic:
            return name
    return "text" if head and _is_text(head[:512]) else None


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)
