"""Image references by the grammar of distribution/reference, normalised as the engines do."""

import re
from dataclasses import dataclass

from analyzer.oci.digest import InvalidDigest, parse_digest

DEFAULT_REGISTRY = "docker.io"
OFFICIAL = "library"
DEFAULT_TAG = "latest"
MAX_REPOSITORY = 255
MAX_TEXT = 1_000

_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REGISTRY = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_HEX_ID = re.compile(r"[a-f0-9]{64}")

_ARCHIVE_SUFFIX = re.compile(
    r"\.(?:tar|gz|tgz|zst|zstd|tzst|oci|docker|oci-archive|docker-archive|oci-zstd)$", re.IGNORECASE
)
_NO_COMPONENT = re.compile(r"[^a-z0-9._-]+")
_SEPARATORS = re.compile(r"[._-]{2,}")


class InvalidReference(ValueError):
    """A text that the grammar refuses."""


@dataclass(frozen=True, slots=True)
class Reference:
    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.registry}/{self.repository}{tag}{digest}"


def parse_reference(text: str) -> Reference:
    """`nginx` is `docker.io/library/nginx:latest`. Raises InvalidReference."""
    if len(text) > MAX_TEXT:
        raise _invalid(text, "too long")
    rest, at, digest = text.partition("@")
    name, tag = _split_tag(rest)
    registry, repository = _split_registry(name)
    if "/" in digest:  # a password may stand before it, which no message repeats
        raise InvalidReference("this is not a valid image reference: a user and a password stand beside it, not in it")
    if _HEX_ID.fullmatch(text):
        raise _invalid(text, "64 hexadecimal digits are an image ID")
    if not _REGISTRY.fullmatch(registry):
        raise _invalid(text, "bad registry")
    if not is_repository(repository):
        raise _invalid(text, "bad repository")
    if tag is not None and not is_tag(tag):
        raise _invalid(text, "bad tag")
    if not at:
        return Reference(registry, repository, tag or DEFAULT_TAG)
    try:
        return Reference(registry, repository, tag, parse_digest(digest))
    except InvalidDigest:
        raise _invalid(text, "bad digest") from None


def is_repository(text: str) -> bool:
    """Whether a registry can have a repository of that name."""
    return len(text) <= MAX_REPOSITORY and _REPOSITORY.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    """Whether a repository can have a tag of that name."""
    return _TAG.fullmatch(text) is not None


def _invalid(text: str, why: str) -> InvalidReference:
    return InvalidReference(f"{text[:200]!r} is not a valid image reference ({why})")


def _split_tag(text: str) -> tuple[str, str | None]:
    name, colon, tag = text.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (text, None)


def _split_registry(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    is_registry = "." in first or ":" in first or first == "localhost" or first.lower() != first
    if not slash or not is_registry:
        registry, repository = DEFAULT_REGISTRY, name
    else:
        registry, repository = first, rest
    if registry == f"index.{DEFAULT_REGISTRY}":
        registry = DEFAULT_REGISTRY
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"{OFFICIAL}/{repository}"
    return registry, repository


def parse_annotation(text: str, archive: str) -> Reference:
    """The reference that `org.opencontainers.image.ref.name` stands for in the archive named `archive`.

    The annotation holds a whole name or a tag alone (image-spec annotations.md leaves it open). A
    single word is a tag, and the archive's own name stands in for the repository; only where the
    word is that very name (`skopeo copy … oci-archive:nginx.tar:nginx`) it is a repository.
    Raises InvalidReference.
    """
    if any(mark in text for mark in ":/@"):
        return parse_reference(text)
    repository = repository_of(archive)
    return parse_reference(repository if text == repository else f"{repository}:{text}")


def repository_of(archive: str) -> str:
    """The name of a file as a repository of the grammar: `My App.oci.tar.gz` is `my-app`."""
    stem = archive
    while (shorter := _ARCHIVE_SUFFIX.sub("", stem)) not in (stem, ""):
        stem = shorter
    name = _NO_COMPONENT.sub("-", stem.lower())
    if not _REPOSITORY.fullmatch(name):
        name = _SEPARATORS.sub("-", name).strip("._-")
    return name[: MAX_REPOSITORY // 2].strip("._-") or "archive"
