"""Faults, hands, resets and restarts at random: after every tick a referee says whether to stand.

The referee knows what was really sent and when, and none of the gate's code.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.gate_world import COMMAND_TICKS, START_S, World

from patrol_core.geometry import Pose2
from patrol_core.topics import (
    AMCL_POSE,
    BUMPER,
    CMD_VEL_NAV,
    CMD_VEL_TELEOP,
    ESTOP,
    IMU,
    LOCALIZATION_STATUS,
    ODOM,
    SCAN,
    TELEOP_LEASE,
    Topic,
)
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import LocalizationLevel, TeleopLease
from patrol_gate.latch import FileLatchStore
from patrol_gate.params import GateParams

ROOM = [(-3.0, -2.0, 4.0, -2.0), (4.0, -2.0, 4.0, 2.5), (4.0, 2.5, -3.0, 2.5)]
TICK_S = 0.02
RELEASE_S = 0.5
NEEDED = (SCAN, ODOM, IMU, BUMPER)
PLACE = (AMCL_POSE, LOCALIZATION_STATUS)
SILENT, FROZEN, FUTURE, ABSURD = FAULTS = ("silent", "frozen", "future", "absurd")

SPOILT: dict[str, dict[str, Any]] = {
    SCAN.name: {"range_max_m": 0.0},
    ODOM.name: {"pose": Pose2(math.nan, 0.0)},
    IMU.name: {"linear_acceleration_mps2": (0.0, 0.0, 0.0)},
    AMCL_POSE.name: {"pose": Pose2(math.nan, 0.0)},
    CMD_VEL_NAV.name: {"linear_mps": math.nan},
    CMD_VEL_TELEOP.name: {"angular_radps": math.inf},
}


@dataclass
class Trial(World):
    """A world with an operator, whose inputs can be spoilt; it keeps what was well sent."""

    def __post_init__(self) -> None:
        self.faults: dict[Topic[Any], str] = {}
        self.good: dict[Topic[Any], Any] = {}
        self.hand: tuple[bool, float, float] | None = None
        self.started_s = START_S
        self.reset_s = self.damaged_s = -math.inf
        super().__post_init__()

    def send(self, topic: Topic[Any], value: Any) -> None:
        fault = self.faults.get(topic)
        if fault is None:
            self.good[topic] = value
        elif fault == FROZEN:
            value = self.good.get(topic)
        elif fault == FUTURE:
            value = replace(value, stamp_s=self.now_s + 10.0)
        elif fault == ABSURD:
            value = replace(value, **SPOILT.get(topic.name, {"stamp_s": math.nan}))
        if fault != SILENT and value is not None:
            super().send(topic, value)

    def _sense(self) -> None:
        super()._sense()
        if self.hand is not None and self._count % COMMAND_TICKS == 0:
            grip, linear, angular = self.hand
            self.send(TELEOP_LEASE, TeleopLease(self.now_s, "ben", grip))
            self.send(CMD_VEL_TELEOP, VelocityCommand(self.now_s, linear, angular))

    def age_s(self, topic: Topic[Any]) -> float:
        """Of what was last well sent, at the gate's last tick."""
        good = self.good.get(topic)
        return math.inf if good is None else self.passed[-1][0] - float(good.stamp_s)


class Referee:
    """Says at every tick why the robot must stand, from what was sent alone."""

    def __init__(self, world: Trial) -> None:
        self._world = world
        self._cause: str | None = None
        self._wrong_s = START_S
        self._sounded_s = self._quiet_s = self._tilted_s = 0.0
        self._told_to_move_s = -math.inf

    def tick(self) -> None:
        world = self._world
        world.tick()
        now_s, passed = world.passed[-1]
        self._note_causes(now_s)
        why = self._why_zero(now_s)
        if not passed.is_zero():
            assert not why, why
            self._check_movement(now_s, passed)
        self._note_warning(now_s, passed)
        assert world.contact is None

    def _note_causes(self, now_s: float) -> None:
        """What latches, until a reset that comes later; a restart changes nothing."""
        world = self._world
        if world.reset_s == now_s:
            self._cause = None
        tilted = world.specific_force != (0.0, 0.0, 9.81) and IMU not in world.faults
        self._tilted_s = self._tilted_s + TICK_S if tilted else 0.0
        estop = world.good.get(ESTOP)
        silence_s = 2.6 if world.faults.get(ESTOP) == FROZEN else 1.1
        if estop is not None and estop.pressed:
            self._cause = "emergency stop"
        elif estop is not None and min(world.age_s(ESTOP), now_s - world.started_s) > silence_s:
            self._cause = "emergency stop silent"
        elif self._tilted_s > 1.5:
            self._cause = "tilt"
        elif world.damaged_s == now_s:
            self._cause = "record damaged"

    def _why_zero(self, now_s: float) -> str:
        world = self._world
        wrong = [t.name for t in NEEDED if world.age_s(t) > t.stale_s + 1e-6]
        if BUMPER not in world.faults and world.good[BUMPER].pressed:
            wrong.append("contact")
        if wrong or now_s in (world.started_s, world.reset_s):
            self._wrong_s = now_s
        if wrong or now_s - self._wrong_s < RELEASE_S - 1.5 * TICK_S:
            return f"held {wrong}"
        if self._cause is not None:
            return self._cause
        lease = world.good.get(TELEOP_LEASE)
        if lease is None or world.age_s(TELEOP_LEASE) > TELEOP_LEASE.stale_s + 1e-6:
            lost = world.good[LOCALIZATION_STATUS].level is LocalizationLevel.LOST
            old = any(world.age_s(t) > t.stale_s + 1e-6 for t in PLACE)
            return "lost" if lost or old else self._command_old(CMD_VEL_NAV)
        fresh = TELEOP_LEASE not in world.faults
        return "dead-man" if fresh and not lease.dead_man else self._command_old(CMD_VEL_TELEOP)

    def _command_old(self, topic: Topic[Any]) -> str:
        """0.15 s after it arrived; a frozen sender goes on until its stamp is 0.25 s old."""
        limit_s = 0.25 if self._world.faults.get(topic) == FROZEN else 0.15
        return "command" if self._world.age_s(topic) > limit_s + 1e-6 else ""

    def _check_movement(self, now_s: float, passed: VelocityCommand) -> None:
        world = self._world
        assert passed.is_finite()
        assert -0.5 - 1e-9 <= passed.linear_mps <= 1.5 + 1e-9
        assert abs(passed.angular_radps) <= 1.5 + 1e-9
        assert 0.0 <= now_s - passed.stamp_s <= 0.25 + 1e-6
        stamps = {world.good[t].stamp_s for t in (CMD_VEL_NAV, CMD_VEL_TELEOP) if t in world.good}
        assert passed.stamp_s in stamps
        status = world.good[LOCALIZATION_STATUS]
        if status.level is LocalizationLevel.LOST:
            assert abs(passed.linear_mps) <= 0.2 + 1e-9
            assert abs(passed.angular_radps) <= 0.5 + 1e-9
        if now_s - self._told_to_move_s > 2.0 + 2.0 * TICK_S:
            assert self._sounded_s > world.params.warning_s - 3.0 * TICK_S

    def _note_warning(self, now_s: float, passed: VelocityCommand) -> None:
        """How long the sound has gone, with gaps of less than a second."""
        world = self._world
        if not passed.is_zero():
            self._told_to_move_s, self._sounded_s = now_s, 0.0
        elif world.warning is not None and world.warning.sound:
            self._sounded_s, self._quiet_s = self._sounded_s + TICK_S, 0.0
        else:
            self._quiet_s += TICK_S
            if self._quiet_s > 1.2:
                self._sounded_s = 0.0


