"""The component between visitors and the rest of the robot: what was said in, what to do out."""

from __future__ import annotations

import contextlib
import math
from collections import deque
from collections.abc import Callable, Mapping

import numpy as np

from patrol_core.actions import ASK, GUIDE_VISITOR
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.topics import (
    AMCL_POSE,
    DIALOGUE,
    FINDINGS,
    GATE_STATUS,
    INCIDENTS,
    OPERATOR_LINES,
    PATROL_COMMAND,
    PATROL_STATUS,
    TRACKS,
)
from patrol_core.types.dialogue import (
    AskRequest,
    AskResponse,
    DialogueEvent,
    DialogueKind,
    GuideGoal,
    OperatorLine,
)
from patrol_core.types.mission import (
    VISITOR_TALK,
    GoalCancel,
    PatrolCommand,
    PatrolState,
    PatrolVerb,
)
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.status import Authority, GateState
from patrol_core.unstored import Unstored
from patrol_hri.dialogue.mind import Surroundings
from patrol_hri.dialogue.reception import Reception
from patrol_hri.errors import ReceptionFullError, UnknownSessionError
from patrol_hri.front_desk import FrontDesk
from patrol_hri.greeting import Greeter, Situation
from patrol_hri.guiding.interruptions import paused_by
from patrol_hri.languages.catalogue import Language
from patrol_hri.staying import Staying
from patrol_hri.turn import Act, ActKind

EVENTS_A_TICK = 50
"""No reader's queue overflows, however much is said at once; the rest follows later."""
COMMAND_AGAIN_S = 2.0
CALL_AGAIN_S = 5.0
ALERT_AGAIN_S = 120.0
"""A cry of the same kind in the same conversation is the same call until then."""
TALKING_S = 30.0
"""Who said something so long ago needs no greeting."""
_HERE = "kiosk"
"""The front end at which a visitor stands beside the robot."""
_WAITS = (PatrolState.PATROLLING, PatrolState.DWELLING, PatrolState.LOOKING)
"""What the patrol may be kept from by who talks with the robot."""
_FINDINGS = {ActKind.ALERT: FindingKind.EMERGENCY, ActKind.REPORT: FindingKind.REPORT}


