"""The guide against a scripted robot, patrol and visitor."""

from __future__ import annotations

import math

import pytest
from tests.guided_robot import GuidedRobot, follows
from tests.visitor_sites import drawn, place

from patrol_core.actions import GUIDE_VISITOR, NAVIGATE_TO_POSE
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Status
from patrol_core.site.model import Hours, Site, Zone, ZoneKind
from patrol_core.topics import FINDINGS, GATE_STATUS, PATROL_COMMAND
from patrol_core.types.dialogue import DialogueKind
from patrol_core.types.mission import GoalCancel, PatrolCommand, PatrolState, PatrolVerb
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.status import Authority, GateState, GateStatus
from patrol_hri.wayfinding import WayFinder

START = Pose2(5.0, 10.0, math.pi)
OPEN = (Hours((0, 1, 2, 3, 4), 8 * 3600, 18 * 3600),)
PUBLIC = Zone(
    "public", ZoneKind.PUBLIC, ((6.0, 2.0), (30.0, 2.0), (30.0, 18.0), (6.0, 18.0)), hours=OPEN
)
FAIR = (place("near", (28.0, 10.0)), place("far", (50.0, 10.0)), place("stall", (15.0, 14.0)))
PAUSE_RESUME = [PatrolVerb.PAUSE, PatrolVerb.RESUME]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return drawn(tmp_path_factory.mktemp("field"), *FAIR, zones=(PUBLIC,), size_m=(60.0, 20.0))


@pytest.fixture(scope="module")
def finder(site: Site) -> WayFinder:
    return WayFinder(site)


@pytest.fixture
def robot(site: Site, finder: WayFinder) -> GuidedRobot:
    return GuidedRobot(site, finder, START)


def gate(state: GateState, authority: Authority) -> GateStatus:
    return GateStatus(0.0, state, authority, ("because",), 0.0, 0.0, 0.0, 0.0, 0.0, 9.0)


def test_a_visitor_is_led_to_a_place_and_the_patrol_goes_on(robot: GuidedRobot) -> None:
    robot.ask("near")
    assert robot.until_done().ok
    assert robot.commands == PAUSE_RESUME
    assert robot.pose.distance_to(Pose2(28.0, 10.0)) == pytest.approx(1.0, abs=0.1)
    assert robot.said[0].startswith("Please follow me, about four steps behind.")
    assert robot.said[0].endswith("I am taking you to: NEAR. It is about 20 metres.")
    assert robot.said[1:] == [
        "On your left is: STALL. About the stall.",
        "Here we are: NEAR. I am going back to my work now. Goodbye.",
    ]
    first = robot.told[0]
    assert (first.session_id, first.kind, first.speaker) == ("s1", DialogueKind.GUIDING, "robot")
    assert (first.x_m, first.y_m) == (5.0, 10.0)
    remaining = [one.distance_remaining_m for one in robot.feedback]
    assert remaining == sorted(remaining, reverse=True) and remaining[-1] < 1.5
    assert robot.feedback[-1].message == robot.said[-1]


def test_it_hands_over_at_the_border_of_where_visitors_may_be(robot: GuidedRobot) -> None:
    robot.ask("far")
    result = robot.until_done()
    assert result.ok and "as far as visitors may be led" in result.message
    assert max(x for x, _ in robot.track_m) == pytest.approx(30.0, abs=0.3)
    assert robot.said[0].startswith("Please follow me, about four steps behind. I can take you")
    assert robot.said[-2] == (
        "I may not lead you any farther. This is how you go on. Walk straight ahead, past me, for "
        "about 20 metres. Then you are there: FAR. It is about 20 metres in all, less than a "
        "minute on foot."
    )
    assert robot.commands == PAUSE_RESUME


def test_nobody_is_led_where_it_is_closed(site: Site, finder: WayFinder) -> None:
    robot = GuidedRobot(site, finder, START, hour=(1, 22 * 3600))
    robot.ask("near")
    assert robot.until_done().code is ErrorCode.NOT_OPEN_TO_VISITORS
    assert robot.said == ["I am sorry, I may not lead anybody there from here at this hour."]
    assert robot.commands == [] and robot.track_m == []


def test_it_waits_for_who_lags_and_goes_on_when_he_comes(site: Site, finder: WayFinder) -> None:
    def lags(now_s: float, robot: Pose2, at_m: tuple[float, float]) -> tuple[float, float]:
        return at_m if 110.0 < now_s < 125.0 else follows(now_s, robot, at_m)

    robot = GuidedRobot(site, finder, START, lags)
    robot.ask("near")
    robot.tick(24.0)
    assert robot.pose.distance_to(Pose2(*robot.at_m)) == pytest.approx(6.0, abs=0.4)
    assert robot.said[-1].startswith("I am waiting for you.")
    assert robot.feedback[-1].waiting_s > 8.0
    assert robot.until_done().ok
    assert robot.said.count(robot.said[-1]) == 1


def test_who_comes_so_near_that_the_gate_holds_is_asked_for_room(
    site: Site, finder: WayFinder
) -> None:
    robot = GuidedRobot(site, finder, START)
    robot.ask("near")
    robot.tick(4.0)
    for _ in range(20):
        robot.put(GATE_STATUS, gate(GateState.HOLD, Authority.MISSION))
        robot.tick(0.3)
    asked = "Please keep about four steps away from me, so that I can drive."
    assert robot.said.count(asked) == 1
    assert robot.until_done().ok


def test_who_is_hidden_for_a_moment_is_known_by_place_alone(robot: GuidedRobot) -> None:
    robot.ask("near")
    robot.tick(10.0)
    robot.seen = False
    robot.tick(3.0)
    robot.seen, robot.track = True, 2
    assert robot.until_done().ok
    assert not any("waiting" in text for text in robot.said)


