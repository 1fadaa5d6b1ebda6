"""Digests and the identities made of them (OCI image-spec, descriptor.md and config.md)."""

import hashlib
import re
from collections.abc import Iterable

EMPTY_LAYER_DIFF_ID = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
"""diffID of the empty layer: a tar of 1,024 zero bytes and no entry."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class InvalidDigest(ValueError):
    """A text that is not `sha256:` and 64 lower-case hexadecimal digits."""


def parse_digest(value: object) -> str:
    """`value` if it is a sha256 digest. Raises InvalidDigest."""
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return value
    raise InvalidDigest(f"not a sha256 digest: {str(value)[:100]!r}")


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def chain_ids(diff_ids: Iterable[str]) -> list[str]:
    """The chainID of each layer, bottom first (image-spec config.md, "Layer ChainID")."""
    chains: list[str] = []
    for diff_id in diff_ids:
        chains.append(digest_of(f"{chains[-1]} {diff_id}".encode()) if chains else diff_id)
    return chains
