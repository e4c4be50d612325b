from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.console_robot import LinkedRobot

from patrol_console.commanding.book import ANSWER_S, CommandBook
from patrol_console.commanding.previews import preview
from patrol_console.commanding.wishes import Do, Wish, read_wish
from patrol_core.actions import NAVIGATE_TO_POSE, PATROL
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.topics import AMCL_POSE, GATE_STATUS, PATROL_COMMAND, PATROL_EVENTS, PATROL_STATUS
from patrol_core.types.mission import (
    GoalResult,
    PatrolEvent,
    PatrolFeedback,
    PatrolState,
    PatrolStatus,
    PatrolVerb,
)
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.status import Authority, GateState, GateStatus
from patrol_core.web.asking import RefusalError

ID = "ab" * 16


class Rig:
    """A book of commands whose robot says what a test has it say."""

    def __init__(self, folder: Path) -> None:
        self.robot = LinkedRobot(folder)
        self.robot.serve()
        self.steady_s = 0.0
        self.book = CommandBook(self.robot.link, lambda: ID, lambda: self.steady_s)

    def patrol(self, state: PatrolState, message: str = "") -> None:
        status = PatrolStatus(
            self.robot.now_s, "p", state, "perimeter", 1, 1, "gate", 0.5, message
        )
        self.robot.hear(PATROL_STATUS, status)
        self.robot.tick()

    def event(self, kind: str, subject: str, message: str = "") -> None:
        where = Pose2(0.0, 0.0, 0.0)
        self.robot.hear(
            PATROL_EVENTS, PatrolEvent(self.robot.now_s, "p", kind, subject, message, where)
        )
        self.robot.tick()

    def states(self) -> list[tuple[str, str]]:
        return [(one["state"], one["answer"]) for one in self.book.document()]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_pausing_is_done_when_the_mission_says_so_and_not_before(rig: Rig) -> None:
    rig.patrol(PatrolState.PATROLLING)
    rig.book.send(Wish(Do.PAUSE), "ada")
    rig.robot.tick()
    [said] = rig.robot.said_on(PATROL_COMMAND)
    assert (said.verb, said.who) == (PatrolVerb.PAUSE, "ada")
    assert rig.states() == [("sent", "")]
    rig.event("operator_command", "pause", "by ada")
    assert rig.states() == [("done", "by ada")]


def test_what_nobody_answers_is_told_so_until_an_answer_comes_after_all(rig: Rig) -> None:
    rig.patrol(PatrolState.PATROLLING)
    rig.book.send(Wish(Do.SKIP), "ada")
    rig.steady_s += ANSWER_S + 0.1
    [(state, answer)] = rig.states()
    assert state == "unanswered" and "10 s" in answer
    rig.event("operator_command", "skip", "by ada")
    assert rig.states() == [("done", "by ada")]


def test_an_older_word_of_the_mission_does_not_answer_a_new_command(rig: Rig) -> None:
    rig.patrol(PatrolState.PATROLLING)
    old = PatrolEvent(rig.robot.now_s - 1.0, "p", "operator_command", "pause", "", Pose2(0, 0, 0))
    rig.book.send(Wish(Do.PAUSE), "ada")
    rig.robot.hear(PATROL_EVENTS, old)
    rig.robot.tick()
    assert rig.states() == [("sent", "")]


def test_a_patrol_is_started_followed_and_its_failure_told(rig: Rig) -> None:
    rig.patrol(PatrolState.IDLE)
    rig.book.send(Wish(Do.START, "perimeter", laps=2), "ada")
    rig.robot.tick()
    [goal] = rig.robot.said_on(PATROL.goal)
    assert (goal.goal_id, goal.route_id, goal.laps) == (ID, "perimeter", 2)
    rig.robot.hear(PATROL.feedback, PatrolFeedback(ID, 1, 0.1, "leaving the dock"))
    rig.robot.tick()
    assert rig.states() == [("acknowledged", "leaving the dock")]
    failed = Result.failure(ErrorCode.BATTERY_LOW, "too little")
    rig.robot.hear(PATROL.result, GoalResult(ID, failed))
    rig.robot.tick()
    assert rig.states() == [("refused", "battery_low: too little")]


