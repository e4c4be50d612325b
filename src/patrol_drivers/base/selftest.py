"""The first test of a base, on blocks: is each wheel wired, counted and stopped as it should be?

Directly on the driver, before anything drives. A controller that keeps the speed by its encoders
makes every count come out as commanded, whatever `ticks_per_rev` says, and turns the wrong wheel
just as exactly: what cannot be seen in numbers is asked of a person who looks (`Witness`).

A wheel whose encoder does not follow it runs away under such a controller, and a stop by speed
does not stop it. Then nothing more is said to the controller, and its watchdog stops the wheel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from patrol_core.errors import RondaError
from patrol_core.params import param
from patrol_drivers.base.wiring import Sight, Spin, Verdict, judge_spin, judge_turns
from patrol_drivers.motors import Clock, MotorDriver, MotorReadings, Sides, Watchdog, WheelSpeeds

PERIOD_S = 0.02
FULL_TURN_RAD = 6.283185307179586
_FIRST_WORD_S, _WAIT_S = 1.0, 0.4
_UNFOLLOWED_S = 0.6
"""How long a wheel may be told to turn without a count."""


@dataclass(frozen=True, slots=True)
class SelfTestParams:
    """Slow and short enough to look on, and to pull a plug."""

    watchdog_s: float = param(0.2, "Silence after which the controller stops [s]", 0.02, 2.0)
    speed_radps: float = param(0.5, "Speed of a wheel [rad/s]", 0.1, 2.0)
    spin_s: float = param(1.0, "How long it turns each way [s]", 0.5, 5.0)
    turn_speed_radps: float = param(1.0, "Speed of the full turn [rad/s]", 0.1, 3.0)
    acceleration_radps2: float = param(5.0, "Ramp of the wheel [rad/s2]", 0.5, 50.0)
    max_current_a: float = param(5.0, "Most that a wheel in the air may draw [A]", 0.1, 100.0)
    silence_s: float = param(1.0, "Silence beyond the watchdog's in its test [s]", 0.3, 5.0)
    stop_s: float = param(0.3, "How much later than told a wheel may stand [s]", 0.05, 1.0)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `remedy` is there where something is to be done."""

    what: str
    verdict: Verdict
    found: str
    remedy: str = ""


class Side(Enum):
    LEFT = 0
    RIGHT = 1

    @property
    def words(self) -> str:
        return self.name.lower()

    @property
    def other(self) -> Side:
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Witness(Protocol):
    """A person beside the robot."""

    def saw(self, side: Side) -> Sight:
        """Which wheel turned just now, and which way, when `side` was told to turn forward."""

    def turns(self, side: Side) -> float:
        """How many turns that wheel made just now, when one was told."""


