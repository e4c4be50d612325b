"""The five motor controllers: for each an emulator and a driver that fit each other, and what a
driver has to say of each fault."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from _wired import Line

from patrol_drivers.link import Link
from patrol_drivers.motors import Clock, Cycle, EventKind, MotorDriver, WheelSpeeds
from patrol_drivers.odrive.driver import ODriveDriver
from patrol_drivers.odrive.params import ODriveParams
from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams
from patrol_drivers.roboteq.driver import RoboteqDriver
from patrol_drivers.roboteq.params import RoboteqParams
from patrol_drivers.sabertooth.driver import SabertoothDriver
from patrol_drivers.sabertooth.params import SabertoothParams
from patrol_drivers.vesc.driver import VescDriver
from patrol_drivers.vesc.params import VescParams
from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import Fault, FaultKind
from patrol_emulators.odrive import controller as odrive
from patrol_emulators.odrive import settings as odrive_params
from patrol_emulators.roboclaw import controller as roboclaw
from patrol_emulators.roboclaw import unit as roboclaw_params
from patrol_emulators.roboteq import controller as roboteq
from patrol_emulators.roboteq import unit as roboteq_params
from patrol_emulators.sabertooth import controller as sabertooth
from patrol_emulators.sabertooth import unit as sabertooth_params
from patrol_emulators.vesc import controller as vesc
from patrol_emulators.vesc import params as vesc_params

PERIOD_S = 0.02
ACCELERATION_RADPS2 = 10.0
TICKS_PER_REV = 9216
"""Of the emulated wheel."""
REST_RADPS = 0.02
VESC_WATCHDOG_S = 0.15
"""Stored in it by a person: the others are told by their drivers."""

LATE = frozenset({EventKind.NO_REPLY, EventKind.NOISE, EventKind.WRONG_CRC})
LOST = frozenset({EventKind.LINK_LOST})
TOLD: Mapping[FaultKind, frozenset[EventKind]] = {
    FaultKind.NOISE: LATE,
    FaultKind.FLIP: LATE,
    FaultKind.DROP: LATE,
    FaultKind.SPLIT: LATE,
    FaultKind.MERGE: LATE,
    FaultKind.DELAY: LATE,
    FaultKind.ECHO: frozenset({EventKind.ECHO}),
    FaultKind.SILENCE: LOST,
    FaultKind.UNPLUG: LOST,
    FaultKind.RESET: frozenset({EventKind.RESET}),
    FaultKind.BROWNOUT: frozenset({EventKind.BROWN_OUT, EventKind.RESET}),
    FaultKind.OVERCURRENT: frozenset({EventKind.OVER_CURRENT, EventKind.FAULT}),
    FaultKind.OVERHEAT: frozenset({EventKind.OVER_TEMPERATURE}),
    FaultKind.ESTOP: frozenset({EventKind.ESTOP}),
    FaultKind.STUCK: frozenset({EventKind.FAULT}),
}
"""What each fault is told as: one of these at least, if the protocol can reveal it."""

BLIND = frozenset({FaultKind.STUCK})
"""An encoder that stands: the controller's own control of the speed winds up, and its wheel may be
faster than commanded until that is noticed: by the driver, or by the controller itself (Roboteq,
whose speed control would keep what it wound up when the driver told it to stop)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A driver and an emulator, set up alike."""

    name: str
    make_emulator: Callable[[float], Emulator]
    make_driver: Callable[[str, Link, Clock], MotorDriver]
    baud: int = 115200
    options: tuple[str, ...] = ()
    """Of `./ronda emulate`, for an emulator like that of `make_emulator`."""
    untold: frozenset[FaultKind] = frozenset()
    """What the protocol cannot reveal."""
    latched: frozenset[FaultKind] = frozenset()
    """What lasts in the controller until its supply is switched off and on."""
    steady: float = 0.06
    """How well the wheels keep a speed, as a share of it."""
    overshoot_radps: float = 0.1
    """By how much the controller's own control of the speed overshoots, without any fault or as
    it stops wheels that still roll after a reset."""


PAIRS = (
    Pair(
        "roboclaw",
        lambda now_s: roboclaw.Roboclaw(roboclaw_params.RoboclawParams(), now_s),
        lambda port, link, clock: RoboClawDriver(
            RoboClawParams(port=port, ticks_per_rev=float(TICKS_PER_REV)), link, clock
        ),
        latched=frozenset({FaultKind.ESTOP}),
    ),
    Pair(
        "roboteq",
        lambda now_s: roboteq.Roboteq(roboteq_params.RoboteqParams(), now_s),
        lambda port, link, clock: RoboteqDriver(
            RoboteqParams(port=port, encoder_ppr=100, gear_ratio=TICKS_PER_REV / 400.0),
            link,
            clock,
        ),
        overshoot_radps=0.5,
        latched=frozenset({FaultKind.ESTOP}),
    ),
    Pair(
        "odrive",
        lambda now_s: odrive.Odrive(odrive_params.OdriveParams(), now_s),
        lambda port, link, clock: ODriveDriver(ODriveParams(port=port), link, clock),
        untold=frozenset({FaultKind.ESTOP}),
        overshoot_radps=0.5,
    ),
    Pair(
        "vesc",
        lambda now_s: vesc.Vescs(
            vesc_params.VescParams(
                timeout_ms=round(1000 * VESC_WATCHDOG_S), timeout_brake_a=10.0, kill_switch=True
            ),
            now_s,
        ),
        lambda port, link, clock: VescDriver(
            VescParams(port=port, can_id=2, pole_pairs=7, gear_ratio=10.0), link, clock
        ),
        options=("--timeout-ms", "150", "--brake-a", "10", "--kill-switch"),
        overshoot_radps=0.7,
    ),
    Pair(
        "sabertooth",
        lambda now_s: sabertooth.Sabertooth(sabertooth_params.SabertoothParams(), now_s),
        lambda port, link, clock: SabertoothDriver(
            SabertoothParams(port=port, full_speed_radps=30.0, watchdog_declared=True),
            link,
            clock,
        ),
        baud=9600,
        untold=frozenset(FaultKind) - {FaultKind.UNPLUG},
        steady=0.3,
    ),
)


class Envelope:
    """How fast the wheels may be: as fast as was commanded a moment ago, or slower than before.

    A wheel that is faster than it was told lately may only roll out. `worst_radps`: by how much
    one was ever faster.
    """

    GRACE_S = 0.3
    """How long an older command may still count: the longest watchdog, 0.15 s, and as long again
    to slow down."""

    def __init__(self) -> None:
        self._commands: deque[tuple[float, tuple[float, float]]] = deque([(0.0, (0.0, 0.0))])
        self._rolling = [[0.0, 0.0], [0.0, 0.0]]
        self.worst_radps = 0.0
        self.worst_s = 0.0

    def command(self, now_s: float, speeds_radps: tuple[float, float]) -> None:
        self._commands.append((now_s, speeds_radps))

    def look(self, now_s: float, speeds_radps: tuple[float, float]) -> None:
        while len(self._commands) > 1 and self._commands[1][0] < now_s - self.GRACE_S:
            self._commands.popleft()
        for wheel, speed in enumerate(speeds_radps):
            for side, sign in enumerate((1.0, -1.0)):
                wanted = max(0.0, *(sign * command[wheel] for _, command in self._commands))
                allowed = max(wanted, self._rolling[wheel][side])
                excess = sign * speed - allowed
                if excess > self.worst_radps:
                    self.worst_radps, self.worst_s = excess, now_s
                self._rolling[wheel][side] = max(wanted, min(allowed, sign * speed))


class Joined:
    """A driver on its emulator, with fresh commands at 50 Hz, and what happened so far."""

    def __init__(self, pair: Pair, seed: int = 3) -> None:
        self.pair = pair
        self.emulator = pair.make_emulator(0.0)
        self.envelope = Envelope()
        self.line = Line(self.emulator, pair.baud, np.random.default_rng(seed), self._look)
        self.driver = pair.make_driver("", self.line, self.line.clock)
        self.cycles: list[Cycle] = []

    def _look(self, now_s: float) -> None:
        self.envelope.look(now_s, self.wheels_radps)

    def start(self) -> str:
        return self.driver.start()

    def run(self, left_radps: float, right_radps: float, seconds: float) -> None:
        end_s = self.line.now_s + seconds
        while self.line.now_s < end_s - 1e-9:
            start_s = self.line.now_s
            self.envelope.command(start_s, (left_radps, right_radps))
            command = WheelSpeeds(start_s, left_radps, right_radps, ACCELERATION_RADPS2)
            self.cycles.append(self.driver.cycle(command))
            self.line.wait(max(start_s + PERIOD_S - self.line.now_s, 0.0))

    def fault(self, kind: FaultKind, duration_s: float, amount: float) -> None:
        self.line.faults.add(Fault(kind, self.line.now_s, duration_s, amount))

    @property
    def wheels_radps(self) -> tuple[float, float]:
        first, second = self.emulator.plant.motors
        return first.speed_radps, second.speed_radps

    @property
    def told(self) -> set[EventKind]:
        return {event.kind for cycle in self.cycles for event in cycle.events}

    @property
    def rests(self) -> bool:
        """Whether the wheels stand, as well as the controller holds them."""
        return max(map(abs, self.wheels_radps)) <= REST_RADPS

    def keeps(self, left_radps: float, right_radps: float) -> bool:
        """Whether the wheels do what is commanded."""
        wanted = (left_radps, right_radps)
        return all(
            abs(speed - want) <= self.pair.steady * abs(want) + 1e-6
            for speed, want in zip(self.wheels_radps, wanted, strict=True)
        )
