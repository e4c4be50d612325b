"""One guided walk: what is known of it while it lasts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from patrol_core.geometry import Pose2
from patrol_core.types.dialogue import GuideGoal
from patrol_hri.guiding.companion import Companion
from patrol_hri.guiding.line import Line
from patrol_hri.languages.catalogue import Language
from patrol_hri.wayfinding.legs import Passed


class Stage(Enum):
    """MEETING: the patrol pauses, the visitor is looked for. WAITING: for the visitor."""

    MEETING = "meeting"
    LEADING = "leading"
    WAITING = "waiting"


@dataclass(slots=True)
class Walk:
    """`end_m`: how far along `line` it goes; `to_place`: that is the place itself.

    `name` of the place in `language`. `to_tell`: places on the way, not passed yet.
    `from_patrol`: a patrol waits for the robot. `since_s`: when the stage began. `free_s`: when
    the gate last let it drive, or the visitor was last asked for room.
    """

    goal: GuideGoal
    language: Language
    name: str
    line: Line
    end_m: float
    to_place: bool
    companion: Companion
    start: Pose2
    to_tell: list[Passed]
    from_patrol: bool = False
    stage: Stage = Stage.MEETING
    since_s: float = 0.0
    reached_m: float = 0.0
    reminded: bool = False
    free_s: float = 0.0
    message: str = ""
    fed_back_s: float = -math.inf

    def turn_to(self, stage: Stage, now_s: float) -> None:
        self.stage, self.since_s, self.reminded = stage, now_s, False

    def waiting_s(self, now_s: float) -> float:
        return now_s - self.since_s if self.stage is Stage.WAITING else 0.0
