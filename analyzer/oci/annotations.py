"""What an image says of its own base (OCI image-spec annotations.md, "Pre-Defined Annotation Keys").

Builders write it as annotations of the manifest; those that can't write annotations put the same keys among the
labels of the config. Nobody checks it: it is what was claimed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.oci.digest import InvalidDigest, parse_digest

BASE_NAME = "org.opencontainers.image.base.name"
BASE_DIGEST = "org.opencontainers.image.base.digest"
MAX_NAME = 512
"""Characters of a name that are kept: a reference of the grammar is shorter."""


@dataclass(frozen=True, slots=True)
class ClaimedBase:
    """The reference and the manifest's digest that an image gives for its base; empty where it says nothing."""

    name: str = ""
    digest: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.digest)


def claimed_base(annotations: Mapping[str, str], labels: Mapping[str, str]) -> ClaimedBase:
    """The annotations' word, else that of the labels. A name that is too long and a digest that is none are nothing."""
    said = annotations if annotations.get(BASE_NAME) or annotations.get(BASE_DIGEST) else labels
    name = said.get(BASE_NAME) or ""
    try:
        digest = parse_digest(said.get(BASE_DIGEST))
    except InvalidDigest:
        digest = ""
    return ClaimedBase(name if len(name) <= MAX_NAME else "", digest)
