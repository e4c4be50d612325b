"""One patrol under way: how far it is, what stands in its way, why it goes home."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode
from patrol_core.site.elements import Element, OnFailure, RouteCare
from patrol_core.site.model import Checkpoint
from patrol_core.types.mission import PatrolState
from patrol_mission.route import Leg

ON_ROUTE_M = 3.0
PROGRESS_WINDOW = 80
"""Poses ahead (20 m) in which the robot is looked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the robot stands still for until `until_s`, or a person resumes, skips or stops.

    `unsure`: it was started anew and does not know whether what it remembers still holds.
    """

    text: str
    until_s: float = math.inf
    code: ErrorCode = ErrorCode.NONE
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """A stay on the dock, after which the patrol goes on where it was.

    It ends when the battery holds `charge`, `until_s` is over, and operators are heard if the
    robot came home because they were not (`for_link`).
    """

    charge: float = 0.0
    until_s: float = -math.inf
    for_link: bool = False


@dataclass(slots=True)
class Run:
    """One patrol under way. `lap` counts from 1; `return_reason` non-empty: go home, and end
    there unless there is a `rest`.

    `laps` 0: whole laps, and no new one after `ends_s`. `is_planned`: the legs are those of a plan
    that was drawn; all of them are one lap. `not_before_s`: when it leaves the dock.

    `reached_s`: since when the leg's checkpoint counts as reached, None before that; `apart`: it
    is watched from beside it. `missed`: checkpoints of this lap that could not be reached; at its
    end they become `second`, each a leg of one pose, which is tried once. `tries`: failures of
    the leg so far. `came_home_for`: checkpoints for which the robot went home once already, to
    try them later. `dock_id`: where it goes home to, from when it does; `tried_docks`: in vain.
    """

    patrol_id: str
    route_id: str
    speed_mps: float
    laps: int
    legs: tuple[Leg, ...]
    started_s: float
    care: RouteCare = field(default_factory=RouteCare)
    dry_run: bool = False
    ends_s: float = math.inf
    not_before_s: float = -math.inf
    is_planned: bool = False
    lap: int = 1
    leg_index: int = 0
    leg_progress: int = 0
    reached_s: float | None = None
    apart: bool = False
    laps_begun: int = 0
    tries: int = 0
    paused_by: str = ""
    question: Question | None = None
    return_reason: str = ""
    return_code: ErrorCode = ErrorCode.NONE
    rest: Rest | None = None
    dock_id: str = ""
    tried_docks: list[str] = field(default_factory=list)
    failed_legs: int = 0
    skipped: list[str] = field(default_factory=list)
    missed: list[Checkpoint] = field(default_factory=list)
    second: list[Leg] = field(default_factory=list)
    came_home_for: list[str] = field(default_factory=list)
    state: PatrolState = PatrolState.IDLE
    message: str = ""

    @property
    def leg(self) -> Leg:
        return self.second[0] if self.second else self.legs[self.leg_index]

    @property
    def stop_id(self) -> str:
        """What the leg leads to, for the records: a checkpoint, a turn on the way, the end."""
        checkpoint = self.leg.checkpoint
        if checkpoint is not None:
            return checkpoint.checkpoint_id
        return "end of lap" if self.leg_index + 1 == len(self.legs) else "turn"

    @property
    def stop_name(self) -> str:
        """The same for people."""
        checkpoint = self.leg.checkpoint
        return f"the {self.stop_id}" if checkpoint is None else checkpoint.name

    @property
    def leg_left(self) -> FloatArray:
        """The poses of the leg that have not been driven yet, at least one."""
        return self.leg.poses[self.leg_progress :]

    @property
    def element(self) -> Element:
        """What the site says of the stop at the end of the leg."""
        checkpoint = self.leg.checkpoint
        return self.care.element(checkpoint.checkpoint_id if checkpoint else "")

    @property
    def on_failure(self) -> OnFailure:
        return self.element.on_failure or self.care.on_failure

    @property
    def leg_speed_mps(self) -> float:
        return self.element.speed_mps or self.speed_mps

    def note_progress(self, pose: Pose2) -> None:
        """Move on along the leg to the pose nearest to the robot, if near and not far ahead."""
        ahead = self.leg_left[:PROGRESS_WINDOW]
        distances = np.hypot(ahead[:, 0] - pose.x_m, ahead[:, 1] - pose.y_m)
        nearest = int(np.argmin(distances))
        if distances[nearest] < ON_ROUTE_M:
            self.leg_progress += nearest

    def skip(self) -> str:
        """Note that the leg's stop is left out, once; its id."""
        if not self.second:
            self.skipped.append(self.stop_id)
        return self.stop_id

    def advance(self, now_s: float) -> None:
        """Go to the next leg; after the last one to what was missed, to the next lap, or home."""
        self.leg_progress = self.tries = 0
        self.reached_s = None
        self.apart = False
        if self.second:
            self.second.pop(0)
        elif self.leg_index + 1 < len(self.legs):
            self.leg_index += 1
            return
        else:
            self.second = second_legs(self.missed)
            self.missed = []
        if self.second:
            return
        if self.lap >= self.laps > 0 or (self.laps == 0 and now_s >= self.ends_s):
            self.go_home("all laps done")
            return
        self.leg_index, self.lap = 0, self.lap + 1

    def go_home(
        self, reason: str, code: ErrorCode = ErrorCode.NONE, rest: Rest | None = None
    ) -> None:
        """Back to the dock, to end there, or to go on after a rest. Nothing else is asked."""
        self.return_reason, self.return_code, self.rest = reason, code, rest
        self.question, self.dock_id = None, ""
        self.tried_docks.clear()

    def go_on(self) -> None:
        """The rest is over: back to the leg that was under way."""
        self.go_home("")
        self.tries = self.failed_legs = 0

    @property
    def lap_words(self) -> str:
        return f"lap {self.lap} of {self.laps}" if self.laps else f"lap {self.lap}"

    def fraction_done(self, now_s: float) -> float:
        """Legs behind the robot, of all laps; or time, where that is what counts."""
        if self.return_reason and self.return_code is ErrorCode.NONE and self.rest is None:
            return 1.0
        if self.laps == 0:
            return min((now_s - self.started_s) / max(self.ends_s - self.started_s, 1.0), 1.0)
        done = (self.lap - 1) * len(self.legs) + self.leg_index
        return done / (self.laps * len(self.legs))


def second_legs(missed: list[Checkpoint]) -> list[Leg]:
    """A leg of one pose to each checkpoint that was missed."""
    return [Leg(np.array([[c.pose.x_m, c.pose.y_m, c.pose.yaw_rad]]), c) for c in missed]
