"""What an inspection says to others: announcements, events, findings, feedback, its end."""

from __future__ import annotations

import math
from dataclasses import replace

from patrol_core.actions import INSPECT
from patrol_core.component import Inputs, Outputs
from patrol_core.result import Result
from patrol_core.topics import OPERATOR_LINES
from patrol_core.types.dialogue import OperatorLine, OperatorVerb
from patrol_core.types.mission import GoalResult, InspectFeedback
from patrol_core.types.sensors import CompressedImage
from patrol_core.unstored import Unstored
from patrol_mission.inspecting.inspection import Inspection
from patrol_mission.inspecting.journal import Journal, Unfinished
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.inspecting.recovery import event
from patrol_mission.inspecting.telling import finding_of, summary
from patrol_mission.outbox import EventOutbox, tell

ANNOUNCER = "inspection"
FEEDBACK_PERIOD_S = 0.5


class Voice:
    """`begin` comes first at every tick, `finish` last. `journal` knows what is under way."""

    def __init__(
        self, journal: Journal, params: InspectParams, outbox: EventOutbox | None
    ) -> None:
        self.journal, self._outbox = journal, outbox
        self._params = params
        self._unstored = Unstored()
        self._inputs, self._outputs, self._now_s = Inputs({}, {}), Outputs(), 0.0

    def begin(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Take up a tick."""
        self._inputs, self._outputs, self._now_s = inputs, outputs, now_s

    def finish(self) -> None:
        """Say findings that are new, and again those that nobody has stored yet."""
        self._unstored.step(self._inputs, self._outputs, self._now_s)

    def announce(self, inspection: Inspection) -> None:
        """Ask everybody to keep away."""
        inspection.announced_s = self._now_s
        line = OperatorLine(
            self._now_s, "", OperatorVerb.ANNOUNCE, ANNOUNCER, self._params.announcement
        )
        self._outputs.put(OPERATOR_LINES, line)

    def note(self, inspection: Inspection) -> None:
        """Keep what has to be known after a restart."""
        name, done = inspection.subject.name, len(inspection.views)
        self.journal.write(Unfinished(inspection.goal.goal_id, name, done))

    def view(
        self,
        inspection: Inspection,
        away_m: float,
        measured: float,
        photo: CompressedImage | None,
    ) -> None:
        """Tell the newest view; distances as in `finding_of`."""
        finding = finding_of(
            inspection.finding_id, inspection.subject, inspection.views, away_m, measured, photo,
            inspection.started_s, self._now_s, self._params,
        )  # fmt: skip
        self._unstored.add(finding)
        self.record(inspection, "inspection_view", finding.reason)
        self.note(inspection)

    def end(self, inspection: Inspection, result: Result) -> GoalResult:
        """Answer the goal: how it ended, what was seen, and what the operator is to do."""
        reason = inspection.choice.reason
        told = summary(inspection.subject, inspection.views, reason, self._params)
        result = replace(result, message=". ".join(filter(None, (result.message, told))))
        asked = ""
        if inspection.views:
            number = inspection.incident_id
            which = f"incident {number}" if number else f"finding {inspection.finding_id}"
            asked = f" Operator: look at {which}."
        self.record(inspection, "inspection_ended", f"{result.message}.{asked}")
        self.say(inspection, result.message)
        outcome = GoalResult(inspection.goal.goal_id, result)
        self._outputs.put(INSPECT.result, outcome)
        self.journal.clear()
        return outcome

    def record(self, inspection: Inspection, kind: str, message: str) -> None:
        """Write one event."""
        told = event(
            self._inputs, inspection.goal.goal_id, kind, inspection.subject.name, message,
            self._now_s,
        )  # fmt: skip
        tell(told, self._outputs, self._outbox)

    def say(self, inspection: Inspection, message: str) -> None:
        """Feedback with a new message, at once."""
        inspection.message = message
        inspection.fed_back_s = -math.inf
        self.feed_back(inspection)

    def feed_back(self, inspection: Inspection) -> None:
        """Feedback when it is due."""
        if self._now_s - inspection.fed_back_s >= FEEDBACK_PERIOD_S - 1e-6:
            inspection.fed_back_s = self._now_s
            feedback = InspectFeedback(
                inspection.goal.goal_id, len(inspection.views), self._params.views,
                inspection.message,
            )  # fmt: skip
            self._outputs.put(INSPECT.feedback, feedback)