def test_it_ends_politely_when_he_has_walked_away(site: Site, finder: WayFinder) -> None:
    def leaves(now_s: float, robot: Pose2, at_m: tuple[float, float]) -> tuple[float, float]:
        return (at_m[0] - 0.1, at_m[1]) if now_s > 112.0 else follows(now_s, robot, at_m)

    robot = GuidedRobot(site, finder, START, leaves)
    robot.ask("near")
    assert robot.until_done().code is ErrorCode.VISITOR_GONE
    assert robot.said[-1].startswith("It seems that you are not coming along")
    assert robot.commands == PAUSE_RESUME


def test_without_anybody_near_it_does_not_leave(site: Site, finder: WayFinder) -> None:
    robot = GuidedRobot(site, finder, START, lambda *_: None)
    robot.ask("near")
    result = robot.until_done()
    assert result.code is ErrorCode.VISITOR_GONE and robot.track_m == []
    assert robot.said == ["I cannot see you near me. Please come closer and ask me again."]
    assert robot.commands == PAUSE_RESUME


INTERRUPTIONS = {
    "teleop": (GATE_STATUS, gate(GateState.PASSING, Authority.TELEOP), ErrorCode.PREEMPTED),
    "estop": (GATE_STATUS, gate(GateState.HOLD, Authority.ESTOP), ErrorCode.GATE_LATCHED),
    "latched": (GATE_STATUS, gate(GateState.LATCHED, Authority.NONE), ErrorCode.GATE_LATCHED),
    "operator": (
        PATROL_COMMAND, PatrolCommand(0.0, PatrolVerb.STOP, "anna"), ErrorCode.STOPPED_BY_OPERATOR,
    ),
    "finding": (
        FINDINGS,
        Finding("f", 1, 0.0, FindingKind.BEHAVIOUR, 9.0, 9.0, 1.0, 1.0, 0.9, 0.0, "lies", ()),
        ErrorCode.PREEMPTED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", INTERRUPTIONS)
def test_anything_of_higher_authority_ends_it(robot: GuidedRobot, name: str) -> None:
    row, value, code = INTERRUPTIONS[name]
    robot.ask("near")
    robot.tick(8.0)
    robot.put(row, value)
    assert robot.until_done(0.2).code is code
    assert robot.said[-1] == ("I am sorry, I am needed for something else and have to stop here.")
    assert robot.line is None and robot.commands == PAUSE_RESUME


def test_a_low_battery_and_a_way_that_cannot_be_driven_end_it(
    site: Site, finder: WayFinder
) -> None:
    for change, code in (
        ({"charge": 0.2}, ErrorCode.BATTERY_LOW),
        ({"fail": ErrorCode.STUCK}, ErrorCode.STUCK),
    ):
        robot = GuidedRobot(site, finder, START)
        robot.ask("near")
        robot.tick(8.0)
        for name, value in change.items():
            setattr(robot, name, value)
        assert robot.until_done(1.0).code is code
        assert robot.commands == PAUSE_RESUME


def test_the_asker_can_end_it(robot: GuidedRobot) -> None:
    robot.ask("near")
    robot.tick(8.0)
    robot.put(GUIDE_VISITOR.cancel, GoalCancel("g1"))
    assert robot.until_done(0.2).status is Status.CANCELED
    assert robot.said[-1] == "All right, we stop here."


@pytest.mark.parametrize(
    "state", [PatrolState.RETURNING, PatrolState.DOCKING, PatrolState.LOOKING]
)
def test_who_has_something_better_to_do_guides_nobody(
    robot: GuidedRobot, state: PatrolState
) -> None:
    robot.state = state
    robot.tick(0.1)
    robot.ask("near")
    assert robot.until_done(0.2).code is ErrorCode.BUSY
    assert robot.commands == []


def test_what_an_operator_has_paused_stays_where_it_is(robot: GuidedRobot) -> None:
    robot.paused_by = "anna"
    robot.tick(0.1)
    robot.ask("near")
    assert robot.until_done(0.2).code is ErrorCode.BUSY
    robot.tick(5.0)
    assert robot.commands == []


def test_one_at_a_time_and_an_answer_for_every_goal(robot: GuidedRobot) -> None:
    robot.ask("near")
    robot.tick(5.0)
    robot.ask("near")
    robot.ask("far", "g2")
    assert robot.until_done(0.2).code is ErrorCode.BUSY
    robot.result = None
    assert robot.until_done().ok
    robot.result = None
    robot.ask("near")
    assert robot.until_done(0.2).ok
    robot.ask("moon", "g3")
    robot.result = None
    assert robot.until_done(0.2).code is ErrorCode.PLACE_UNKNOWN


def test_without_a_patrol_it_goes_back_to_where_it_stood(robot: GuidedRobot) -> None:
    robot.state = PatrolState.IDLE
    robot.tick(0.1)
    robot.ask("near")
    assert robot.until_done().ok
    assert robot.commands == []
    robot.tick(40.0)
    assert robot.goal_row is NAVIGATE_TO_POSE
    assert robot.pose.distance_to(START) < 0.1


def test_a_patrol_left_paused_by_a_guide_that_died_is_resumed(robot: GuidedRobot) -> None:
    robot.paused_by = "visitor guide"
    robot.tick(0.2)
    assert robot.commands == [PatrolVerb.RESUME]
    assert not robot.paused_by


def test_a_patrol_that_does_not_pause_is_left_alone(robot: GuidedRobot) -> None:
    robot.obeys = False
    robot.ask("near")
    assert robot.until_done().code is ErrorCode.BUSY
    assert robot.track_m == []
