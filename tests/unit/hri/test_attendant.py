"""What conversations set off reaches the rest of the robot, and nothing else does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from tests.unit.hri.dialogue_world import LANGUAGES, POSE, World

from patrol_core.actions import ASK, GUIDE_VISITOR
from patrol_core.bus import Mailbox
from patrol_core.component import Outputs
from patrol_core.result import Result
from patrol_core.topics import (
    AMCL_POSE,
    DIALOGUE,
    FINDINGS,
    GATE_STATUS,
    INCIDENTS,
    OPERATOR_LINES,
    PATROL_COMMAND,
    PATROL_STATUS,
    Topic,
)
from patrol_core.types.dialogue import (
    AskRequest,
    DialogueEvent,
    DialogueKind,
    OperatorLine,
    OperatorVerb,
)
from patrol_core.types.mission import (
    VISITOR_TALK,
    GoalResult,
    PatrolState,
    PatrolStatus,
    PatrolVerb,
)
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import FindingKind, Incident
from patrol_core.types.status import Authority, GateState, GateStatus
from patrol_hri.attendant import EVENTS_A_TICK, Attendant
from patrol_hri.front_desk import FrontDesk
from patrol_hri.greeting import Greeter, GreetingParams
from patrol_hri.kiosk.params import KioskParams
from patrol_hri.staying import Staying, StayingParams


class Robot:
    """An attendant with one visitor at its own screen."""

    def __init__(self, **staying: float) -> None:
        self.world = World()
        self.session = self.world.reception.open("kiosk", 0.0, "en")
        front = FrontDesk(None, KioskParams(), False, False)  # type: ignore[arg-type]
        greeter = Greeter((), lambda now_s: (0, 0), GreetingParams())
        self.attendant = Attendant(
            lambda: self.world.reception, front, greeter, Staying(StayingParams(**staying)),
            LANGUAGES, "en", np.random.default_rng(1),
        )  # fmt: skip
        self.attendant.reception()
        self.mailbox = Mailbox(self.attendant.reads)
        self.now_s = 0.0
        self.patrol = (PatrolState.PATROLLING, "")
        self.said: list[tuple[Topic[Any], Any]] = []

    def put(self, topic: Topic[Any], value: Any) -> None:
        self.mailbox.store(topic, value, self.now_s)

    def say(self, text: str) -> str:
        return self.world.reception.hear(self.session, text, self.now_s).text

    def tick(self, count: int = 1) -> Outputs:
        for _ in range(count):
            self.now_s = round(self.now_s + 0.1, 6)
            self.put(AMCL_POSE, PoseEstimate(self.now_s, POSE))
            self.put(GATE_STATUS, GateStatus(
                self.now_s, GateState.PASSING, Authority.MISSION, (), 1.0, 0.0, 0.0, 0.0, 0.0, 9.0
            ))  # fmt: skip
            state, message = self.patrol
            self.put(PATROL_STATUS, PatrolStatus(
                self.now_s, "p", state, "r", 1, 1, "", 0.0, message
            ))  # fmt: skip
            outputs = self.attendant.step(self.mailbox.snapshot(), self.now_s)
            self.said += list(outputs)
        return outputs

    def of(self, topic: Topic[Any]) -> list[Any]:
        return [value for row, value in self.said if row is topic]


def test_a_call_for_help_is_a_finding_where_the_robot_stands_until_it_is_stored() -> None:
    robot = Robot()
    robot.say("my friend, fire!")
    robot.tick(25)
    first, again = robot.of(FINDINGS)
    assert first == again and first.kind is FindingKind.EMERGENCY
    assert (first.x_m, first.y_m) == (POSE.x_m, POSE.y_m)
    assert "fire" in first.reason and "my friend" not in first.reason
    (event,) = [e for e in robot.of(DIALOGUE) if e.kind is DialogueKind.EMERGENCY]
    assert "my friend" in event.text
    robot.put(INCIDENTS, Incident(
        robot.now_s, 1, first.finding_id, 1, first.kind, first.x_m, first.y_m, first.reason, False
    ))  # fmt: skip
    robot.said.clear()
    robot.tick(50)
    assert robot.of(FINDINGS) == []


def test_who_cries_again_adds_no_second_incident() -> None:
    robot = Robot()
    for _ in range(5):
        robot.say("fire!")
        robot.tick()
    assert len({finding.finding_id for finding in robot.of(FINDINGS)}) == 1
    assert sum(e.kind is DialogueKind.EMERGENCY for e in robot.of(DIALOGUE)) == 5
    robot.now_s += 300.0
    robot.say("fire!")
    robot.tick()
    assert len({finding.finding_id for finding in robot.of(FINDINGS)}) == 2


def test_a_walk_is_asked_of_the_guide_followed_and_stopped() -> None:
    robot = Robot()
    robot.tick()
    robot.say("guide:office")
    robot.say("yes")
    robot.tick()
    (goal,) = robot.of(GUIDE_VISITOR.goal)
    assert (goal.place_id, goal.session_id, goal.language) == ("office", robot.session, "en")
    robot.put(DIALOGUE, DialogueEvent(
        robot.now_s, robot.session, DialogueKind.GUIDING, "en", "robot", "Please follow me.",
        math.nan, math.nan,
    ))  # fmt: skip
    robot.tick()
    lines = [line.text for line in robot.world.reception.lines(robot.session)]
    assert lines[-1] == "Please follow me."
    robot.say("stop")
    robot.tick()
    assert [cancel.goal_id for cancel in robot.of(GUIDE_VISITOR.cancel)] == [goal.goal_id]
    robot.put(GUIDE_VISITOR.result, GoalResult(goal.goal_id, Result.canceled()))
    robot.tick()
    robot.say("guide:office")
    robot.say("yes")
    robot.tick()
    assert len(robot.of(GUIDE_VISITOR.goal)) == 2


def test_a_question_from_elsewhere_is_answered_at_the_same_tick() -> None:
    robot = Robot()
    robot.put(ASK.request, AskRequest("r1", "", "en", "question"))
    (answer,) = robot.tick().of(ASK.response)
    assert (answer.request_id, answer.text) == ("r1", "We open at 8.")
    assert answer.source.startswith("visitors.yaml")
    robot.put(ASK.request, AskRequest("r2", answer.session_id, "en", "repeat"))
    (again,) = robot.tick().of(ASK.response)
    assert again.session_id == answer.session_id
    robot.put(ASK.request, AskRequest("r3", "of yesterday", "en", "thanks"))
    (anew,) = robot.tick().of(ASK.response)
    assert anew.session_id not in ("of yesterday", answer.session_id) and anew.text


def test_an_operator_speaks_to_the_visitor_who_may_have_gone() -> None:
    robot = Robot()
    robot.put(OPERATOR_LINES, OperatorLine(0.0, robot.session, OperatorVerb.SAY, "op", "I come."))
    robot.put(OPERATOR_LINES, OperatorLine(0.0, "gone", OperatorVerb.SAY, "op", "Hello?"))
    robot.tick()
    assert "I come." in [line.text for line in robot.world.reception.lines(robot.session)]


def test_who_wants_a_human_is_told_again_until_one_comes() -> None:
    robot = Robot()
    robot.say("human")
    robot.tick(120)
    calls = [e for e in robot.of(DIALOGUE) if e.kind is DialogueKind.HUMAN_WANTED]
    assert len(calls) >= 3 and len(set(calls)) == 1
    robot.put(OPERATOR_LINES, OperatorLine(0.0, robot.session, OperatorVerb.TAKE, "op", ""))
    robot.tick()
    robot.said.clear()
    robot.tick(120)
    assert [e for e in robot.of(DIALOGUE) if e.kind is DialogueKind.HUMAN_WANTED] == []


def test_the_patrol_waits_while_somebody_talks_and_not_for_ever() -> None:
    robot = Robot(after_word_s=10.0, longest_s=20.0, apart_s=30.0)
    robot.tick()
    assert robot.of(PATROL_COMMAND) == []
    paused_s = 0.0
    for _ in range(400):
        robot.say("thanks")
        for command in robot.tick().of(PATROL_COMMAND):
            paused = command.verb is PatrolVerb.PAUSE
            state = PatrolState.PAUSED if paused else PatrolState.PATROLLING
            robot.patrol = (state, f"paused by {command.who}" if paused else "")
        paused_s += 0.1 * (robot.patrol[0] is PatrolState.PAUSED)
    verbs = [(command.verb, command.who) for command in robot.of(PATROL_COMMAND)]
    assert verbs == [(PatrolVerb.PAUSE, VISITOR_TALK), (PatrolVerb.RESUME, VISITOR_TALK)]
    assert 19.0 < paused_s < 21.0


def test_what_an_operator_has_paused_stays_paused() -> None:
    robot = Robot()
    robot.patrol = (PatrolState.PAUSED, "paused by operator")
    robot.say("thanks")
    robot.tick(600)
    assert robot.of(PATROL_COMMAND) == []


def test_no_reader_is_flooded() -> None:
    robot = Robot()
    for _ in range(3 * EVENTS_A_TICK):
        robot.world.reception.open("phone", 0.0)
    counts = [len(robot.tick().of(DIALOGUE)) for _ in range(8)]
    assert max(counts) == EVENTS_A_TICK
    assert counts[-1] == 0
