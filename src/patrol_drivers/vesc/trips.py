"""Whether a timeout struck: told by the VESC, or concluded from silence; once each time."""

from __future__ import annotations

from collections.abc import Sequence

from patrol_drivers.motors import EventKind
from patrol_drivers.notes import Notes
from patrol_drivers.vesc.state import Values
from patrol_drivers.vesc.values import NAMES


class Trips:
    """One is news only after both VESCs were fed: a VESC at rest has always timed out."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._told = True

    def expect(self) -> None:
        """What strikes before both were fed again is no news."""
        self._told = True

    def see(self, both: Sequence[Values]) -> None:
        """What they say themselves; nothing before firmware 5.03."""
        struck = [name for name, one in zip(NAMES, both, strict=True) if one.timed_out]
        if struck:
            self.tell(f"the timeout of {' and of '.join(struck)} struck")
        else:
            self._told = False

    def tell(self, words: str) -> None:
        """One struck; it may be told already."""
        if not self._told:
            self._notes.happened(EventKind.WATCHDOG_TRIPPED, words)
        self._told = True
