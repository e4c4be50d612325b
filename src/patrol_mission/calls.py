"""Calls to go and look somewhere: by operators, visitors, alarms."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

REMEMBERED = 500
"""So many calls that were answered are known again when they are repeated."""
TRIES = 2
"""A call that could not be answered is tried once more, after all others."""


@dataclass(frozen=True, slots=True)
class Call:
    """A place in `map` to look at; what has the higher `priority` comes first.

    `subject`: the id of a finding, which then gets the pictures, or a name of its own.
    """

    call_id: str
    subject: str
    name: str
    priority: int
    x_m: float
    y_m: float
    tries: int = 0


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

    def next(self) -> Call | None:
        """The one to answer now: fewest tries, then highest priority, then the oldest."""
        return min(self.open, key=lambda call: (call.tries, -call.priority), default=None)

    def done(self, call: Call) -> None:
        """It was answered, or is given up."""
        self.open = [known for known in self.open if known.call_id != call.call_id]
        self.answered = [*self.answered, call.call_id][-REMEMBERED:]

    def failed(self, call: Call) -> bool:
        """Whether it is given up; else it comes again after the others."""
        if call.tries + 1 >= TRIES:
            self.done(call)
            return True
        tried = replace(call, tries=call.tries + 1)
        self.open = [tried if known.call_id == call.call_id else known for known in self.open]
        return False
