"""Requests as they are: each address is checked, also where a redirect leads, and who one is stays with its host."""

import threading
from collections.abc import Mapping
from urllib.parse import urljoin

import httpx

from analyzer.registry.context import RegistryContext
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.network import check_proxied, transport

MAX_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)


class Requests:
    """May be used by several threads."""

    def __init__(self, context: RegistryContext) -> None:
        self._context = context
        self._clients: dict[bool, httpx.Client] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def follow(self, method: str, url: str, headers: dict[str, str]) -> httpx.Response:
        """Follows redirects, each checked like the first address; who one is goes to the registry alone."""
        origin = origin_of(url)
        for _ in range(MAX_REDIRECTS + 1):
            response = self._request(method, url, headers)
            if response.status_code not in REDIRECTS or "location" not in response.headers:
                return response
            response.close()
            url = self._target(url, response.headers["location"])
            if origin_of(url) != origin:
                headers = {name: value for name, value in headers.items() if name != "Authorization"}
                origin = origin_of(url)
        raise RegistryError(Kind.FAILED, f"{self._context.registry} redirects more than {MAX_REDIRECTS} times.")

    def _target(self, url: str, location: str) -> str:
        try:
            return urljoin(url, location)
        except ValueError:
            raise self._no_address() from None

    def _no_address(self) -> RegistryError:
        return RegistryError(Kind.FAILED, f"{self._context.registry} names an address that is none.")

    def _request(self, method: str, url: str, headers: Mapping[str, str]) -> httpx.Response:
        """One request as it is. Raises RegistryError where the address is not allowed."""
        rules = self._context.network
        try:
            target = httpx.URL(url)
            scheme, host = target.scheme, target.host
            port = target.port or (443 if scheme == "https" else 80)
        except (httpx.InvalidURL, ValueError):
            raise self._no_address() from None
        if scheme not in ("http", "https") or not host or target.userinfo:
            raise RegistryError(Kind.FAILED, f"{self._context.registry} names an address that is not one of the web.")
        if scheme == "http" and not rules.plain(f"{host}:{port}"):
            raise RegistryError(
                Kind.FORBIDDEN_HOST,
                f"{host} would be spoken to without TLS: an administrator can name it in REGISTRY_PLAIN_HTTP_HOSTS.",
            )
        proxied = rules.proxied(f"{host}:{port}")
        if proxied:
            check_proxied(rules, host, port)
        client = self._client(proxied)
        return client.send(client.build_request(method, target, headers=dict(headers)), stream=True)

    def _client(self, proxied: bool) -> httpx.Client:
        with self._lock:
            if proxied not in self._clients:
                rules = self._context.network
                self._clients[proxied] = httpx.Client(
                    transport=transport(rules, proxied=proxied),
                    timeout=httpx.Timeout(rules.timeout),
                    trust_env=False,
                    # A blob is its carried bytes: nothing on the way is to compress it once more.
                    headers={"User-Agent": "layersite", "Accept-Encoding": "identity"},
                )
            return self._clients[proxied]


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; nothing of what is no address."""
    try:
        found = httpx.URL(url)
        return found.scheme, found.host.lower(), found.port
    except (httpx.InvalidURL, ValueError):
        return "", "", None
