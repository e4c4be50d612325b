"""The component between visitors and the rest of the robot: what was said in, what is to be done out."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np

from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.topics import (
    AMCL_POSE,
    ASK,
    DIALOGUE,
    FINDINGS,
    GATE_STATUS,
    GUIDE_VISITOR,
    INCIDENTS,
    OPERATOR_LINES,
)
from patrol_core.types.dialogue import AskRequest, AskResponse, DialogueEvent, GuideGoal
from patrol_core.types.mission import GoalCancel
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.status import Authority, GateState
from patrol_core.unstored import Unstored
from patrol_hri.dialogue.mind import Surroundings
from patrol_hri.dialogue.reception import Reception
from patrol_hri.errors import UnknownSessionError
from patrol_hri.turn import Act, ActKind

EVENTS_A_TICK = 50
"""No reader's queue overflows, however much is said at once; the rest follows at the next ticks."""


class Attendant(Component):
    """Carries out what conversations set off, as far as the closed list of acts goes.

    A call for help and a report become findings, repeated until they are stored; a walk becomes a
    goal of the guide, which may refuse it.
    """

    name = "attendant"
    rate_hz = 10.0
    reads = (
        AMCL_POSE, GATE_STATUS, INCIDENTS, OPERATOR_LINES, ASK.request,
        GUIDE_VISITOR.feedback, GUIDE_VISITOR.result,
    )  # fmt: skip
    writes = (DIALOGUE, FINDINGS, ASK.response, GUIDE_VISITOR.goal, GUIDE_VISITOR.cancel)

    def __init__(self, reception: Callable[[], Reception], rng: np.random.Generator) -> None:
        """`reception` makes it, when the first visitor comes: it takes a second and memory."""
        self._make = reception
        self._reception: Reception | None = None
        self._rng = rng
        self._unstored = Unstored()
        self._waiting: deque[DialogueEvent] = deque()
        self._guided: GuideGoal | None = None

    def reception(self) -> Reception:
        """The one reception, made at the first call."""
        if self._reception is None:
            self._reception = self._make()
        return self._reception

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        self._follow_guide(inputs)
        if self._reception is not None:
            self._reception.set_surroundings(self._surroundings(inputs, now_s))
            self._reception.step(now_s)
        for line in inputs.events(OPERATOR_LINES):
            self.reception().operator(line, now_s)
        for request in inputs.events(ASK.request):
            outputs.put(ASK.response, self._answer(request, now_s))
        if self._reception is not None:
            for act in self._reception.take_acts():
                self._carry_out(act, inputs, outputs)
            self._waiting += self._reception.take_events()
        for _ in range(min(EVENTS_A_TICK, len(self._waiting))):
            outputs.put(DIALOGUE, self._waiting.popleft())
        self._unstored.step(inputs, outputs, now_s)
        return outputs

    def _follow_guide(self, inputs: Inputs) -> None:
        for result in inputs.events(GUIDE_VISITOR.result):
            if self._guided is not None and result.goal_id == self._guided.goal_id:
                self._guided = None

    def _surroundings(self, inputs: Inputs, now_s: float) -> Surroundings:
        gate = inputs.fresh(GATE_STATUS, now_s)
        pose = self._pose(inputs, now_s)
        is_free = (
            gate is not None
            and gate.state is not GateState.LATCHED
            and gate.authority in (Authority.NONE, Authority.MISSION)
        )
        guided = "" if self._guided is None else self._guided.session_id
        return Surroundings(pose, is_free and pose is not None and not guided, guided)

    def _answer(self, request: AskRequest, now_s: float) -> AskResponse:
        """One turn of another front end; a session that has ended is begun anew."""
        reception = self.reception()
        session_id = request.session_id
        try:
            reception.lines(session_id)
        except UnknownSessionError:
            session_id = reception.open("ask", now_s, request.language)
        reply = reception.hear(session_id, request.text, now_s)
        return AskResponse(
            request.request_id, session_id, reply.language, reply.intent.value, reply.text,
            reply.source, reply.choices,
        )  # fmt: skip

    def _carry_out(self, act: Act, inputs: Inputs, outputs: Outputs) -> None:
        if act.kind is ActKind.GUIDE:
            goal_id = self._rng.bytes(16).hex()
            self._guided = GuideGoal(goal_id, act.subject, act.session_id, act.step_free)
            outputs.put(GUIDE_VISITOR.goal, self._guided)
        elif act.kind is ActKind.STOP_GUIDE and self._guided is not None:
            outputs.put(GUIDE_VISITOR.cancel, GoalCancel(self._guided.goal_id))
        elif act.kind in _FINDINGS:
            self._unstored.add(self._finding(act, inputs))

    def _finding(self, act: Act, inputs: Inputs) -> Finding:
        """Where no place was said, it is where the robot stands."""
        x_m, y_m = act.x_m, act.y_m
        pose = self._pose(inputs, act.stamp_s)
        if not math.isfinite(x_m + y_m) and pose is not None:
            x_m, y_m = pose.x_m, pose.y_m
        name = f"{round(act.stamp_s * 1000):010d}-{self._rng.bytes(4).hex()}"
        return Finding(
            name, 1, act.stamp_s, _FINDINGS[act.kind], x_m, y_m, 0.0, 0.0, 1.0, act.stamp_s,
            _reason(act), (),
        )  # fmt: skip

    @staticmethod
    def _pose(inputs: Inputs, now_s: float) -> Pose2 | None:
        estimate = inputs.fresh(AMCL_POSE, now_s)
        return None if estimate is None else estimate.pose


_FINDINGS = {ActKind.ALERT: FindingKind.EMERGENCY, ActKind.REPORT: FindingKind.REPORT}


def _reason(act: Act) -> str:
    """What a report says was given for the operator; a cry for help is not kept word by word."""
    if act.kind is ActKind.ALERT:
        return f"Somebody beside the robot calls for help ({act.subject})."
    return f"A visitor reports: {act.text}"
