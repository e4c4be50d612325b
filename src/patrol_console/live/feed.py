"""One document a moment for every robot: made once, whoever looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from patrol_console.live import documents
from patrol_console.live.timeline import TimeLine
from patrol_console.station import Robot
from patrol_core.topics import DIAGNOSTICS, PATROL_EVENTS, PATROL_STATUS
from patrol_core.types.status import Health

ON_DEMAND = ("tracks", "plan", "trajectory", "scan", "costmap")
"""What a viewer has to ask for: a map shows them, a list of alerts does not. All else is told."""


class Feed:
    """The state of one robot, as JSON by key, for any number of viewers.

    `others`: what other parts tell by key, called at each moment. `refresh` makes everything that
    has changed since the last one; its cost does not depend on how many look.
    """

    def __init__(self, robot: Robot, others: Mapping[str, Callable[[], Any]]) -> None:
        self._robot = robot
        self._others = others
        self._health: dict[str, tuple[Health, float]] = {}
        self._timeline = TimeLine(robot)
        robot.listen(DIAGNOSTICS, self._hear_health)
        robot.listen(PATROL_EVENTS, self._timeline.hear)
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.version = 0

    def refresh(self, wanted: frozenset[str]) -> None:
        """Make the keys anew that are always told, and those of `wanted` (`ON_DEMAND`)."""
        self.version += 1
        made = self._made(wanted)
        for key in set(ON_DEMAND) - made.keys():  # nobody shall get it old who asks later
            self.texts.pop(key, None)
            self.versions.pop(key, None)
        for key, value in made.items():
            text = json.dumps(value, separators=(",", ":"), allow_nan=False)
            if self.texts.get(key) != text:
                self.texts[key] = text
                self.versions[key] = self.version

    def changed_since(self, version: int, more: frozenset[str]) -> str | None:
        """What has changed since a version, as one JSON object: all that is always told, and
        `more`. None: nothing.
        """
        parts = [
            f'"{key}":{self.texts[key]}'
            for key, changed in self.versions.items()
            if changed > version and (key not in ON_DEMAND or key in more)
        ]
        return "{" + ",".join(parts) + "}" if parts else None

    def _made(self, wanted: frozenset[str]) -> dict[str, Any]:
        robot = self._robot
        made: dict[str, Any] = {
            "now": round(robot.now_s(), 2),
            "pose": documents.pose(robot),
            "speed": documents.speed(robot),
            "battery": documents.battery(robot),
            "localization": documents.localization(robot),
            "gate": documents.gate(robot),
            "patrol": self._patrol(),
            "health": documents.health(self._health, robot.now_s()),
        }
        makers: dict[str, Callable[[Robot], Any]] = {
            "tracks": documents.tracks,
            "plan": documents.plan,
            "trajectory": documents.trajectory,
            "scan": documents.scan,
            "costmap": documents.costmap,
        }
        made |= {key: make(robot) for key, make in makers.items() if key in wanted}
        return made | {key: tell() for key, tell in self._others.items()}

    def _patrol(self) -> documents.Document | None:
        document = documents.patrol(self._robot)
        status = self._robot.fresh(PATROL_STATUS)
        if document is not None and status is not None:
            document["timeline"] = self._timeline.document(status)
        return document

    def _hear_health(self, entry: Health) -> None:
        self._health[entry.name] = entry, self._robot.now_s()
