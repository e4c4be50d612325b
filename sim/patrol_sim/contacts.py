"""Contacts of one robot with anything but the ground it stands on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from patrol_sim.truth import Contact

_SAME_CONTACT_S = 0.5
BLAME_S = 1.0
_DOCK_SPEED_MPS = 0.1
_DOCK_PREFIX = "dock"
STANDING_NORMAL_Z = 0.7
"""Wheels and casters that meet something whose surface looks up so far stand on it."""
RUNNING_GEAR = ("left_wheel", "right_wheel", "left_caster", "right_caster")
BUMPER_SIDES = ("front", "rear")


@dataclass(frozen=True, slots=True)
class Touch:
    """One contact in one physics step: with whom, on which side of the bumper ("": none)."""

    other: str
    person: bool
    side: str


class ContactBook:
    """Keeps the list of contacts, and what the bumper and the people have felt of late."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._last_moved_s = -np.inf
        self._open: dict[str, int] = {}
        self.contacts: list[Contact] = []
        self.bumper_side = ""
        self.touched_people: set[str] = set()

    def clear(self) -> None:
        """Forget what the bumper and the people felt since the last call."""
        self.bumper_side = ""
        self.touched_people.clear()

    def moving(self, now_s: float) -> None:
        """The wheels are told to turn at `now_s`."""
        self._last_moved_s = now_s

    def note(self, touch: Touch, now_s: float, speed_mps: float) -> None:
        """Take in a contact of the step that ended at `now_s`; the speed is from before it."""
        self.bumper_side = touch.side or self.bumper_side
        if touch.person:
            self.touched_people.add(touch.other)
        self._record(touch.other, touch.person, now_s, speed_mps)

    def _record(self, name: str, person: bool, now_s: float, speed_mps: float) -> None:
        index = self._open.get(name)
        if index is not None and now_s - self.contacts[index].end_s <= _SAME_CONTACT_S:
            self.contacts[index] = replace(self.contacts[index], end_s=now_s)
            return
        self._open[name] = len(self.contacts)
        self.contacts.append(
            Contact(
                robot=self._key,
                other=name,
                person=person,
                start_s=now_s,
                end_s=now_s,
                speed_mps=speed_mps,
                by_robot=now_s - self._last_moved_s <= BLAME_S,
                allowed=name.startswith(_DOCK_PREFIX) and speed_mps <= _DOCK_SPEED_MPS + 1e-3,
            )
        )
