"""How often something may be done in a stretch of time, counted for all web processes together."""

import hashlib
import logging
import time
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from analyzer.services.ratecounts import Counts, FileCounts, RedisCounts

log = logging.getLogger(__name__)

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """What somebody has used of what this stretch of `seconds` lets them."""

    limit: int
    used: int
    seconds: int
    resets: int  # seconds until the next stretch begins

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def over(self) -> bool:
        return self.used > self.limit


class TooOften(Exception):
    """More than this stretch of time lets."""

    def __init__(self, rate: Rate) -> None:
        super().__init__(f"More than {rate.limit:,} requests in a minute; the next begins in {rate.resets} s.")
        self.rate = rate


def one_more(kind: str, whose: str, limit: int, seconds: int = MINUTE) -> Rate | None:
    """Counts one more of that kind for `whose`, of which only a hash is kept. None where the limit is 0, or where
    nothing can be counted: the site is not down because a count is."""
    if not limit:
        return None
    now = int(time.time())
    resets = seconds - now % seconds
    name = f"{kind}:{hashlib.sha256(whose.encode(errors='surrogatepass')).hexdigest()[:32]}"
    try:
        used = counts().add(name, now, now + resets)
    except Exception as error:  # noqa: BLE001 - whatever counts, and whatever it says
        log.warning("%s was not counted: %s", kind, error)
        return None
    return Rate(limit, used, seconds, resets)


def spend(kind: str, whose: str, limit: int) -> Rate | None:
    """The same for a minute's requests. Raises TooOften."""
    rate = one_more(kind, whose, limit)
    if rate is not None and rate.over:
        raise TooOften(rate)
    return rate


@cache
def counts() -> Counts:
    """Redis where that is the broker: then there may be several hosts."""
    if settings.BROKER_URL.startswith(("redis:", "rediss:")):
        return RedisCounts(settings.BROKER_URL)
    return FileCounts(settings.RUN_DIR / "rates.sqlite3")