Deed = Callable[[Trial], None]


def fault(topic: Topic[Any], kind: str) -> Deed:
    return lambda world: world.faults.__setitem__(topic, kind)


def mend(world: Trial) -> None:
    world.faults.clear()
    world.pressed = world.estop_pressed = False
    world.specific_force = (0.0, 0.0, 9.81)
    world.level = LocalizationLevel.GOOD


def setting(**values: Any) -> Deed:
    def deed(world: Trial) -> None:
        for name, value in values.items():
            setattr(world, name, value)

    return deed


def reset(world: Trial) -> None:
    world.reset()
    world.reset_s = world.now_s


def restart(world: Trial) -> None:
    world.start_gate()
    world.started_s = world.now_s


def command(linear: float, angular: float) -> Deed:
    return setting(wish=lambda _t: (linear, angular))


def damage(folder: Path) -> Deed:
    """The record of latched stops is spoilt while the gate is not running."""

    def deed(world: Trial) -> None:
        (folder / "latch.json").write_bytes(b'{"latched": [["est')
        world.store = FileLatchStore(folder / "latch.json")
        restart(world)
        world.damaged_s = world.now_s

    return deed


INPUTS = (*NEEDED, *PLACE, ESTOP, CMD_VEL_NAV, CMD_VEL_TELEOP, TELEOP_LEASE)
SPEEDS, TURNS = st.floats(-0.6, 1.6), st.floats(-1.6, 1.6)
DEEDS = st.one_of(
    st.builds(command, SPEEDS, TURNS),
    st.builds(fault, st.sampled_from(INPUTS), st.sampled_from(FAULTS)),
    st.just(mend),
    st.just(reset),
    st.just(restart),
    st.just(setting(estop_pressed=True)),
    st.just(setting(pressed=True)),
    st.just(setting(specific_force=(5.0, 0.0, 8.4))),
    st.sampled_from(LocalizationLevel).map(lambda level: setting(level=level)),
    st.tuples(st.booleans(), SPEEDS, TURNS).map(lambda hand: setting(hand=hand)),
    st.just(setting(hand=None)),
    st.none(),
)
"""None: the record of latched stops is damaged, and the gate starts again."""


@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate])
@given(
    st.lists(st.tuples(st.floats(0.1, 1.6), DEEDS), min_size=4, max_size=10),
    st.integers(-180, 180),
    st.sampled_from([0.0, 1.0]),
)
def test_whatever_happens_the_referee_agrees(
    history: list[tuple[float, Deed | None]], yaw_degrees: int, warning_s: float
) -> None:
    with tempfile.TemporaryDirectory() as name:
        world = Trial(
            walls=ROOM, pose=Pose2(0.0, 0.0, math.radians(yaw_degrees)),
            wish=lambda _t: (0.7, 0.1),
            params=GateParams(warning_s=warning_s), store=FileLatchStore(Path(name, "latch.json")),
        )  # fmt: skip
        referee = Referee(world)
        for _ in range(90):
            referee.tick()
        for pause_s, deed in history:
            (deed or damage(Path(name)))(world)
            for _ in range(round(pause_s / TICK_S)):
                referee.tick()


def test_the_referee_sees_a_robot_that_moves() -> None:
    """Else all of the above could hold because it never does."""
    world = Trial(walls=ROOM, wish=lambda _t: (0.7, 0.1))
    referee = Referee(world)
    for _ in range(90):
        referee.tick()
    assert world.linear_mps > 0.5
    reset(world)
    for _ in range(20):
        referee.tick()
        assert world.passed[-1][1].is_zero()
    for _ in range(60):
        referee.tick()
    assert world.linear_mps > 0.3
