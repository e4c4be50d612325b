"""What is known of a running robot, gathered from its rows."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from patrol_core.processes import PROCESSES
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    DIAGNOSTICS,
    DIALOGUE,
    GATE_STATUS,
    INCIDENTS,
    LOCALIZATION_STATUS,
    PATROL_EVENTS,
    PATROL_STATUS,
    Topic,
)
from patrol_core.types.dialogue import DialogueEvent, DialogueKind
from patrol_core.types.mission import PatrolEvent, PatrolStatus
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import REFUSED, Incident, place_words
from patrol_core.types.sensors import BatteryState
from patrol_core.types.status import GateState, GateStatus, Health, LocalizationStatus

SHOWN: tuple[Topic[Any], ...] = (
    AMCL_POSE, BATTERY_STATE, DIAGNOSTICS, DIALOGUE, GATE_STATUS, INCIDENTS, LOCALIZATION_STATUS,
    PATROL_EVENTS, PATROL_STATUS,
)  # fmt: skip
"""The rows that the view is made from."""

_FACTOR_OVER_S = 5.0


class RealTimeFactor:
    """How fast stamps advance beside the wall clock, over the last seconds."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, float]] = deque()

    def mark(self, stamp_s: float, wall_s: float) -> None:
        """A stamp has been seen."""
        if self._marks and stamp_s < self._marks[-1][0]:
            self._marks.clear()
        self._marks.append((stamp_s, wall_s))
        while wall_s - self._marks[0][1] > _FACTOR_OVER_S:
            self._marks.popleft()

    @property
    def value(self) -> float | None:
        """None until there is something to compare."""
        if len(self._marks) < 2 or self._marks[-1][1] - self._marks[0][1] < 0.5:
            return None
        (stamp_0, wall_0), (stamp_1, wall_1) = self._marks[0], self._marks[-1]
        return (stamp_1 - stamp_0) / (wall_1 - wall_0)


@dataclass(slots=True)
class LiveState:
    """The newest of everything; `news` are sentences that nobody has fetched yet."""

    pose: PoseEstimate | None = None
    battery: BatteryState | None = None
    gate: GateStatus | None = None
    localization: LocalizationStatus | None = None
    patrol: PatrolStatus | None = None
    health: dict[str, Health] = field(default_factory=dict)
    heard_s: dict[str, float] = field(default_factory=dict)
    incidents: dict[int, Incident] = field(default_factory=dict)
    calls_s: dict[str, float] = field(default_factory=dict)
    events: deque[tuple[str, int]] = field(default_factory=lambda: deque(maxlen=1000))
    news: deque[str] = field(default_factory=deque)
    factor: RealTimeFactor = field(default_factory=RealTimeFactor)
    stamp_s: float = 0.0

    def take(self, topic: Topic[Any], value: Any, wall_s: float) -> None:
        """Take in a value of one of the rows in `SHOWN`, received at a wall-clock time."""
        if topic is AMCL_POSE:
            self.pose = value
        elif topic is BATTERY_STATE:
            self.battery = value
        elif topic is DIAGNOSTICS:
            self.health[value.name], self.heard_s[value.name] = value, wall_s
        elif topic is GATE_STATUS:
            self._take_gate(value, wall_s)
        elif topic is LOCALIZATION_STATUS:
            self.localization = value
        elif topic is PATROL_STATUS:
            self.patrol = value
        elif topic is INCIDENTS:
            self._take_incident(value)
        elif topic is PATROL_EVENTS:
            self._take_event(value)
        elif topic is DIALOGUE:
            self._take_dialogue(value)

    def missing(self) -> list[str]:
        """The processes of the table that have not said anything yet."""
        return [process.name for process in PROCESSES if process.name not in self.health]

    def _take_gate(self, gate: GateStatus, wall_s: float) -> None:
        latched = gate.state is GateState.LATCHED
        if latched and (self.gate is None or self.gate.state is not GateState.LATCHED):
            self.news.append(f"latched stop: {'; '.join(gate.reasons)}")
        self.gate, self.stamp_s = gate, gate.stamp_s
        self.factor.mark(gate.stamp_s, wall_s)

    def _take_incident(self, incident: Incident) -> None:
        if incident.incident_id == REFUSED:
            return
        if incident.incident_id not in self.incidents:
            self.news.append(
                f"incident {incident.incident_id}: {incident.kind.value} "
                f"{place_words(incident.x_m, incident.y_m)} ({incident.reason})"
            )
        self.incidents[incident.incident_id] = incident

    def _take_dialogue(self, event: DialogueEvent) -> None:
        """A call for a human is told again and again: it is news once."""
        is_call = event.kind is DialogueKind.HUMAN_WANTED
        if is_call and self.calls_s.get(event.session_id) != event.stamp_s:
            self.calls_s[event.session_id] = event.stamp_s
            self.news.append("a visitor wants a human: ./ronda visitors")

    def _take_event(self, event: PatrolEvent) -> None:
        """What is numbered is said again until it is stored: it is news once."""
        name = (event.patrol_id, event.number)
        if event.number and name in self.events:
            return
        self.events.append(name)
        what = event.kind.replace("_", " ")
        about = ": ".join(part for part in (event.subject, event.message) if part)
        self.news.append(f"{what} ({about})" if about else what)
