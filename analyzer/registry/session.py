"""Requests to one registry: who one is, redirects, patience. Bodies are the caller's."""

import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urljoin

import httpx

from analyzer.oci.wording import shown
from analyzer.registry import auth
from analyzer.registry.auth import Authorization, Challenge, parse_challenges
from analyzer.registry.context import RegistryContext
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.network import check_proxied, transport

MAX_REDIRECTS = 5
MAX_TOKEN_BYTES = 1 << 20
REDIRECTS = (301, 302, 303, 307, 308)
OVERLOADED = (408, 429, 500, 502, 503, 504)

Answer = TypeVar("Answer")
Tick = Callable[[], None]
"""Called while one waits and between blocks; what it raises ends the request."""


class Stopped(Exception):
    """Another thread has ended what this one worked for."""


class Transient(Exception):
    """What another attempt may mend; `error` is told when none does."""

    def __init__(self, error: RegistryError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a registry says of its own limit (Docker Hub's `ratelimit-…` headers); `window` in seconds."""

    limit: int
    remaining: int
    window: int | None


class Session:
    """A context manager. May be used by several threads."""

    def __init__(self, context: RegistryContext, tick: Tick | None = None) -> None:
        self.context = context
        self.rate_limit: RateLimit | None = None
        self._tick = tick or (lambda: None)
        self._stopped = threading.Event()
        self._clients: dict[bool, httpx.Client] = {}
        self._lock = threading.Lock()
        self._granted: dict[str, Authorization] = {}

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def tick(self) -> None:
        """Raises what the caller's own tick raises, and Stopped."""
        if self._stopped.is_set():
            raise Stopped
        self._tick()

    def stop(self) -> None:
        """Ends what other threads are waiting for or reading."""
        self._stopped.set()

    def patiently(self, action: Callable[[], Answer]) -> Answer:
        """Runs `action`, again after a pause where it raises Transient. Raises RegistryError."""
        rules = self.context.network
        for attempt in range(1, rules.attempts + 1):
            try:
                return action()
            except Transient as failed:
                if attempt == rules.attempts:
                    raise failed.error from None
                self._wait(failed.error, rules.pause * 2 ** (attempt - 1))
        raise AssertionError("there is at least one attempt")

    def _wait(self, error: RegistryError, pause: float) -> None:
        asked = error.retry_after
        if asked is not None and asked > self.context.network.longest_wait:
            raise error
        seconds = asked if asked is not None else min(pause, 10.0) * random.uniform(0.5, 1.0)  # noqa: S311
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.tick()
            time.sleep(min(left, 0.5))

    @contextmanager
    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, *, scope: str = ""
    ) -> Iterator[httpx.Response]:
        """One attempt: the answer to a request to the registry, redirects and log-in done; its body is not read.

        Answers from 400 on are raised: RegistryError, or Transient. So is what breaks while the body is read.
        """
        url = urljoin(f"{self.context.address}/", path)
        with self._words():
            held = self._granted.get(scope)
            sent = dict(headers or {})
            if held is not None and held.fresh:
                sent["Authorization"] = held.header
            response = self._follow(method, url, sent)
            if response.status_code == 401:
                challenges = response.headers.get_list("www-authenticate")
                response.close()
                sent["Authorization"] = self._log_in(", ".join(challenges), scope).header
                response = self._follow(method, url, sent)
            try:
                self._note_rate(response)
                self._check(response, path)
                yield response
            finally:
                response.close()

    def _follow(self, method: str, url: str, headers: dict[str, str]) -> httpx.Response:
        """Follows redirects, each checked like the first address; who one is goes to the registry alone."""
        origin = _origin(url)
        for _ in range(MAX_REDIRECTS + 1):
            response = self._request(method, url, headers)
            if response.status_code not in REDIRECTS or "location" not in response.headers:
                return response
            response.close()
            url = urljoin(url, response.headers["location"])
            if _origin(url) != origin:
                headers = {name: value for name, value in headers.items() if name != "Authorization"}
                origin = _origin(url)
        raise RegistryError(Kind.FAILED, f"{self.context.registry} redirects more than {MAX_REDIRECTS} times.")

    def _request(self, method: str, url: str, headers: Mapping[str, str]) -> httpx.Response:
        """One request as it is. Raises RegistryError where the address is not allowed."""
        rules = self.context.network
        try:
            target = httpx.URL(url)
            scheme, host = target.scheme, target.host
            port = target.port or (443 if scheme == "https" else 80)
        except (httpx.InvalidURL, ValueError):
            raise RegistryError(Kind.FAILED, f"{self.context.registry} names an address that is none.") from None
        if scheme not in ("http", "https") or not host or target.userinfo:
            raise RegistryError(Kind.FAILED, f"{self.context.registry} names an address that is not one of the web.")
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
                rules = self.context.network
                self._clients[proxied] = httpx.Client(
                    transport=transport(rules, proxied=proxied),
                    timeout=httpx.Timeout(rules.timeout),
                    trust_env=False,
                    # A blob is its carried bytes: nothing on the way is to compress it once more.
                    headers={"User-Agent": "layersite", "Accept-Encoding": "identity"},
                )
            return self._clients[proxied]

    def _log_in(self, header: str, scope: str) -> Authorization:
        """What the registry's challenge asks for. Raises RegistryError, Transient."""
        known = {challenge.scheme: challenge for challenge in reversed(parse_challenges(header))}
        credentials = self.context.credentials
        if "bearer" in known and known["bearer"].parameters.get("realm"):
            granted = self._token(known["bearer"], scope)
        elif "basic" in known and credentials is not None:
            granted = Authorization(auth.basic(credentials))
        else:
            raise self._unauthorized()
        self._granted[scope] = granted
        return granted

    def _token(self, challenge: Challenge, scope: str) -> Authorization:
        realm = challenge.parameters["realm"]
        credentials = self.context.credentials
        try:
            address = httpx.URL(realm)
            url = str(address.copy_merge_params(auth.token_query(challenge, scope, credentials)))
        except (httpx.InvalidURL, ValueError):
            raise RegistryError(
                Kind.FAILED, f"{self.context.registry} names a token server that is none: {shown(realm)}."
            ) from None
        headers = {"Authorization": auth.basic(credentials)} if credentials else {}
        now = time.monotonic()
        response = self._follow("GET", url, headers)
        try:
            if response.status_code in (400, 401, 403):
                raise self._unauthorized()
            self._check(response, "")
            raw = read_limited(response, MAX_TOKEN_BYTES, f"The answer of the token server {address.host}")
        finally:
            response.close()
        return auth.parse_token(raw, now, address.host)

    def _unauthorized(self) -> RegistryError:
        where = self.context.registry
        if self.context.credentials is None:
            return RegistryError(
                Kind.UNAUTHORIZED,
                f"{where} wants to know who asks, or has no such repository for everyone: give a name and a password.",
            )
        return RegistryError(
            Kind.UNAUTHORIZED,
            f"{where} does not accept the name and password, or they may not read this repository.",
        )

    def _note_rate(self, response: httpx.Response) -> None:
        limit, remaining = (_amount(response.headers.get(f"ratelimit-{name}", "")) for name in ("limit", "remaining"))
        if limit[0] is not None and remaining[0] is not None:
            self.rate_limit = RateLimit(limit[0], remaining[0], limit[1])

    def _check(self, response: httpx.Response, path: str) -> None:
        status, where = response.status_code, self.context.registry
        if status < 400:
            return
        if status in (401, 403):
            raise self._unauthorized()
        if status == 404:
            raise RegistryError(Kind.NOT_FOUND, f"{where} has no {shown(path)}.")
        if status == 416:
            raise RegistryError(Kind.MISMATCH, f"{where} has not so many bytes of {shown(path)}.")
        if status in OVERLOADED:
            after = retry_after(response.headers.get("retry-after"))
            if status == 429:
                when = f" in {after:,.0f} seconds" if after else " later"
                sentence = f"{where} limits how often it may be asked, and that is used up: try again{when}."
                raise Transient(RegistryError(Kind.RATE_LIMITED, sentence, retry_after=after))
            sentence = f"{where} has trouble of its own (status {status}): try again later."
            raise Transient(RegistryError(Kind.FAILED, sentence, retry_after=after))
        raise RegistryError(Kind.FAILED, f"{where} refuses the request (status {status}).")

    @contextmanager
    def _words(self) -> Iterator[None]:
        """Turns what a connection may do into sentences."""
        where = self.context.registry
        seconds = f"{self.context.network.timeout:g}"
        try:
            yield
        except httpx.ConnectTimeout:
            sentence = f"{where} does not answer: no connection within {seconds} seconds (REGISTRY_TIMEOUT_SECONDS)."
            raise Transient(RegistryError(Kind.TIMEOUT, sentence)) from None
        except httpx.TimeoutException:
            sentence = (
                f"{where} hangs: it answered too slowly, or nothing for {seconds} seconds (REGISTRY_TIMEOUT_SECONDS)."
            )
            raise Transient(RegistryError(Kind.TIMEOUT, sentence)) from None
        except httpx.ProxyError as error:
            raise RegistryError(
                Kind.UNREACHABLE, f"The proxy does not let {where} through: {shown(str(error))}."
            ) from None
        except httpx.ConnectError as error:
            if _certificate(error):
                raise RegistryError(
                    Kind.TLS,
                    f"The certificate of {where} is not trusted: REGISTRY_CA_PATH can name who signed it.",
                ) from None
            if "SSL" in str(error) or "TLS" in str(error):
                raise RegistryError(
                    Kind.TLS,
                    f"{where} does not speak TLS as it should: if it is meant to be plain HTTP, an administrator can "
                    "name it in REGISTRY_PLAIN_HTTP_HOSTS.",
                ) from None
            raise Transient(
                RegistryError(Kind.UNREACHABLE, f"{where} refuses the connection, or can't be reached.")
            ) from None
        except httpx.TransportError:
            raise Transient(RegistryError(Kind.FAILED, f"The connection to {where} broke.")) from None


def read_limited(response: httpx.Response, most: int, what: str) -> bytes:
    """The body's bytes as carried. Raises RegistryError (TOO_LARGE) as soon as there are more than `most`."""
    declared = response.headers.get("content-length", "")
    data = bytearray()
    if not (declared.isdecimal() and int(declared) > most):
        for block in response.iter_raw():
            data += block
            if len(data) > most:
                break
        else:
            return bytes(data)
    raise RegistryError(Kind.TOO_LARGE, f"{what} is over the limit MAX_JSON_BYTES={most}.")


def retry_after(value: str | None) -> float | None:
    """Seconds, of a number or a date (RFC 9110, 10.2.3); None where it is neither."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _amount(value: str) -> tuple[int | None, int | None]:
    """`100;w=21600` as an amount and a window in seconds."""
    amount, _, rest = value.partition(";")
    window = rest.strip().removeprefix("w=")
    return (
        int(amount) if amount.strip().isdecimal() else None,
        int(window) if window.isdecimal() else None,
    )


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        found = httpx.URL(url)
        return found.scheme, found.host.lower(), found.port
    except (httpx.InvalidURL, ValueError):
        return "", "", None


def _certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
