"""How many requests one key or one address may send: token buckets, and 429 for what is over."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from web.problems import Problem

MAX_BUCKETS = 20_000
_MINUTE_NS = 60_000_000_000
_SECOND_NS = 1_000_000_000
_BURST_S = (
    15  # a bucket holds what its rate gives in this time, so that a page may ask for several things at once
)


class TokenBuckets:
    """One bucket of tokens for each name; safe to use from many threads at once.

    A bucket is kept as the moment at which it will be full again: one number, and none once that moment
    has passed, since a full bucket is the same as a new one. Times are whole nanoseconds, so that nothing
    is lost to rounding. At most `max_buckets` are kept; the one that was not used for longest gives way.

    Source: the generic cell rate algorithm, ITU-T I.371.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], int] = time.monotonic_ns,
        max_buckets: int = MAX_BUCKETS,
    ) -> None:
        self._per_minute, self._clock, self._max_buckets = per_minute, clock, max_buckets
        self._interval_ns = -(-_MINUTE_NS // per_minute) if per_minute else 0
        self._full_at: OrderedDict[str, int] = OrderedDict()  # least recently used first
        self._lock = threading.Lock()

    @property
    def burst(self) -> int:
        """Tokens that a full bucket holds."""
        return max(1, self._per_minute * _BURST_S // 60)

    def __len__(self) -> int:
        """Buckets that are kept."""
        return len(self._full_at)

    def take(self, name: str) -> int:
        """Take a token out of the bucket of `name`.

        Returns:
            0 when there was one, else the whole seconds after which there will be one, at least 1.
            A rate of 0 has no limit.
        """
        if not self._per_minute:
            return 0
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.pop(name, now), now)
            wait_ns = full_at - now - (self.burst - 1) * self._interval_ns
            self._full_at[name] = full_at if wait_ns > 0 else full_at + self._interval_ns
            self._forget(now)
        return -(-wait_ns // _SECOND_NS) if wait_ns > 0 else 0

    def _forget(self, now: int) -> None:
        """Drop buckets that are full again, as far as they come first, and those that are too many."""
        while self._full_at:
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > now and len(self._full_at) <= self._max_buckets:
                return
            del self._full_at[oldest]


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The three limits of a server; each counts for itself.

    Attributes:
        keys: requests by API key or signed-in person.
        addresses: requests by client address.
        failures: wrong keys and failed logins by client address.
    """

    keys: TokenBuckets
    addresses: TokenBuckets
    failures: TokenBuckets


def too_many(what: str, wait_s: int) -> Problem:
    """Return the problem of somebody who has to wait `wait_s` seconds; `what` says what there was too much of."""
    seconds = "1 second" if wait_s == 1 else f"{wait_s} seconds"
    return Problem(
        429, "rate_limited", f"Too many {what}; try again in {seconds}.", headers={"Retry-After": str(wait_s)}
    )
