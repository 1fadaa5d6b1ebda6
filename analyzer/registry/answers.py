"""What a registry's answers say beside their bodies: how large, how often, when again, and what went wrong."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil

import httpx

from analyzer.oci.wording import shown
from analyzer.registry.context import RegistryContext
from analyzer.registry.errors import Kind, RegistryError

OVERLOADED = (408, 429, 500, 502, 503, 504)
LONGEST = 30 * 86_400.0
"""Seconds that a registry may ask to be left alone; what asks for more means this."""
_DIGITS = 9  # of a number in a header: longer ones say nothing that a person or a database could use


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


def unauthorized(context: RegistryContext) -> RegistryError:
    where = context.registry
    if context.credentials is None:
        return RegistryError(
            Kind.UNAUTHORIZED,
            f"{where} wants to know who asks, or has no such repository for everyone: give a name and a password.",
        )
    return RegistryError(
        Kind.UNAUTHORIZED,
        f"{where} does not accept the name and password, or they may not read this repository.",
    )


def check(context: RegistryContext, response: httpx.Response, path: str) -> None:
    status, where = response.status_code, context.registry
    if status < 400:
        return
    if status in (401, 403):
        raise unauthorized(context)
    if status == 404:
        raise RegistryError(Kind.NOT_FOUND, f"{where} has no {shown(path)}.")
    if status == 416:
        raise RegistryError(Kind.MISMATCH, f"{where} has not so many bytes of {shown(path)}.")
    if status in OVERLOADED:
        after = retry_after(response.headers.get("retry-after"))
        if status == 429:
            when = in_words_of(after) if after else "later"
            sentence = f"{where} limits how often it may be asked, and that is used up: try again {when}."
            raise Transient(RegistryError(Kind.RATE_LIMITED, sentence, retry_after=after))
        sentence = f"{where} has trouble of its own (status {status}): try again later."
        raise Transient(RegistryError(Kind.FAILED, sentence, retry_after=after))
    raise RegistryError(Kind.FAILED, f"{where} refuses the request (status {status}).")


@contextmanager
def in_words(context: RegistryContext) -> Iterator[None]:
    """Turns what a connection may do into sentences."""
    where = context.registry
    seconds = f"{context.network.timeout:g}"
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
        raise RegistryError(Kind.UNREACHABLE, f"The proxy does not let {where} through: {shown(str(error))}.") from None
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


def read_limited(response: httpx.Response, most: int, what: str, tick: Callable[[], None] = lambda: None) -> bytes:
    """The body's bytes as carried. Raises RegistryError (TOO_LARGE) as soon as there are more than `most`.

    `tick` is called between blocks, and what it raises ends the reading.
    """
    declared = response.headers.get("content-length", "")
    data = bytearray()
    if not (declared.isdecimal() and int(declared) > most):
        for block in response.iter_raw():
            tick()
            data += block
            if len(data) > most:
                break
        else:
            return bytes(data)
    raise RegistryError(Kind.TOO_LARGE, f"{what} is over the limit MAX_JSON_BYTES={most}.")


def retry_after(value: str | None) -> float | None:
    """Seconds up to LONGEST, of a number or a date (RFC 9110, 10.2.3); None where it is neither."""
    if not value:
        return None
    if value.strip().isdecimal():
        return min(float(value), LONGEST)
    try:
        moment = parsedate_to_datetime(value)
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, seconds), LONGEST)


def in_words_of(seconds: float) -> str:
    """`in 1 second`, `in 20 minutes`, `in 30 days`: never less than is meant."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds > 2 * size:
            return f"in {ceil(seconds / size)} {unit}s"
    whole = max(1, ceil(seconds))
    return f"in {whole} second{'' if whole == 1 else 's'}"


def rate_limit(response: httpx.Response) -> RateLimit | None:
    """What it says of a limit, if it does."""
    limit, remaining = (_amount(response.headers.get(f"ratelimit-{name}", "")) for name in ("limit", "remaining"))
    if limit[0] is None or remaining[0] is None:
        return None
    return RateLimit(limit[0], remaining[0], limit[1])


def _amount(value: str) -> tuple[int | None, int | None]:
    """`100;w=21600` as an amount and a window in seconds."""
    amount, _, rest = value.partition(";")
    return _number(amount), _number(rest.strip().removeprefix("w="))


def _number(text: str) -> int | None:
    """A number of a header; None where it is none, or one of no use."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def _certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
