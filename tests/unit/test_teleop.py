"""Driving by hand: keys from bytes, and what an operator's keys make of the rows."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.types.status import Authority, GateState, GateStatus
from ronda_cli.teleop.keys import Key, KeyReader
from ronda_cli.teleop.operator import RELEASED_S, SOURCE, Operator, Said, TeleopParams
from ronda_cli.teleop.view import status_line

PARAMS = TeleopParams()
TICK_S = 0.02
REPEAT_TICKS = 2
GATE = GateStatus(
    0.0, GateState.LIMITED, Authority.TELEOP, ("a wall ahead",), 0.2, 0.3, 0.0, 0.2, 0.0, 0.6
)


class Desk:
    """An operator, a robot that talks, and a clock that differs from the robot's."""

    def __init__(self) -> None:
        self.operator = Operator(PARAMS)
        self.now_s = 50.0
        self.talks = True
        self.said: list[Said] = []

    def run(self, seconds: float, key: Key | None = None) -> list[Said]:
        """`key` is held: it comes again and again."""
        begun = len(self.said)
        for tick in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            if self.talks:
                self.operator.hear_odometry(self.now_s + 1000.0, self.now_s)
                self.operator.hear_gate(GATE, self.now_s)
            if key is not None and tick % REPEAT_TICKS == 0:
                self.operator.press(key, self.now_s)
            self.said.append(self.operator.step(self.now_s))
        return self.said[begun:]


def speeds(said: list[Said]) -> list[tuple[float, float]]:
    return [(s.command.linear_mps, s.command.angular_radps) for s in said if s.command]


def last_lease(said: list[Said]) -> tuple[str, bool]:
    lease = next(s.lease for s in reversed(said) if s.lease)
    return lease.holder, lease.dead_man


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.run(0.2)
    return made


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"wasd", [Key.AHEAD, Key.LEFT, Key.BACK, Key.RIGHT]),
        (b"W q\x1b[A", [Key.AHEAD, Key.STOP, Key.LEAVE, Key.AHEAD]),
        (b"\x1bOB\x1b[C\x1b[D", [Key.BACK, Key.RIGHT, Key.LEFT]),
        (b"\x1b[1;5A\x1b[3~w", [Key.AHEAD]),
        (b"\x1bwr", [Key.AHEAD, Key.RESET]),
        (b"\x1b[ \x1b[A", [Key.STOP, Key.AHEAD]),
        (b"xyz\x00\xff", []),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_keys_from_bytes_in_any_pieces(data: bytes, keys: list[Key], size: int) -> None:
    reader = KeyReader()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [key for piece in pieces for key in reader.take(piece)] == keys


def test_nothing_is_said_before_a_key_drives(desk: Desk) -> None:
    assert all(said == Said() for said in desk.said)


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (Key.AHEAD, (PARAMS.speed_mps, 0.0)),
        (Key.BACK, (-PARAMS.speed_mps, 0.0)),
        (Key.LEFT, (0.0, PARAMS.yaw_rate_radps)),
        (Key.RIGHT, (0.0, -PARAMS.yaw_rate_radps)),
    ],
)
def test_a_key_that_is_held_drives_and_one_stroke_does_not(
    desk: Desk, key: Key, wanted: tuple[float, float]
) -> None:
    desk.operator.press(key, desk.now_s)
    assert set(speeds(desk.run(1.0))) == {(0.0, 0.0)}
    said = desk.run(1.0, key)
    assert set(speeds(said)) == {(0.0, 0.0), wanted}
    assert last_lease(said) == (SOURCE, True)


def test_letting_go_is_zero_with_the_dead_man_released(desk: Desk) -> None:
    desk.run(1.0, Key.AHEAD)
    said = desk.run(PARAMS.held_s + 2 * TICK_S)
    assert speeds(said)[-1] == (0.0, 0.0)
    assert last_lease(said) == (SOURCE, False)


def test_another_key_has_to_be_held_too(desk: Desk) -> None:
    desk.run(1.0, Key.AHEAD)
    desk.operator.press(Key.LEFT, desk.now_s)
    assert speeds([desk.run(TICK_S)[0]]) == [(0.0, 0.0)]


def test_every_command_carries_the_stamp_of_an_odometry_and_none_comes_twice(desk: Desk) -> None:
    said = desk.run(0.5, Key.AHEAD)
    stamps = [s.command.stamp_s for s in said if s.command]
    assert stamps == sorted(set(stamps))
    assert stamps[-1] == pytest.approx(desk.now_s + 1000.0)
    assert all(s.lease and s.command and s.lease.stamp_s == s.command.stamp_s for s in said)
    desk.talks = False
    assert desk.run(0.1, Key.AHEAD) == [Said()] * 5