class SelfTest:
    """`sleep` waits for seconds on the same time as `clock`. Without a witness, what only a
    person sees is left open."""

    def __init__(
        self,
        driver: MotorDriver,
        clock: Clock,
        sleep: Callable[[float], None],
        params: SelfTestParams,
        witness: Witness | None = None,
    ) -> None:
        self._driver = driver
        self._clock = clock
        self._sleep = sleep
        self._params = params
        self._witness = witness

    def run(self) -> Iterator[Check]:
        """Every check as it is done; the wheels stand and the port is free at the end."""
        try:
            yield from self._checks()
        finally:
            self._driver.close()

    def _checks(self) -> Iterator[Check]:
        try:
            name = self._driver.start()
        except RondaError as error:
            yield Check("controller", Verdict.WRONG, error.problem, error.remedy)
            return
        yield Check("controller", Verdict.RIGHT, name)
        readings = self._stand(_FIRST_WORD_S)
        state = _judge_state(readings)
        yield state
        if state.verdict is Verdict.WRONG:
            return
        good = []
        for side in Side:
            wrong = 0
            for check in self._check_wheel(side):
                yield check
                wrong += check.verdict is Verdict.WRONG
            if not wrong:
                good.append(side)
        if good:
            yield self._check_watchdog(good[0])
        else:
            yield Check("watchdog", Verdict.OPEN, "not tried: no wheel turns as it should")

    def _check_wheel(self, side: Side) -> Iterator[Check]:
        params, words, looked_at = self._params, side.words, self._witness is not None
        forward = self._short_spin(side, 1.0)
        sight = None if self._witness is None else self._witness.saw(side)
        verdict, found, remedy = judge_spin(words, side.other.words, forward, sight, looked_at)
        yield Check(f"{words} wheel forward", verdict, found, remedy)
        yield self._judge_current(side, forward)
        if verdict is Verdict.WRONG:
            return
        backward = self._short_spin(side, -1.0)
        verdict, found, remedy = judge_spin(words, side.other.words, backward, None, looked_at)
        yield Check(f"{words} wheel backward", verdict, found, remedy)
        if verdict is Verdict.WRONG:
            return
        if self._witness is None:
            unseen = "which wheel turned, which way and how far: look yourself"
            yield Check(f"{words} wheel seen", Verdict.OPEN, unseen)
            return
        full_turn_s = FULL_TURN_RAD / params.turn_speed_radps
        spin = self._spin(side, params.turn_speed_radps, full_turn_s)
        verdict, found, remedy = judge_turns(words, spin, self._witness.turns(side))
        yield Check(f"{words} wheel, one turn", verdict, found, remedy)

    def _judge_current(self, side: Side, spin: Spin) -> Check:
        what = f"{side.words} motor current"
        if spin.current_a is None:
            return Check(what, Verdict.OPEN, "the controller does not tell it")
        limit_a = self._params.max_current_a
        found = f"{spin.current_a:.1f} A at most"
        if spin.current_a <= limit_a:
            return Check(what, Verdict.RIGHT, found)
        return Check(
            what, Verdict.WRONG, f"{found}, in the air no more than {limit_a:g} A",
            "turn the wheel by hand: does it rub, is a brake on, does it touch the ground?",
        )  # fmt: skip

    def _check_watchdog(self, side: Side) -> Check:
        """Fall silent while a wheel turns, and see from its angle how long it went on."""
        params = self._params
        speed_radps = params.turn_speed_radps
        last: MotorReadings | None = None
        end_s = self._clock() + 1.0
        while self._clock() < end_s:
            last = self._cycle(side, speed_radps) or last
        if last is None or last.positions_rad is None:
            return Check("watchdog", Verdict.OPEN, "without encoders only a person sees it stop")
        spoke_s = self._clock()
        self._sleep(params.watchdog_s + params.silence_s)
        silent_s = self._clock() - spoke_s
        after = self._stand(_FIRST_WORD_S)
        if after is None or after.positions_rad is None:
            words = "the controller does not answer after a silence"
            return Check("watchdog", Verdict.WRONG, words, "check cable and supply, try again")
        moved_rad = after.positions_rad[side.value] - last.positions_rad[side.value]
        went_on_s = moved_rad / speed_radps
        found = f"{went_on_s:.2f} s of turning in {silent_s:.1f} s of silence"
        if went_on_s <= params.watchdog_s + params.stop_s:
            return Check("watchdog", Verdict.RIGHT, found)
        return Check(
            "watchdog", Verdict.WRONG, f"{found}, at most {params.watchdog_s:g} s expected",
            "do not drive: the controller's own timeout does not stop the wheels; see its manual",
        )  # fmt: skip

    # Talking to the driver

    def _short_spin(self, side: Side, sign: float) -> Spin:
        """A slow one, and a faster one where nothing came of it: gears can be stiff, and
        controllers come up late."""
        params = self._params
        spin = self._spin(side, sign * params.speed_radps, params.spin_s)
        if spin.counted_nothing:
            spin = self._spin(side, sign * params.turn_speed_radps, params.spin_s)
        return spin

    def _spin(self, side: Side, speed_radps: float, seconds: float) -> Spin:
        """Turn one wheel and stand again; break off when the counts do not follow it."""
        start = self._stand(_WAIT_S)
        begin_s, last = self._clock(), start
        current_a: float | None = None
        broken_off = False
        while self._clock() < begin_s + seconds and not broken_off:
            readings = self._cycle(side, speed_radps)
            if readings is None:
                continue
            last = readings
            if readings.currents_a is not None:
                now_a = abs(readings.currents_a[side.value])
                current_a = now_a if current_a is None else max(current_a, now_a)
            gone = _moved(start, readings)
            broken_off = gone is not None and _runs_away(
                gone[side.value] * (1.0 if speed_radps > 0.0 else -1.0),
                abs(gone[side.other.value]),
                abs(speed_radps) * seconds,
                self._clock() - begin_s,
            )
        if broken_off:
            self._sleep(self._params.watchdog_s + self._params.silence_s)
            end = last
        else:
            end = self._stand(_WAIT_S)
        gone = _moved(start, end)
        return Spin(
            speed_radps * seconds,
            None if gone is None else gone[side.value],
            None if gone is None else gone[side.other.value],
            current_a,
            start is not None and end is not None,
            () if last is None else last.faults,
        )

    def _stand(self, seconds: float) -> MotorReadings | None:
        """Stops for a while; the last that was told."""
        last = None
        end_s = self._clock() + seconds
        while self._clock() < end_s:
            last = self._cycle(None, 0.0) or last
        return last

    def _cycle(self, side: Side | None, speed_radps: float) -> MotorReadings | None:
        start_s = self._clock()
        command = None
        if side is not None:
            left, right = (speed_radps, 0.0) if side is Side.LEFT else (0.0, speed_radps)
            command = WheelSpeeds(start_s, left, right, self._params.acceleration_radps2)
        readings = self._driver.cycle(command).readings
        self._sleep(max(start_s + PERIOD_S - self._clock(), 0.0))
        return readings


def _moved(before: MotorReadings | None, after: MotorReadings | None) -> Sides | None:
    """How far both wheels turned between two readings; None without positions."""
    if before is None or after is None:
        return None
    first, last = before.positions_rad, after.positions_rad
    if first is None or last is None:
        return None
    return Sides(last.left - first.left, last.right - first.right)


def _runs_away(own_rad: float, other_rad: float, wanted_rad: float, since_s: float) -> bool:
    """Whether the counts say that a wheel does what it was not told; `own_rad` is positive when
    it goes the way it was told."""
    far_rad = 0.3
    return (
        own_rad < -far_rad
        or other_rad > far_rad
        or own_rad > 5.0 * wanted_rad + far_rad
        or (since_s > _UNFOLLOWED_S and abs(own_rad) < 0.01 and other_rad < 0.01)
    )


def _judge_state(readings: MotorReadings | None) -> Check:
    """Whether the controller would let a wheel turn at all."""
    if readings is None:
        return Check(
            "state", Verdict.WRONG, "the controller tells nothing", "check cable and supply"
        )
    if readings.estop:
        return Check("state", Verdict.WRONG, "its e-stop is pressed", "let it go, and try again")
    if readings.watchdog is Watchdog.UNVERIFIED:
        return Check(
            "state", Verdict.WRONG, "its watchdog is not verified: it does not move",
            "see the controller's parameter watchdog_declared",
        )  # fmt: skip
    supply = "" if readings.battery_v is None else f"{readings.battery_v:.1f} V, "
    found = f"{supply}watchdog {readings.watchdog.value}"
    if readings.faults:
        faults = "; ".join(readings.faults)
        return Check("state", Verdict.WRONG, f"{found}; {faults}", "see the controller's manual")
    return Check("state", Verdict.RIGHT, found)
