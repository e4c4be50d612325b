"""Who moves the robot, and which commands are refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gate_world import ROBOT

from patrol_core.bus import Mailbox
from patrol_core.topics import CMD_VEL_NAV, CMD_VEL_TELEOP, TELEOP_LEASE
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import Authority, TeleopLease
from patrol_gate.authority import Wish, choose, within_drive
from patrol_gate.params import GateParams

NOW_S = 50.0
PARAMS = GateParams()


class Desk:
    """Commands and leases as they arrive."""

    def __init__(self) -> None:
        self.mailbox = Mailbox((CMD_VEL_NAV, CMD_VEL_TELEOP, TELEOP_LEASE))

    def nav(
        self, linear: float, angular: float = 0.0, age_s: float = 0.0, late_s: float = 0.0
    ) -> Desk:
        command = VelocityCommand(NOW_S - age_s, linear, angular)
        self.mailbox.store(CMD_VEL_NAV, command, NOW_S - late_s)
        return self

    def hand(self, linear: float, grip: bool = True, late_s: float = 0.0) -> Desk:
        self.mailbox.store(TELEOP_LEASE, TeleopLease(NOW_S - late_s, "ben", grip), NOW_S - late_s)
        self.mailbox.store(CMD_VEL_TELEOP, VelocityCommand(NOW_S, linear, 0.0), NOW_S)
        return self

    def wish(self, not_before_s: float = -math.inf) -> Wish:
        return choose(self.mailbox.snapshot(), PARAMS, ROBOT.drive, NOW_S, not_before_s)


def test_nobody_asks() -> None:
    wish = Desk().wish()
    assert (wish.authority, wish.command) == (Authority.NONE, None)


def test_the_mission_drives_until_somebody_takes_the_robot() -> None:
    assert Desk().nav(0.5).wish().authority is Authority.MISSION
    wish = Desk().nav(0.5).hand(0.2).wish()
    assert wish.authority is Authority.TELEOP
    assert wish.command is not None
    assert wish.command.linear_mps == 0.2


def test_without_the_grip_the_operators_robot_stands() -> None:
    wish = Desk().nav(0.5).hand(0.2, grip=False).wish()
    assert (wish.authority, wish.command) == (Authority.TELEOP, None)


@pytest.mark.parametrize("age_s", [0.51, -0.51, math.nan])
def test_a_lease_that_is_only_repeated_is_over(age_s: float) -> None:
    desk = Desk().nav(0.5).hand(0.2)
    desk.mailbox.store(TELEOP_LEASE, TeleopLease(NOW_S - age_s, "ben", True), NOW_S)
    assert desk.wish().authority is Authority.MISSION


def test_a_lease_without_a_holder_is_none() -> None:
    desk = Desk().nav(0.5).hand(0.2)
    desk.mailbox.store(TELEOP_LEASE, TeleopLease(NOW_S, "", True), NOW_S)
    assert desk.wish().authority is Authority.MISSION


def test_a_silent_lease_is_over() -> None:
    assert Desk().nav(0.5).hand(0.2, late_s=0.6).wish().authority is Authority.MISSION


@pytest.mark.parametrize(
    ("age_s", "late_s", "key"),
    [
        (0.0, 0.16, "command_expired"),
        (0.26, 0.0, "command_old"),
        (-0.2, 0.0, "command_future"),
        (0.0, -1.0, "command_expired"),
    ],
)
def test_late_commands_are_refused(age_s: float, late_s: float, key: str) -> None:
    wish = Desk().nav(0.5, age_s=age_s, late_s=late_s).wish()
    assert wish.command is None
    assert wish.reason is not None
    assert wish.reason.key == key


def test_the_bounds_themselves_pass() -> None:
    assert Desk().nav(0.5, age_s=0.25, late_s=0.15).wish().command is not None


def test_commands_from_before_a_reset_are_refused() -> None:
    assert Desk().nav(0.5, age_s=0.1).wish(not_before_s=NOW_S - 0.05).command is None


BAD = st.sampled_from([math.nan, math.inf, -math.inf, 1e9, -1e9, 3.1, -3.1])


@settings(max_examples=40, deadline=None)
@given(BAD, st.floats(-1.0, 1.0), st.booleans())
def test_absurd_numbers_never_pass(bad: float, good: float, swap: bool) -> None:
    wish = Desk().nav(*((good, bad) if swap else (bad, good))).wish()
    assert wish.command is None
    assert wish.reason is not None
    assert wish.reason.key == "command_absurd"


def test_a_stamp_that_is_not_a_number_is_refused() -> None:
    assert Desk().nav(0.5, age_s=math.nan).wish().command is None


@settings(max_examples=40, deadline=None)
@given(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
def test_the_drives_limits_keep_the_curvature(linear: float, angular: float) -> None:
    v, w = within_drive(VelocityCommand(0.0, linear, angular), ROBOT.drive)
    drive = ROBOT.drive
    assert -drive.max_reverse_mps - 1e-9 <= v <= drive.max_speed_mps + 1e-9
    assert abs(w) <= drive.max_yaw_rate_radps + 1e-9
    assert v * angular == pytest.approx(w * linear, abs=1e-9)


@pytest.mark.parametrize(
    ("late_s", "authority"), [(0.99, Authority.MISSION), (1.01, Authority.NONE)]
)
def test_a_mission_that_is_silent_for_a_second_wants_nothing(
    late_s: float, authority: Authority
) -> None:
    wish = Desk().nav(0.5, late_s=late_s).wish()
    assert (wish.authority, wish.command) == (authority, None)


def test_an_operator_who_has_not_said_where_to_stands() -> None:
    desk = Desk().nav(0.5)
    desk.mailbox.store(TELEOP_LEASE, TeleopLease(NOW_S, "ben", True), NOW_S)
    wish = desk.wish()
    assert (wish.authority, wish.command) == (Authority.TELEOP, None)
    assert wish.reason is not None
    assert wish.reason.text == "teleop has sent no command"
