"""Connections to addresses that were checked: a name is resolved once, and what is connected to is the address.

So a name that answers differently the next time (DNS rebinding) gains nothing. Also the place where an answer that
comes a byte at a time is given up.
"""

import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import certifi
import httpcore
import httpx

from analyzer.registry.context import NetworkRules
from analyzer.registry.errors import Kind, RegistryError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_FORBIDDEN = "{host} has a private address: an administrator can name it in {setting}."


def is_public(address: str) -> bool:
    """Whether an address is of the open internet; one of IPv4 in a coat of IPv6 is judged by what is in it."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the system's order. Raises RegistryError (UNKNOWN_HOST)."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise RegistryError(Kind.UNKNOWN_HOST, f"There is no host {host}, or its name can't be resolved.") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(rules: NetworkRules, host: str, port: int) -> list[str]:
    """Those addresses of the host that may be connected to. Raises RegistryError if there is none."""
    addresses = resolve(host, port)
    if rules.private(f"{host}:{port}"):
        return addresses
    public = [address for address in addresses if is_public(address)]
    if not public:
        raise RegistryError(Kind.FORBIDDEN_HOST, _FORBIDDEN.format(host=host, setting=rules.private_setting))
    return public


def check_proxied(rules: NetworkRules, host: str, port: int) -> None:
    """For a host behind a proxy, which resolves it anew: what this machine knows of its addresses is checked.

    Raises RegistryError.
    """
    try:
        checked(rules, host, port)
    except RegistryError as error:
        if error.kind is not Kind.UNKNOWN_HOST:  # only the proxy may know the name
            raise


def transport(rules: NetworkRules, *, proxied: bool) -> httpx.HTTPTransport:
    """A transport that verifies certificates, knows no environment and connects as this module says."""
    changed = os.stat(rules.ca_file).st_mtime_ns if rules.ca_file else 0
    limits = httpx.Limits(max_connections=16, keepalive_expiry=15.0)
    made = httpx.HTTPTransport(
        verify=_trust(rules.ca_file, changed),
        trust_env=False,
        limits=limits,
        proxy=httpx.Proxy(rules.proxy) if proxied else None,
    )
    made._pool._network_backend = _Backend(rules, check=not proxied)  # httpx has no argument for it
    return made


@lru_cache(maxsize=8)
def _trust(ca_file: str, changed: int) -> ssl.SSLContext:
    """The well-known authorities and those of a file, read again when it has `changed`: a tenth of a second."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


class _Backend(httpcore.SyncBackend):
    def __init__(self, rules: NetworkRules, *, check: bool) -> None:
        self._rules = rules
        self._check = check

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = (checked(self._rules, host, port) if self._check else resolve(host, port))[:4]
        end = None if timeout is None else time.monotonic() + timeout
        failure: Exception | None = None
        for number, address in enumerate(addresses):
            # All of them together get no more than one would, and one that is silent leaves the others their part.
            part = None if end is None else max((end - time.monotonic()) / (len(addresses) - number), 0.01)
            try:
                stream = super().connect_tcp(address, port, part, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
                continue
            return _Paced(stream, self._rules)
        raise failure or httpcore.ConnectError("no address")


class _Paced(httpcore.NetworkStream):
    """A stream whose answers must keep coming: time spent reading since the last write is held against its bytes."""

    def __init__(self, inner: httpcore.NetworkStream, rules: NetworkRules) -> None:
        self._inner = inner
        self._rules = rules
        self._begin()

    def _begin(self) -> None:
        self._waited, self._got = 0.0, 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        started = time.monotonic()
        data = self._inner.read(max_bytes, timeout)
        self._waited += time.monotonic() - started
        self._got += len(data)
        if self._waited >= self._rules.slow_seconds:
            if self._got < self._rules.slow_bytes:
                raise httpcore.ReadTimeout("too slow")
            self._begin()
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._begin()
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Paced(self._inner.start_tls(ssl_context, server_hostname, timeout), self._rules)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
