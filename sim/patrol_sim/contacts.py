"""Contacts of one robot with anything but the ground it stands on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from patrol_sim.engine import mujoco
from patrol_sim.model_builder import BuiltModel, Category
from patrol_sim.truth import Contact

_SAME_CONTACT_S = 0.5
BLAME_S = 1.0
_DOCK_SPEED_MPS = 0.1
_DOCK_PREFIX = "dock"
_STANDING_NORMAL_Z = 0.7


class ContactMonitor:
    """Looks at every physics step and keeps the list of contacts."""

    def __init__(self, built: BuiltModel, key: str) -> None:
        self._built = built
        self._key = key
        owners = np.array(built.owners)
        self._own: NDArray[np.bool_] = owners == key
        self._own &= built.categories == Category.ROBOT
        self._ground: NDArray[np.bool_] = built.categories == Category.GROUND
        bodies = built.model.geom_bodyid
        self._bumpers = {
            side: bodies == built.body_id(f"{key}/{side}_bumper") for side in ("front", "rear")
        }
        running_gear = [
            built.body_id(f"{key}/{link}")
            for link in ("left_wheel", "right_wheel", "left_caster", "right_caster")
        ]
        self._rolls = np.isin(bodies, running_gear)
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

    def look(self, data: mujoco.MjData, now_s: float, speed_mps: float) -> None:
        """Take in the contacts of the step that ended at `now_s`; the speed is from before it."""
        pairs = data.contact.geom
        own = self._own[pairs]
        for row in np.flatnonzero(own.any(axis=1) & ~self._ground[pairs].any(axis=1)):
            mine, other = (0, 1) if own[row, 0] else (1, 0)
            self._touch(
                data, int(row), int(pairs[row, mine]), int(pairs[row, other]), now_s, speed_mps
            )

    def _touch(
        self, data: mujoco.MjData, row: int, mine: int, other: int, now_s: float, speed_mps: float
    ) -> None:
        category = Category(int(self._built.categories[other]))
        normal_z = abs(data.contact.frame[row, 2])
        if self._rolls[mine] and normal_z > _STANDING_NORMAL_Z:
            return
        for side, geoms in self._bumpers.items():
            if geoms[mine]:
                self.bumper_side = side
        name = self._built.owners[other]
        if category is Category.PERSON:
            self.touched_people.add(name)
        self._record(name, category is Category.PERSON, now_s, speed_mps)

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
