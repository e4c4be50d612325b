"""How often somebody may ask: token buckets, one in all and one a client."""

from __future__ import annotations

from collections import OrderedDict

MAX_CLIENTS = 4096
"""Buckets that are remembered; the one that was idle longest goes first."""


class Bucket:
    """Fills at `rate_hz` up to `burst`; every token is one request."""

    def __init__(self, rate_hz: float, burst: float) -> None:
        self._rate_hz = rate_hz
        self._burst = burst
        self._tokens = burst
        self._stamp_s: float | None = None

    def take(self, now_s: float) -> bool:
        """Take a token; False when there is none."""
        if self._stamp_s is not None:
            more = max(now_s - self._stamp_s, 0.0) * self._rate_hz
            self._tokens = min(self._tokens + more, self._burst)
        self._stamp_s = now_s
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


class Limiter:
    """One bucket in all and one a client. Who has none left takes nothing from the others."""

    def __init__(self, rate_hz: float, client_rate_hz: float, client_burst: int) -> None:
        self._all = Bucket(rate_hz, 2.0 * rate_hz)
        self._client_rate_hz = client_rate_hz
        self._client_burst = client_burst
        self._clients: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, client: str, now_s: float) -> bool:
        """Whether this client may ask now."""
        bucket = self._clients.pop(client, None)
        if bucket is None:
            bucket = Bucket(self._client_rate_hz, self._client_burst)
        self._clients[client] = bucket
        if len(self._clients) > MAX_CLIENTS:
            self._clients.popitem(last=False)
        return bucket.take(now_s) and self._all.take(now_s)
