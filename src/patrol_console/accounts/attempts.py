"""How often somebody may try to sign in.

Failures count for a name from an address: whoever guesses from elsewhere slows himself down and
locks nobody out, least of all the only operator at night. An address that fails with many names
is slowed down as a whole.
"""

from __future__ import annotations

from collections import OrderedDict

FREE = 5
"""So many may fail before waiting begins."""
FREE_OF_ADDRESS = 30
LONGEST_WAIT_S = 60.0
FORGOTTEN_AFTER_S = 900.0
MAX_KEPT = 10_000


class Attempts:
    """Waiting doubles with every further failure: 1, 2, 4 ... `LONGEST_WAIT_S`."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def wait_s(self, user: str, address: str, now_s: float) -> float:
        """How long this name from this address has to wait from now on [s]; 0: not at all."""
        own = self._wait_s((user, address), FREE, now_s)
        return max(own, self._wait_s(("", address), FREE_OF_ADDRESS, now_s))

    def failed(self, user: str, address: str, now_s: float) -> None:
        for key in ((user, address), ("", address)):
            count, last_s = self._failures.pop(key, (0, now_s))
            count = 0 if now_s - last_s > FORGOTTEN_AFTER_S else count
            self._failures[key] = (count + 1, now_s)
        while len(self._failures) > MAX_KEPT:
            self._failures.popitem(last=False)

    def succeeded(self, user: str, address: str) -> None:
        """Take back what was counted before the password was known to be right."""
        self._failures.pop((user, address), None)
        count, last_s = self._failures.get(("", address), (0, 0.0))
        if count:
            self._failures["", address] = (count - 1, last_s)

    def _wait_s(self, key: tuple[str, str], free: int, now_s: float) -> float:
        count, last_s = self._failures.get(key, (0, now_s))
        if count < free or now_s - last_s > FORGOTTEN_AFTER_S:
            return 0.0
        wait_s = min(2.0 ** min(count - free, 10), LONGEST_WAIT_S)
        return max(last_s + wait_s - now_s, 0.0)