def test_driving_somewhere_can_be_ended(rig: Rig) -> None:
    rig.patrol(PatrolState.IDLE)
    rig.book.send(Wish(Do.GO, "", Pose2(20.0, 15.0, 0.0)), "ada")
    rig.book.send(Wish(Do.CANCEL, "1"), "ada")
    rig.robot.tick()
    [cancel] = rig.robot.said_on(NAVIGATE_TO_POSE.cancel)
    assert cancel.goal_id == ID
    rig.robot.hear(NAVIGATE_TO_POSE.result, GoalResult(ID, Result.canceled("standing")))
    rig.robot.tick()
    assert [state for state, _ in rig.states()] == ["done", "refused"]


def test_a_call_is_followed_from_taken_to_answered(rig: Rig) -> None:
    rig.patrol(PatrolState.PATROLLING)
    command = rig.book.send(Wish(Do.LOOK, "", Pose2(20.0, 15.0, 0.0)), "ada")
    rig.event("call_taken", command.key, "priority 90")
    assert rig.states() == [("acknowledged", "priority 90")]
    rig.event("call_answered", command.key, "three sides")
    assert rig.states() == [("done", "three sides")]


def test_a_told_pose_is_taken_when_the_robot_believes_to_be_there(rig: Rig) -> None:
    rig.patrol(PatrolState.IDLE)
    rig.book.send(Wish(Do.SET_POSE, "", Pose2(5.0, 5.0, 0.0)), "ada")
    for x_m, state in ((9.0, "sent"), (5.2, "done")):
        rig.robot.tick(0.1)
        pose = Pose2(x_m, 5.0, 0.0)
        rig.robot.hear(AMCL_POSE, PoseEstimate(rig.robot.now_s, pose))
        rig.robot.tick(0.1)
        assert rig.states()[0][0] == state


@pytest.mark.parametrize(
    ("state", "wish", "expected"),
    [
        (PatrolState.IDLE, Wish(Do.PAUSE), "No patrol is under way"),
        (PatrolState.PATROLLING, Wish(Do.START, "perimeter"), "stop it first"),
        (PatrolState.PATROLLING, Wish(Do.GO, "", Pose2(20.0, 15.0, 0.0)), "'look'"),
        (PatrolState.IDLE, Wish(Do.GO, "", Pose2(-500.0, 0.0, 0.0)), "outside the site"),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_is_sent(
    rig: Rig, state: PatrolState, wish: Wish, expected: str
) -> None:
    rig.patrol(state, "to the gate")
    with pytest.raises(RefusalError, match=expected) as refused:
        rig.book.send(wish, "ada")
    assert refused.value.status == 409
    rig.robot.tick()
    assert rig.robot.said == []


def test_nothing_is_sent_to_a_mission_that_is_not_heard(rig: Rig) -> None:
    with pytest.raises(RefusalError, match="mission is not heard"):
        rig.book.send(Wish(Do.STOP), "ada")


def test_a_preview_says_what_keeps_the_robot_from_moving(rig: Rig) -> None:
    rig.patrol(PatrolState.IDLE)
    rig.robot.hear(GATE_STATUS, GateStatus(
        rig.robot.now_s, GateState.LATCHED, Authority.ESTOP, ("pressed",), 0, 0, 0, 0, 0, math.inf
    ))  # fmt: skip
    rig.robot.tick()
    words = preview(Wish(Do.START, "perimeter"), rig.robot.link)
    assert "returns to its dock" in words and "until it is cleared" in words


def test_wishes_are_read_against_the_site(tmp_path: Path) -> None:
    site = LinkedRobot(tmp_path).link.site
    assert read_wish({"do": "start", "laps": 3}, site).laps == 3
    first = site.checkpoints[0]
    wish = read_wish({"do": "go", "checkpoint": first.checkpoint_id}, site)
    assert wish.pose == first.pose and wish.subject == first.name


@pytest.mark.parametrize(
    "body",
    [
        {}, {"do": "fly"}, {"do": ["start"]}, {"do": "start", "laps": 0},
        {"do": "start", "laps": True}, {"do": "start", "route": "nowhere"}, {"do": "go"},
        {"do": "go", "x": "1", "y": 2}, {"do": "go", "x": math.nan, "y": 2.0},
        {"do": "go", "x": 1e9, "y": 2.0}, {"do": "go", "checkpoint": {}}, {"do": "cancel"},
        {"do": "inspect", "subject": "", "x": 1, "y": 1}, {"do": "dock", "dock": 7},
    ],
)  # fmt: skip
def test_other_wishes_are_refused_in_words(body: dict[str, object], tmp_path: Path) -> None:
    site = LinkedRobot(tmp_path).link.site
    with pytest.raises(RefusalError) as refused:
        read_wish(body, site)
    assert refused.value.status in (400, 404) and refused.value.sentence.endswith(".")
