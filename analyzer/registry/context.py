"""What a client of a registry is told: where, as whom, and what it may do. Read from the settings by the caller."""

from dataclasses import dataclass, field

from analyzer.archive.budget import Limits

DOCKER_HUB = "docker.io"
DOCKER_HUB_SERVER = "registry-1.docker.io"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A password or a token, whichever the registry gave; neither is ever shown."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NetworkRules:
    """Which hosts may be reached, and how. A host is `name` (any port) or `name:port`, in lower case."""

    private_hosts: frozenset[str] = frozenset()  # may have addresses in private, loopback and link-local ranges
    private_setting: str = "REGISTRY_PRIVATE_HOSTS"  # where an administrator names them
    plain_http_hosts: frozenset[str] = frozenset()  # are spoken to without TLS
    proxy: str = ""  # a URL; everything goes through it
    no_proxy: frozenset[str] = frozenset()  # but for these hosts
    ca_file: str = ""  # further certificates that are trusted, PEM
    timeout: float = 30.0  # seconds without a byte
    slow_seconds: float = 60.0  # an answer that stays below `slow_bytes` for so long hangs
    slow_bytes: int = 60 * 1024
    attempts: int = 5
    pause: float = 0.5  # seconds before the second attempt; doubled each time
    longest_wait: float = 60.0  # seconds of Retry-After that are waited for

    def plain(self, host: str) -> bool:
        return _named(host, self.plain_http_hosts)

    def private(self, host: str) -> bool:
        return _named(host, self.private_hosts)

    def proxied(self, host: str) -> bool:
        return bool(self.proxy) and not _named(host, self.no_proxy)


@dataclass(frozen=True, slots=True)
class RegistryContext:
    """One registry, `host` or `host:port` as references write it."""

    registry: str
    credentials: Credentials | None = None
    network: NetworkRules = field(default_factory=NetworkRules)
    limits: Limits = field(default_factory=Limits)

    @property
    def host(self) -> str:
        """The host that is spoken to: Docker Hub has another than its references say."""
        return DOCKER_HUB_SERVER if self.registry == DOCKER_HUB else self.registry.lower()

    @property
    def address(self) -> str:
        return f"{'http' if self.network.plain(self.host) else 'https'}://{self.host}"


def _named(host: str, hosts: frozenset[str]) -> bool:
    """`host` with its port, as one of `hosts` or by its name alone."""
    host = host.lower()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() and not host.endswith("]") else host
    return host in hosts or name in hosts
