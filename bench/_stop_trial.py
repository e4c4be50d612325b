"""One trial of `./ronda bench stop`: it drives, something fails, it stands, and is mended."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from _stop_controllers import Watched
from _stop_lateness import Waits
from _stop_rig import COMMAND_S, ROBOT, Rig

from patrol_core.processes import BASE, GATE
from patrol_core.topics import SCAN
from patrol_emulators.faults import FaultBoard, parse_fault

GOAL_S = 0.25
LATE_S = 0.02
"""Who waited longer for a processor during a trial had no part in a robot of its own."""
SPEED_MPS = ROBOT.drive.max_speed_mps
DRIVES_MPS = 0.95 * SPEED_MPS
DRIVE_WITHIN_S, ZERO_WITHIN_S, REST_WITHIN_S = 60.0, 5.0, 15.0
STEADY_S = 1.0
AFTERWARDS_S = 0.5
"""For so long the commands go on, as far as they do, after zero was commanded."""
CABLE_S = 4.0
"""How long the cable is away: longer than wheels that roll freely need to stand."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One trial. `tripped`: the controller's watchdog had a part in it. `late_s`: how long the
    emulator, the bench's commands, the gate or the base were held up by the machine meanwhile."""

    controller: str
    kind: str
    speed_mps: float
    zero_after_s: float
    distance_m: float
    tripped: bool
    late_s: float

    @property
    def holds(self) -> bool:
        return self.zero_after_s <= GOAL_S + 1e-6

    @property
    def is_late(self) -> bool:
        """Whether its time says as much of the machine as of the robot."""
        return self.late_s > LATE_S


class Trial:
    """What fails, and how it is mended. Everything that is hurt is hurt through here."""

    def __init__(self, rig: Rig, faults: FaultBoard) -> None:
        self._rig, self._faults = rig, faults
        self._frozen: int | None = None

    def no_commands(self) -> None:
        self._rig.wanted_mps = None

    def no_numbers(self) -> None:
        self._rig.wanted_mps = float("nan")

    def no_scan(self) -> None:
        self._rig.scans = False

    def kill(self, process: str) -> None:
        os.kill(self._rig.pid(process), signal.SIGKILL)

    def freeze(self, process: str) -> None:
        self._frozen = self._rig.pid(process)
        os.kill(self._frozen, signal.SIGSTOP)

    def cut(self, how: str) -> None:
        self._faults.add(parse_fault(f"{how} {CABLE_S}", time.monotonic()))

    def mend(self) -> None:
        """A cable comes back by itself, and the launcher starts again what was killed."""
        self._rig.scans = True
        if self._frozen is not None:
            os.kill(self._frozen, signal.SIGCONT)
        self._frozen = None


SCAN_STALE = "scan stops"
KINDS: dict[str, Callable[[Trial], None]] = {
    "commands stop": Trial.no_commands,
    "gate killed": lambda trial: trial.kill(GATE.name),
    "gate frozen": lambda trial: trial.freeze(GATE.name),
    "base killed": lambda trial: trial.kill(BASE.name),
    "base frozen": lambda trial: trial.freeze(BASE.name),
    "cable pulled": lambda trial: trial.cut("unplug"),
    "link silent": lambda trial: trial.cut("silence"),
    "commands NaN": Trial.no_numbers,
    SCAN_STALE: Trial.no_scan,
}


def drive(rig: Rig, watched: Watched) -> None:
    """Until it drives steadily and all is well. Raises MeasurementError."""
    rig.wanted_mps = SPEED_MPS
    since_s: float | None = None

    def steady() -> bool:
        nonlocal since_s
        if not (rig.is_healthy and watched.speed_mps > DRIVES_MPS):
            since_s = None
            return False
        since_s = since_s or time.monotonic()
        return time.monotonic() - since_s > STEADY_S

    rig.until(steady, DRIVE_WITHIN_S, "it does not drive")


def hurt(rig: Rig, watched: Watched, faults: FaultBoard, kind: str, rng: random.Random) -> Stop:
    """One trial, from driving to standing, and mended. Raises MeasurementError."""
    trial = Trial(rig, faults)
    while True:
        drive(rig, watched)
        watched.forget_way()
        rig.longest_pause_s = 0.0
        waits = Waits([os.getpid(), rig.pid(GATE.name), rig.pid(BASE.name)])
        rig.spin(rng.uniform(0.1, 0.3))
        if watched.seen.commanded:
            break
    speed_mps, hurt_s = watched.speed_mps, time.monotonic()
    from_s = rig.scanned_s + SCAN.stale_s if kind == SCAN_STALE else rig.sent_s
    KINDS[kind](trial)

    def is_zero() -> bool:
        return hurt_s < watched.zero_since_s < time.monotonic()

    def is_over() -> bool:
        return hurt_s < watched.zero_since_s < time.monotonic() - AFTERWARDS_S

    try:
        rig.until(is_zero, ZERO_WITHIN_S, f"{kind}: zero is not commanded")
        late_s = max(waits.worst_s(), watched.longest_gap_s, rig.longest_pause_s - COMMAND_S)
        rig.until(is_over, ZERO_WITHIN_S, f"{kind}: zero does not last")
        tripped = watched.seen.watchdog_tripped
        rig.wanted_mps = None
        rig.until(
            lambda: watched.stands and not watched.seen.commanded,
            REST_WITHIN_S,
            f"{kind}: it does not stand",
        )
    finally:
        trial.mend()
    zero_after_s = watched.zero_since_s - from_s
    way_m = watched.way_since(from_s)
    return Stop(rig.name, kind, speed_mps, zero_after_s, way_m, tripped, late_s)
