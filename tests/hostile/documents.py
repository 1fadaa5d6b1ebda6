"""Archives whose manifest.json is no list of images."""

from tests.hostile.ordinary import Make, outer

DEEP = b"[" * 100_000 + b"]" * 100_000

_MANIFESTS = {
    "of-null": b"null",
    "of-an-object": b'{"Config": {}}',
    "of-numbers": b"[1, 2, 3]",
    "whose-layers-are-an-object": b'[{"Config": "x", "Layers": {"a": 1}}]',
    "whose-layers-are-numbers": b'[{"Config": 7, "RepoTags": "app:1", "Layers": [1, null, []]}]',
    "that-is-deep": DEEP,
    "that-is-cut": b'[{"Config": "',
    "with-a-number-of-a-million-digits": b"[" + b"9" * 1_000_000 + b"]",
    "that-is-not-utf-8": b'[{"Config": "\xff\xfe"}]',
    "in-utf-16": '[{"Config": "x"}]'.encode("utf-16"),
}


def _manifest(document: bytes) -> Make:
    return outer(lambda members: members | {"manifest.json": document})


DOCUMENTS: dict[str, Make] = {f"manifest-json-{name}": _manifest(document) for name, document in _MANIFESTS.items()}
