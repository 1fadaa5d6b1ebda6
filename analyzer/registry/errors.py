"""Why a registry could not be used, in one sentence for a person."""

from enum import StrEnum


class Kind(StrEnum):
    UNKNOWN_HOST = "unknown-host"
    FORBIDDEN_HOST = "forbidden-host"  # its address or its plain HTTP is not allowed by a setting
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not-found"
    NO_PLATFORM = "no-platform"
    RATE_LIMITED = "rate-limited"
    MISMATCH = "mismatch"  # the bytes are not what was declared
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"  # an answer that no specification has, or the server's own error


class RegistryError(Exception):
    """The message is one sentence for a person. `retry_after`: seconds that the registry asks to be left alone.

    `passes`: more attempts might have mended it.
    """

    passes = False

    def __init__(self, kind: Kind, sentence: str, *, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.retry_after = retry_after
