"""What a page's link can carry: how many pictures may be on the way, and how large."""

from __future__ import annotations

from collections import OrderedDict

SLOW_S, QUICK_S = 0.4, 0.12
"""A picture that took longer to be drawn makes the next ones small; so many that took less make
them large again."""
FIRST_PATIENCE, MOST_PATIENCE = 20, 320
MAX_ON_THE_WAY = 2


class Pace:
    """Of one page. Times are steady [s].

    `delay_s`: from sending a picture to the word that it was drawn, as of the newest such word.
    """

    def __init__(self) -> None:
        self.sent = self.drawn = 0
        self.delay_s = 0.0
        self.takes_small = False
        self._on_the_way: OrderedDict[int, float] = OrderedDict()
        self._quick, self._patience = 0, FIRST_PATIENCE

    def may_send(self) -> bool:
        """Whether another picture may go: on a slow link one waits for the other."""
        most = 1 if self.delay_s > SLOW_S else MAX_ON_THE_WAY
        return len(self._on_the_way) < most

    def send(self, now_s: float) -> int:
        """The number of a picture that goes now."""
        self.sent += 1
        self._on_the_way[self.sent] = now_s
        return self.sent

    def draw(self, number: int, now_s: float) -> bool:
        """That a picture was drawn, and so nothing before it will be; False: it cannot have
        been."""
        if not self.drawn <= number <= self.sent:
            return False
        self.drawn = number
        while self._on_the_way and next(iter(self._on_the_way)) <= number:
            one, sent_s = self._on_the_way.popitem(last=False)
            if one == number:
                self._judge(now_s - sent_s)
        return True

    def _judge(self, delay_s: float) -> None:
        self.delay_s = delay_s
        if delay_s > SLOW_S:
            if not self.takes_small and self._quick:  # large ones were tried too soon
                self._patience = min(2 * self._patience, MOST_PATIENCE)
            self.takes_small, self._quick = True, 0
        elif self.takes_small:
            self._quick = self._quick + 1 if delay_s < QUICK_S else 0
            if self._quick >= self._patience:
                self.takes_small = False
