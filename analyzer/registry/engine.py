"""Where a Docker Engine listens and how it is spoken to; read from the settings by the caller."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.archive.budget import Limits

_TCP = re.compile(r"tcp://((?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5})")
_LOOPBACK = re.compile(r"(?:localhost|127\.[0-9.]+|\[::1\]):[0-9]+")


class InvalidEngine(ValueError):
    """The message is one sentence for an administrator."""


@dataclass(frozen=True, slots=True)
class EngineContext:
    """`host` as DOCKER_HOST has it: `unix:///path` or `tcp://host:port`; `certs` has ca.pem, cert.pem and key.pem.

    Raises InvalidEngine for another form, and for TCP without TLS but on this machine: who may speak to an engine
    is root on its host.
    """

    host: str
    certs: Path | None = None
    timeout: float = 30.0  # seconds without a byte
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.host.startswith("unix:///"):
            return
        tcp = _TCP.fullmatch(self.host)
        if tcp is None:
            raise InvalidEngine(f"DOCKER_ENGINE={self.host} is neither unix:///path nor tcp://host:port.")
        if self.certs is None and not _LOOPBACK.fullmatch(tcp[1]):
            raise InvalidEngine(
                "DOCKER_ENGINE over TCP needs TLS: name the folder of certificates in DOCKER_ENGINE_CERTS."
            )

    @property
    def socket(self) -> str | None:
        """The path of its socket, if it has one."""
        return self.host.removeprefix("unix://") if self.host.startswith("unix://") else None

    @property
    def address(self) -> str:
        if self.socket:
            return "http://engine"
        return f"{'https' if self.certs else 'http'}://{self.host.removeprefix('tcp://')}"
