"""Calls to go and look somewhere: by operators, alarms, visitors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

REMEMBERED = 500
"""So many calls that were answered are known again when they are repeated."""
TRIES = 2
AGAIN_AFTER_S = 60.0
"""A call that could not be answered is tried once more, after that."""


@dataclass(frozen=True, slots=True)
class Call:
    """A place in `map` to look at; what has the higher `priority` (0 to 100) comes first.

    `subject`: the id of a finding, which then gets the pictures, or a name of its own. `name`: for
    people. `not_before_s`: when it is tried again.
    """

    call_id: str
    subject: str
    name: str
    priority: int
    x_m: float
    y_m: float
    since_s: float
    tries: int = 0
    not_before_s: float = 0.0


@dataclass(slots=True)
class Calls:
    """Those that are open, and the ids of those that were answered."""

    open: list[Call] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def add(self, call: Call) -> bool:
        """Whether it is news: a call that is repeated, or was answered, is none."""
        if call.call_id in self.answered or any(c.call_id == call.call_id for c in self.open):
            return False
        self.open.append(call)
        return True

    def next(self, now_s: float) -> Call | None:
        """The one to answer now: the highest priority, of these the oldest."""
        due = (call for call in self.open if call.not_before_s <= now_s)
        return min(due, key=lambda call: (-call.priority, call.since_s), default=None)

    def done(self, call: Call) -> None:
        """It was answered, or is given up."""
        self.open = [known for known in self.open if known.call_id != call.call_id]
        self.answered = [*self.answered, call.call_id][-REMEMBERED:]

    def failed(self, call: Call, now_s: float) -> bool:
        """Whether it is given up; else it comes again later."""
        if call.tries + 1 >= TRIES:
            self.done(call)
            return True
        again = replace(call, tries=call.tries + 1, not_before_s=now_s + AGAIN_AFTER_S)
        self.open = [again if known.call_id == call.call_id else known for known in self.open]
        return False

    def expire(self, older_than_s: float, now_s: float) -> list[Call]:
        """Give up those that have waited for too long; they are returned."""
        late = [call for call in self.open if now_s - call.since_s > older_than_s]
        for call in late:
            self.done(call)
        return late