class Attendant(Component):
    """Carries out what conversations set off, as far as the closed list of acts goes.

    A call for help and a report become findings, repeated until they are stored; a walk becomes a
    goal of the guide, which may refuse it; while somebody talks with the robot, the patrol waits.
    """

    name = "attendant"
    rate_hz = 10.0
    reads = (
        AMCL_POSE, DIALOGUE, GATE_STATUS, INCIDENTS, OPERATOR_LINES, PATROL_STATUS, TRACKS,
        ASK.request, GUIDE_VISITOR.result,
    )  # fmt: skip
    writes = (
        DIALOGUE, FINDINGS, PATROL_COMMAND, ASK.response, GUIDE_VISITOR.goal, GUIDE_VISITOR.cancel,
    )  # fmt: skip

    def __init__(
        self,
        make_reception: Callable[[], Reception],
        front: FrontDesk,
        greeter: Greeter,
        staying: Staying,
        languages: Mapping[str, Language],
        own_language: str,
        rng: np.random.Generator,
    ) -> None:
        """`make_reception` is called in `setup` where a page is served, else for who asks first:
        it takes seconds, and no tick is made meanwhile. `own_language`: code of the site's, to
        greet in.
        """
        self._make_reception = make_reception
        self._ready: Reception | None = None
        self._front, self._greeter, self._staying = front, greeter, staying
        self._languages, self._own_language = languages, own_language
        self._rng = rng
        self._now_s = 0.0
        self._unstored = Unstored()
        self._waiting: deque[DialogueEvent] = deque()
        self._guided: GuideGoal | None = None
        self._commanded_s = -math.inf
        self._alerted_s: dict[tuple[str, str], float] = {}
        self._calls: dict[str, DialogueEvent] = {}
        self._called_s = -math.inf

    def setup(self) -> None:
        if self._front.is_wanted:
            self.reception()

    def close(self) -> None:
        self._front.close()
        if self._ready is not None:
            self._ready.save()

    def reception(self) -> Reception:
        """The one reception, made at the first call."""
        if self._ready is None:
            self._ready = self._make_reception()
        return self._ready

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        self._now_s = now_s
        self._hear_guide(inputs, now_s)
        reception = self._ready
        if reception is not None:
            if self._front.is_wanted:
                self._front.keep_open(reception, self._languages, lambda: self._now_s, now_s)
                self._greet(reception, inputs, now_s)
            reception.set_surroundings(self._surroundings(inputs, now_s))
            reception.step(now_s)
        for line in inputs.events(OPERATOR_LINES):
            self._hear_operator(line, now_s)
        for request in inputs.events(ASK.request):
            outputs.put(ASK.response, self._answer(request, now_s))
        if (reception := self._ready) is not None:
            for act in reception.take_acts():
                self._carry_out(act, inputs, outputs)
            self._waiting += reception.take_events()
            self._stay(reception.heard_s(_HERE), inputs, outputs, now_s)
        for _ in range(min(EVENTS_A_TICK, len(self._waiting))):
            event = self._waiting.popleft()
            self._note_call(event)
            outputs.put(DIALOGUE, event)
        if now_s - self._called_s >= CALL_AGAIN_S:
            self._called_s = now_s
            for event in list(self._calls.values())[:EVENTS_A_TICK]:
                outputs.put(DIALOGUE, event)
        self._unstored.step(inputs, outputs, now_s)
        return outputs

    def _note_call(self, event: DialogueEvent) -> None:
        """Who wants a human is told again, for operators who begin to look later."""
        if event.kind is DialogueKind.HUMAN_WANTED:
            self._calls[event.session_id] = event
        elif event.kind is DialogueKind.CLOSED:
            self._calls.pop(event.session_id, None)

    def _greet(self, reception: Reception, inputs: Inputs, now_s: float) -> None:
        gate = inputs.fresh(GATE_STATUS, now_s)
        authority = Authority.NONE if gate is None else gate.authority
        latched = gate is not None and gate.state is GateState.LATCHED
        stopped = authority is Authority.ESTOP or latched
        talked_s = now_s - reception.heard_s(_HERE)
        situation = Situation(authority is Authority.TELEOP, stopped, talked_s < TALKING_S)
        tracks, pose = inputs.fresh(TRACKS, now_s), _pose(inputs, now_s)
        if self._greeter.step(tracks, pose, situation, now_s) is not None:
            words = self._languages[self._own_language].say("first_words")
            self._front.say(words, self._own_language)

    def _hear_guide(self, inputs: Inputs, now_s: float) -> None:
        """What the guide says reaches the visitor's screen; then it is heard, too."""
        for event in inputs.events(DIALOGUE):
            if event.kind is DialogueKind.GUIDING and event.text:
                with contextlib.suppress(UnknownSessionError):
                    if self._ready is not None:
                        self._ready.tell(event.session_id, event.text, now_s)
                self._front.say(event.text, event.language)
        for result in inputs.events(GUIDE_VISITOR.result):
            if self._guided is not None and result.goal_id == self._guided.goal_id:
                self._guided = None

    def _hear_operator(self, line: OperatorLine, now_s: float) -> None:
        """The visitor may have gone meanwhile: `dialogue` has said so."""
        self._calls.pop(line.session_id, None)
        with contextlib.suppress(UnknownSessionError):
            self.reception().operator(line, now_s)
        if line.text:
            self._front.say(line.text, self._own_language)

    def _surroundings(self, inputs: Inputs, now_s: float) -> Surroundings:
        gate, pose = inputs.fresh(GATE_STATUS, now_s), _pose(inputs, now_s)
        is_free = (
            gate is not None
            and gate.state is not GateState.LATCHED
            and gate.authority in (Authority.NONE, Authority.MISSION)
        )
        guided = "" if self._guided is None else self._guided.session_id
        return Surroundings(pose, is_free and pose is not None and not guided, guided)

    def _answer(self, request: AskRequest, now_s: float) -> AskResponse:
        """One turn of another front end; a session that has ended is begun anew. An empty session
        in the answer: there is no room for another one now.
        """
        reception, session_id = self.reception(), request.session_id
        try:
            reception.lines(session_id)
        except UnknownSessionError:
            try:
                session_id = reception.open("ask", now_s, request.language)
            except ReceptionFullError as error:
                return AskResponse(
                    request.request_id, "", request.language, "", str(error), "", ()
                )
        reply = reception.hear(session_id, request.text, now_s)
        return AskResponse(
            request.request_id, session_id, reply.language, reply.intent.value, reply.text,
            reply.source, reply.choices,
        )  # fmt: skip

    def _carry_out(self, act: Act, inputs: Inputs, outputs: Outputs) -> None:
        if act.kind is ActKind.GUIDE:
            self._guided = GuideGoal(
                self._rng.bytes(16).hex(), act.subject, act.session_id, act.step_free, act.language
            )
            outputs.put(GUIDE_VISITOR.goal, self._guided)
        elif act.kind is ActKind.STOP_GUIDE and self._guided is not None:
            outputs.put(GUIDE_VISITOR.cancel, GoalCancel(self._guided.goal_id))
        elif act.kind is ActKind.REPORT:
            self._unstored.add(self._finding(act, inputs))
        elif act.kind is ActKind.ALERT:
            self._staying.call_for_help(act.stamp_s)
            self._alert(act, inputs)

    def _alert(self, act: Act, inputs: Inputs) -> None:
        """Who cries again in the same conversation adds no incident; `dialogue` tells it."""
        cause = (act.session_id, act.subject)
        self._alerted_s = {
            key: stamp_s
            for key, stamp_s in self._alerted_s.items()
            if act.stamp_s - stamp_s < ALERT_AGAIN_S
        }
        if cause not in self._alerted_s:
            self._alerted_s[cause] = act.stamp_s
            self._unstored.add(self._finding(act, inputs))

    def _finding(self, act: Act, inputs: Inputs) -> Finding:
        """Where no place was said, it is where the robot stands."""
        x_m, y_m = act.x_m, act.y_m
        pose = _pose(inputs, act.stamp_s)
        if not math.isfinite(x_m + y_m) and pose is not None:
            x_m, y_m = pose.x_m, pose.y_m
        name = f"{round(act.stamp_s * 1000):010d}-{self._rng.bytes(4).hex()}"
        return Finding(
            name, 1, act.stamp_s, _FINDINGS[act.kind], x_m, y_m, 0.0, 0.0, 1.0, act.stamp_s,
            _reason(act), (),
        )  # fmt: skip

    def _stay(self, heard_s: float, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Let the patrol wait, or go on. What an operator has paused is left alone."""
        stays = self._staying.step(heard_s, now_s)
        status = inputs.fresh(PATROL_STATUS, now_s)
        if status is None or self._guided is not None:
            return
        verb = None
        if stays and status.state in _WAITS:
            verb = PatrolVerb.PAUSE
        elif not stays and paused_by(VISITOR_TALK, status):
            verb = PatrolVerb.RESUME
        if verb is not None and now_s - self._commanded_s >= COMMAND_AGAIN_S:
            self._commanded_s = now_s
            outputs.put(PATROL_COMMAND, PatrolCommand(now_s, verb, VISITOR_TALK))


def _pose(inputs: Inputs, now_s: float) -> Pose2 | None:
    estimate = inputs.fresh(AMCL_POSE, now_s)
    return None if estimate is None else estimate.pose


def _reason(act: Act) -> str:
    """What a report says was given for the operator; a cry for help is not kept word by word."""
    if act.kind is ActKind.ALERT:
        return f"Somebody beside the robot calls for help ({act.subject})."
    return f"A visitor reports: {act.text}"
