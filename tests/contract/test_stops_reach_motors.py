"""How long a controller's motors are still told to turn once they shall not, in made-up time, with
the bytes of a real line, from a fast drive.

Of the 0.25 s from the last fresh command to zero, the next one would have come within 0.05 s. What
expires does so 0.15 s after it came; where all fall silent, a tick of the base may have passed."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pytest
from _controllers import PAIRS, PERIOD_S, Joined, Pair

from patrol_drivers.motors import WheelSpeeds
from patrol_emulators.faults import FaultKind

FAST_RADPS = 11.0
TOLD_WITHIN_S = 0.25 - 0.05 - 0.15
SILENT_WITHIN_S = 0.25 - 0.05 - PERIOD_S
PHASES_S = (0.0, 0.009)
"""Of the controller's own ticks."""

Command = Callable[[float], WheelSpeeds | None]


def zero(now_s: float) -> WheelSpeeds:
    return WheelSpeeds(now_s, 0.0, 0.0, 10.0)


def nothing(_: float) -> None:
    return None


def nonsense(now_s: float) -> WheelSpeeds:
    return WheelSpeeds(now_s, math.nan, FAST_RADPS, 10.0)


def stale(now_s: float) -> WheelSpeeds:
    return WheelSpeeds(now_s - 0.16, FAST_RADPS, FAST_RADPS, 10.0)


def driving(pair: Pair, phase_s: float) -> Joined:
    joined = Joined(pair)
    joined.start()
    joined.run(FAST_RADPS, FAST_RADPS, 1.6)
    joined.line.wait(phase_s)
    assert joined.emulator.snapshot().commanded
    assert min(joined.wheels_radps) > 0.7 * FAST_RADPS
    return joined


def told_for_s(joined: Joined, go_on: Callable[[], object], limit_s: float) -> float:
    """For how long a motor is told to turn, looked at every millisecond, while `go_on` repeats."""
    start_s, line = joined.line.now_s, joined.line
    last_s = [start_s]

    def look(now_s: float) -> None:
        if joined.emulator.snapshot().commanded:
            last_s[0] = now_s

    line.watch = look
    while line.now_s < start_s + limit_s:
        go_on()
    return last_s[0] - start_s


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
@pytest.mark.parametrize("command", [zero, nothing, nonsense, stale])
def test_a_stop_that_is_told(pair: Pair, command: Command) -> None:
    joined = driving(pair, 0.0)

    def cycle() -> None:
        start_s = joined.line.now_s
        joined.driver.cycle(command(start_s))
        joined.line.wait(max(start_s + PERIOD_S - joined.line.now_s, 0.0))

    assert told_for_s(joined, cycle, 0.3) <= TOLD_WITHIN_S


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_driver_that_says_no_more(pair: Pair) -> None:
    for phase_s in PHASES_S:
        joined = driving(pair, phase_s)
        assert told_for_s(joined, partial(joined.line.wait, 0.01), 0.3) <= SILENT_WITHIN_S


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
@pytest.mark.parametrize("kind", [FaultKind.UNPLUG, FaultKind.SILENCE])
def test_a_line_that_carries_no_more(pair: Pair, kind: FaultKind) -> None:
    joined = driving(pair, 0.0)
    joined.fault(kind, 5.0, 0.0)

    def cycle() -> None:
        joined.run(FAST_RADPS, FAST_RADPS, PERIOD_S)

    assert told_for_s(joined, cycle, 0.3) <= SILENT_WITHIN_S
