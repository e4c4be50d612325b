"""What a driver has to say in a cycle: things that happen, and conditions that last."""

from __future__ import annotations

from patrol_drivers.motors import EventKind, MotorEvent


class Notes:
    """Collects events. A condition is told when it begins, and again only after it was gone."""

    def __init__(self) -> None:
        self._events: list[MotorEvent] = []
        self._lasting: set[MotorEvent] = set()
        self._seen: set[MotorEvent] = set()

    def happened(self, kind: EventKind, sentence: str) -> None:
        """Something of this moment; each occurrence is told."""
        self._events.append(MotorEvent(kind, sentence))

    def lasts(self, event: MotorEvent) -> None:
        """A condition that holds in this cycle; its sentence must not change while it lasts."""
        if event not in self._lasting and event not in self._seen:
            self._events.append(event)
        self._seen.add(event)

    def take(self, looked: bool = True) -> tuple[MotorEvent, ...]:
        """What to tell of this cycle, in order. Begins the next one.

        Where the cycle was cut short (`looked` is False), nobody knows what is over: what lasted
        before it is taken to last, and is not told again.
        """
        events, self._events = tuple(self._events), []
        self._lasting = self._seen if looked else self._lasting | self._seen
        self._seen = set()
        return events
