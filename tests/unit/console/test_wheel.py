from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.console_robot import LinkedRobot

from patrol_console.driving.params import DrivingParams
from patrol_console.driving.wheel import PERIOD_S, Grip, Wheel
from patrol_core.topics import CMD_VEL_TELEOP, ESTOP, TELEOP_LEASE
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import EstopState, TeleopLease
from patrol_core.web.asking import RefusalError

PARAMS = DrivingParams()


class Rig:
    """A wheel, and a page that answers when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.robot = LinkedRobot(folder)
        self.wheel = Wheel(self.robot.link, PARAMS)
        self.now_s = 50.0

    def take(self, who: str = "ada", *, over: bool = False, why: str = "") -> Grip:
        return self.wheel.take(who, over, why)[0]

    def number(self, grip: Grip) -> int:
        return int(self.wheel.document(grip, self.now_s)["n"])

    def press(self, grip: Grip, linear: float = 1.0, late_s: float = 0.0) -> None:
        """Answer a fresh number, so late."""
        number = self.number(grip)
        self.pass_s(late_s)
        self.wheel.hear(grip, number, linear, 0.0, True, self.now_s)

    def release(self, grip: Grip) -> None:
        self.wheel.hear(grip, self.number(grip), 0.0, 0.0, False, self.now_s)

    def pass_s(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s - 1e-9:
            self.now_s = min(self.now_s + PERIOD_S, end_s)
            self.wheel.tick(self.now_s)

    def command(self) -> VelocityCommand:
        self.robot.tick()
        said: list[VelocityCommand] = self.robot.said_on(CMD_VEL_TELEOP)
        return said[-1]

    def lease(self) -> TeleopLease:
        self.robot.tick()
        said: list[TeleopLease] = self.robot.said_on(TELEOP_LEASE)
        return said[-1]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_who_takes_the_robot_moves_it_only_with_a_fresh_grip(rig: Rig) -> None:
    grip = rig.take()
    assert rig.lease() == TeleopLease(0.0, "ada", False)
    rig.press(grip)
    assert rig.command().is_zero(), "a grip that was there before it was let go does not count"
    rig.release(grip)
    rig.press(grip, 0.5)
    assert rig.command().linear_mps == pytest.approx(0.5 * PARAMS.speed_mps)
    assert rig.lease().dead_man
    rig.release(grip)
    assert rig.command().is_zero() and not rig.lease().dead_man


def test_a_command_ends_by_itself_and_needs_a_new_press(rig: Rig) -> None:
    grip = rig.take()
    rig.release(grip)
    rig.press(grip)
    rig.pass_s(PARAMS.expires_s + PERIOD_S)
    assert rig.command().is_zero() and not rig.lease().dead_man
    rig.press(grip)
    assert rig.command().is_zero()
    rig.release(grip)
    rig.press(grip)
    assert not rig.command().is_zero()


@pytest.mark.parametrize(
    ("late_s", "share"), [(0.0, 1.0), (0.14, 1.0), (0.275, 0.5), (0.39, 0.04), (0.41, 0.0)]
)
def test_the_later_the_slower(rig: Rig, late_s: float, share: float) -> None:
    grip = rig.take()
    rig.release(grip)
    rig.press(grip, 1.0, late_s)
    assert rig.command().linear_mps == pytest.approx(share * PARAMS.speed_mps, abs=1e-6)


def test_a_number_that_was_never_given_moves_nothing(rig: Rig) -> None:
    grip = rig.take()
    rig.release(grip)
    for number in (0, -1, 10**9):
        rig.wheel.hear(grip, number, 1.0, 0.0, True, rig.now_s)
        assert rig.command().is_zero()


def test_one_person_at_a_time_and_a_take_over_is_deliberate(rig: Rig) -> None:
    ada = rig.take("ada")
    rig.release(ada)
    with pytest.raises(RefusalError, match="ada has the robot"):
        rig.take("bo")
    rig.take("bo", over=True, why="ada is asleep")
    rig.press(ada)
    assert rig.command().is_zero() and rig.lease().holder == "bo"
    told = rig.wheel.document(ada, rig.now_s)
    assert told["words"] == "bo took the robot over: ada is asleep"


def test_another_page_of_the_same_person_is_told(rig: Rig) -> None:
    first = rig.take("ada")
    rig.release(first)
    second = rig.take("ada")
    rig.press(first)
    assert rig.command().is_zero()
    told = rig.wheel.document(first, rig.now_s)
    assert not told["mine"] and told["words"] == "you drive on another page now"
    assert rig.wheel.document(second, rig.now_s)["words"] != told["words"]


def test_who_drives_outside_the_console_is_not_driven_over(rig: Rig) -> None:
    rig.robot.hear(TELEOP_LEASE, TeleopLease(0.0, "teleop", dead_man=True))
    rig.robot.tick()
    for over in (False, True):
        with pytest.raises(RefusalError, match="teleop drives it"):
            rig.take(over=over)
    assert rig.wheel.holder == ""
    rig.robot.tick(1.0)
    rig.take()
    assert rig.wheel.holder == "ada"


def test_its_own_lease_heard_again_bars_nobody(rig: Rig) -> None:
    rig.take("ada")
    own = rig.lease()
    rig.wheel.give_back(rig.now_s)
    rig.robot.hear(TELEOP_LEASE, own)
    rig.robot.tick()
    rig.take("bo")
    assert rig.wheel.holder == "bo"


def test_a_command_that_comes_too_late_does_not_go_on_before_the_next_tick(rig: Rig) -> None:
    grip = rig.take()
    rig.release(grip)
    rig.press(grip)
    number = rig.number(grip)
    rig.now_s += PARAMS.expires_s + 0.01
    rig.wheel.hear(grip, number, 1.0, 0.0, True, rig.now_s)
    assert rig.command().is_zero() and not rig.lease().dead_man


def test_however_much_a_page_says_one_command_goes_out_a_tick(rig: Rig) -> None:
    grip = rig.take()
    rig.release(grip)
    rig.robot.link.say(ESTOP, EstopState(0.0, "console", pressed=True))
    for share in range(3000):
        rig.wheel.hear(grip, rig.number(grip), share / 3000.0, 0.0, True, rig.now_s)
    rig.robot.tick()
    assert [command.linear_mps for command in rig.robot.said_on(CMD_VEL_TELEOP)] == [
        pytest.approx(2999.0 / 3000.0 * PARAMS.speed_mps)
    ]
    assert len(rig.robot.said_on(TELEOP_LEASE)) == len(rig.robot.said_on(ESTOP)) == 1


def test_who_loses_the_line_keeps_a_standing_robot_for_a_while(rig: Rig) -> None:
    grip = rig.take()
    rig.release(grip)
    rig.press(grip)
    rig.wheel.lose(grip, rig.now_s)
    assert rig.command().is_zero()
    assert (rig.lease().holder, rig.lease().dead_man) == ("ada", False)
    rig.pass_s(PARAMS.kept_s - 1.0)
    assert rig.wheel.holder == "ada"
    lapsed = {rig.wheel.tick(rig.now_s + step * PERIOD_S) for step in range(60)}
    assert lapsed == {"ada", ""}
    assert rig.wheel.holder == "" and rig.lease().holder == ""


def test_giving_it_back_lets_the_mission_go_on(rig: Rig) -> None:
    rig.take()
    rig.wheel.give_back(rig.now_s)
    assert rig.lease().holder == ""
    rig.pass_s(1.0)
    rig.robot.tick()
    before = len(rig.robot.said)
    rig.pass_s(1.0)
    rig.robot.tick()
    assert len(rig.robot.said) == before, "who has nothing says nothing"


words = st.tuples(
    st.sampled_from(["fresh", "old", "none"]), st.floats(-1.0, 1.0), st.booleans(),
    st.floats(0.0, 0.6),
)  # fmt: skip


@given(st.lists(words, max_size=25))
@settings(max_examples=50, deadline=None)
def test_nothing_moves_without_a_fresh_held_word(
    history: list[tuple[str, float, bool, float]],
) -> None:
    rig = Rig(Path("unused"))
    grip = rig.take()
    old = rig.number(grip)
    last_held_s = -1.0
    for kind, linear, held, wait_s in history:
        rig.pass_s(wait_s)
        number = {"fresh": rig.number(grip), "old": old, "none": 0}[kind]
        age_s = grip.numbers.age_s(number, rig.now_s)
        rig.wheel.hear(grip, number, linear, 0.0, held, rig.now_s)
        if held and age_s is not None and age_s <= PARAMS.refused_from_s:
            last_held_s = rig.now_s
        if not held:
            last_held_s = -1.0
        command = rig.command()
        assert abs(command.linear_mps) <= PARAMS.speed_mps + 1e-9
        if not command.is_zero():
            assert rig.now_s - last_held_s <= PARAMS.expires_s + PERIOD_S


def test_creeping_past_the_fence_is_asked_for_ends_by_itself_and_with_the_grip(rig: Rig) -> None:
    grip = rig.take()
    rig.release(grip)
    assert rig.wheel.override(grip, True, rig.now_s)
    assert not rig.lease().override, "nobody holds on"
    rig.press(grip)
    assert rig.lease().override
    rig.release(grip)
    assert not rig.lease().override
    rig.pass_s(PARAMS.override_s / 2.0)
    rig.press(grip)
    assert rig.lease().override, "it goes on for who presses again"
    rig.pass_s(PARAMS.override_s / 2.0 + 0.1)
    rig.release(grip)
    rig.press(grip)
    assert rig.lease().dead_man and not rig.lease().override
    assert rig.wheel.document(grip, rig.now_s)["override_s"] == 0.0


def test_who_has_not_the_robot_lifts_no_fence(rig: Rig) -> None:
    first = rig.take()
    second = rig.take("bo", over=True, why="first is asleep")
    assert not rig.wheel.override(first, True, rig.now_s)
    rig.release(second)
    rig.press(second)
    assert rig.lease().dead_man and not rig.lease().override
    rig.wheel.override(second, True, rig.now_s)
    rig.wheel.override(second, False, rig.now_s)
    rig.press(second)
    assert not rig.lease().override