def test_a_lost_link_gives_the_lease_back_and_wants_the_key_anew(desk: Desk) -> None:
    desk.run(1.0, Key.AHEAD)
    desk.talks = False
    said = desk.run(1.0, Key.AHEAD)
    assert [s.lease.holder for s in said if s.lease] == [""]
    assert speeds(said) == [(0.0, 0.0)]
    assert not desk.operator.has_lease
    desk.talks = True
    assert desk.run(1.0, Key.AHEAD) == [Said()] * 50
    desk.run(0.5)
    assert speeds(desk.run(0.5, Key.AHEAD))[-1] == (PARAMS.speed_mps, 0.0)


def test_the_space_bar_stops_and_is_said_again_and_again(desk: Desk) -> None:
    desk.run(1.0, Key.AHEAD)
    desk.operator.press(Key.STOP, desk.now_s)
    said = desk.run(1.0, Key.AHEAD)
    assert set(speeds(said)) == {(0.0, 0.0)}
    words = [s.estop for s in said if s.estop]
    assert len(words) > 5 and {(w.source, w.pressed) for w in words} == {(SOURCE, True)}


def test_it_is_said_without_a_link_too(desk: Desk) -> None:
    desk.talks = False
    desk.run(2.0)
    desk.operator.press(Key.STOP, desk.now_s)
    assert any(s.estop and s.estop.pressed for s in desk.run(0.2))


def test_a_reset_lets_go_first_and_the_key_that_is_down_moves_nothing(desk: Desk) -> None:
    desk.run(1.0, Key.AHEAD)
    desk.operator.press(Key.STOP, desk.now_s)
    desk.run(0.5, Key.AHEAD)
    desk.operator.press(Key.RESET, desk.now_s)
    said = desk.run(1.0, Key.AHEAD)
    words = [s.estop.pressed for s in said if s.estop]
    resets = [k for k, s in enumerate(said) if s.reset]
    assert words == [False] and len(resets) == 1 and resets[0] > 0
    assert set(speeds(said)) == {(0.0, 0.0)}


@pytest.mark.parametrize("stopped", [False, True])
def test_leaving_stands_gives_back_and_lets_go_of_the_stop(desk: Desk, stopped: bool) -> None:
    desk.run(1.0, Key.AHEAD)
    if stopped:
        desk.operator.press(Key.STOP, desk.now_s)
    desk.operator.press(Key.LEAVE, desk.now_s)
    said = desk.run(RELEASED_S + 2 * TICK_S, Key.AHEAD)
    assert desk.operator.done
    assert set(speeds(said)) == {(0.0, 0.0)}
    assert last_lease(said)[0] == ""
    assert [s.estop.pressed for s in said if s.estop][-1:] == [False] * stopped


def test_a_robot_that_began_anew_is_driven_again(desk: Desk) -> None:
    desk.run(1.0, Key.AHEAD)
    desk.operator.hear_odometry(3.0, desk.now_s)
    said = desk.operator.step(desk.now_s)
    assert said.command is not None and said.command.stamp_s == 3.0


STEPS = st.tuples(st.sampled_from([*Key, None]), st.booleans(), st.floats(0.0, 1.0))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(STEPS, max_size=25))
def test_nothing_moves_without_dead_man_link_and_a_key_that_was_repeated(
    steps: list[tuple[Key | None, bool, float]],
) -> None:
    desk, released_s = Desk(), math.inf
    for key, talks, seconds in steps:
        desk.talks = talks
        for said in desk.run(seconds, key):
            drives = key is not None and key.drives
            released_s = 0.0 if drives else released_s + TICK_S
            if any(map(any, speeds([said]))):
                assert said.lease is not None and said.lease.dead_man
                assert released_s <= PARAMS.held_s + TICK_S and talks
                assert not desk.operator.is_stopped


def test_the_line_says_what_matters(desk: Desk) -> None:
    def line(width: int = 200) -> str:
        return status_line(desk.operator, desk.now_s, width)

    assert (
        line() == "watching  |  link   0 ms  |  gate: limited +0.20 m/s +0.00 rad/s  a wall ahead"
    )
    desk.run(1.0, Key.AHEAD)
    assert line(8) == "ahead  |"
    desk.operator.press(Key.STOP, desk.now_s)
    desk.talks = False
    desk.run(2.0)
    assert line().startswith("EMERGENCY STOP  |  LINK LOST for 2.0 s  |  gate: limited")
    fresh = Operator(PARAMS)
    assert status_line(fresh, 1.0, 200) == "watching  |  no robot  |  gate: silent"
    assert math.isinf(fresh.age_s(1.0))
