"""Asking one registry: as whom, and how patiently. Bodies are the caller's."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import httpx

from analyzer.registry.answers import RateLimit, Transient, check, in_words, rate_limit, read_limited
from analyzer.registry.auth import Authorization
from analyzer.registry.context import RegistryContext
from analyzer.registry.errors import RegistryError
from analyzer.registry.login import log_in
from analyzer.registry.requests import Requests, origin_of

Answer = TypeVar("Answer")
Tick = Callable[[], None]
"""Called while one waits and between blocks; what it raises ends the request."""


class Stopped(Exception):
    """Another thread has ended what this one worked for."""


class Session:
    """A context manager. May be used by several threads."""

    def __init__(self, context: RegistryContext, tick: Tick | None = None) -> None:
        self.context = context
        self.rate_limit: RateLimit | None = None
        self._tick = tick or (lambda: None)
        self._stopped = threading.Event()
        self._requests = Requests(context)
        self._granted: dict[str, Authorization] = {}

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        self._requests.close()

    def tick(self) -> None:
        """Raises what the caller's own tick raises, and Stopped."""
        if self._stopped.is_set():
            raise Stopped
        self._tick()

    def stop(self) -> None:
        """Ends what other threads are waiting for or reading."""
        self._stopped.set()

    def read(self, response: httpx.Response, what: str) -> bytes:
        """A document's bytes. Raises RegistryError (TOO_LARGE), and what `tick` raises."""
        return read_limited(response, self.context.limits.max_json_bytes, what, self.tick)

    def patiently(self, action: Callable[[], Answer]) -> Answer:
        """Runs `action`, again after a pause where it raises Transient. Raises RegistryError."""
        rules = self.context.network
        for attempt in range(1, rules.attempts + 1):
            try:
                return action()
            except Transient as failed:
                failed.error.passes = True
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
        url = f"{self.context.address}{path}"
        self.tick()
        with in_words(self.context):
            held = self._granted.get(scope)
            sent = dict(headers or {})
            if held is not None and held.fresh:
                sent["Authorization"] = held.header
            response = self._requests.follow(method, url, sent)
            # Who is asked by a host that the registry led to is nobody there: its challenge is not followed.
            if response.status_code == 401 and origin_of(str(response.url)) == origin_of(url):
                challenges = response.headers.get_list("www-authenticate")
                response.close()
                granted = log_in(self._requests, self.context, ", ".join(challenges), scope)
                self._granted[scope] = granted
                sent["Authorization"] = granted.header
                response = self._requests.follow(method, url, sent)
            try:
                self.rate_limit = rate_limit(response) or self.rate_limit
                check(self.context, response, path)
                yield response
            finally:
                response.close()
