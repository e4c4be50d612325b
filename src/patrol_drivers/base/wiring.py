"""What is wired wrongly, from how the counts moved and what a person saw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_STILL_RAD = 0.05
_LEAST, _MOST = 0.35, 2.8
"""Share of the commanded angle between which a short, slow spin says nothing: controllers come up
to a low speed late (the RoboClaw's factory settings reach half the angle)."""
_LEAST_TURN, _MOST_TURN = 0.7, 1.4
"""The same for a whole turn, which is long enough."""
_ALIKE = 0.2
"""How near a factor is to one that has a name, as people see turns."""
_PLAIN_FACTORS = (2.0, 4.0)
"""Counting lines, edges of one channel, or all edges are the usual mistakes: 1, 2 and 4."""
_TUNE = "the controller does not keep the speed: tune it with its maker's tool"


class Verdict(Enum):
    """OPEN: it could not be found out."""

    RIGHT = "right"
    WRONG = "wrong"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person saw. `wheel` is left, right or none."""

    wheel: str
    forward: bool = True


@dataclass(frozen=True, slots=True)
class Spin:
    """One wheel was told to turn by `wanted_rad`. The angles are what the encoders say; None:
    the controller has none. `answered`: it told its state before and after."""

    wanted_rad: float
    own_rad: float | None
    other_rad: float | None
    current_a: float | None
    answered: bool
    faults: tuple[str, ...]

    @property
    def counted_nothing(self) -> bool:
        """Whether both encoders stood still."""
        moved = [abs(rad) for rad in (self.own_rad, self.other_rad) if rad is not None]
        return bool(moved) and max(moved) < _STILL_RAD


Judgement = tuple[Verdict, str, str]
"""Verdict, what was found, and what is to be done."""


def judge_spin(
    side: str, other: str, spin: Spin, sight: Sight | None, turn_follows: bool = False
) -> Judgement:
    """What a spin of the wheel `side` says; `sight` is of a forward spin. `turn_follows`: how
    far it turns is judged later, by a whole turn that somebody looks at."""
    if not spin.answered:
        return Verdict.WRONG, "the controller does not answer any more", "check cable and supply"
    if spin.faults:
        return Verdict.WRONG, "; ".join(spin.faults), "see the controller's manual"
    if spin.own_rad is None or spin.other_rad is None:
        return _judge_sight(side, other, sight, "no encoder tells")
    own, strange = spin.own_rad / spin.wanted_rad, spin.other_rad / spin.wanted_rad
    if abs(spin.other_rad) >= _STILL_RAD:
        if strange > 0.0 and spin.own_rad * spin.wanted_rad < _STILL_RAD * abs(spin.wanted_rad):
            return _judge_swap(side, other, sight)
        words = f"the {other} wheel moved too, by {spin.other_rad:+.2f} rad"
        return Verdict.WRONG, words, "hold it: does it turn, or does its encoder count noise?"
    if spin.counted_nothing:
        return _judge_stillness(side, sight)
    if own < 0.0:
        return _judge_reversal(side, sight)
    found = f"{spin.own_rad:+.2f} rad counted, {spin.wanted_rad:+.2f} told"
    if not turn_follows and not _LEAST <= own <= _MOST:
        words, remedy = _too_many(1.0 / own)
        return (
            Verdict.WRONG, f"{found}: {words}",
            f"{remedy}; or {_TUNE}",
        )  # fmt: skip
    return _judge_sight(side, other, sight, found)


def judge_turns(side: str, spin: Spin, seen: float) -> Judgement:
    """What it says that the wheel `side`, told to make one turn, made `seen` turns."""
    if not spin.answered or spin.faults:
        return judge_spin(side, "other", spin, None)
    counted = 1.0 if spin.own_rad is None else spin.own_rad / spin.wanted_rad
    found = f"{seen:g} turns seen, {counted:.2f} counted, 1 told"
    if seen <= 0.0 or counted <= 0.0:
        return Verdict.WRONG, found, "try again: it was told to turn forward once"
    if not 1.0 / (1.0 + _ALIKE) <= seen / counted <= 1.0 + _ALIKE:
        words, remedy = _too_many(seen / counted)
        return Verdict.WRONG, f"{found}: {words}", remedy
    if not _LEAST_TURN <= counted <= _MOST_TURN:
        return Verdict.WRONG, found, _TUNE
    return Verdict.RIGHT, found, ""


def _judge_stillness(side: str, sight: Sight | None) -> Judgement:
    found = f"the {side} encoder counts nothing"
    motor = "the motor's wires, its fuse, and whether the controller's power stage is on"
    encoder = "the encoder's plug and supply"
    if sight is None:
        return Verdict.WRONG, found, f"does the wheel turn? yes: check {encoder}; no: {motor}"
    if sight.wheel == "none":
        return Verdict.WRONG, f"the {side} wheel does not turn", f"check {motor}"
    return Verdict.WRONG, f"{found}, and the {sight.wheel} wheel turns", f"check {encoder}"


def _judge_swap(side: str, other: str, sight: Sight | None) -> Judgement:
    """The other encoder counted, and that of the wheel itself did not, or backwards: the other
    terminal, told to stand, pushes against what it sees."""
    found = "left and right are swapped"
    if sight is not None and sight.wheel == side:
        return (
            Verdict.WRONG, f"{found} at the encoders",
            "swap the plugs of the two encoders at the controller",
        )  # fmt: skip
    if sight is not None and sight.wheel == other:
        return (
            Verdict.WRONG, f"{found} at the motors, not at the encoders",
            "swap the wires of the two motors at the controller",
        )  # fmt: skip
    remedy = f"see which wheel turns: the {side} one, swap the encoders' plugs; "
    remedy += f"the {other} one, swap the motors' wires"
    return Verdict.WRONG, f"{found}, at the motors or at the encoders, but not at both", remedy


def _judge_reversal(side: str, sight: Sight | None) -> Judgement:
    """The encoder of the wheel counted against what the motor was told."""
    found = f"{side} encoder counts backwards"
    if sight is not None and not sight.forward:
        return (
            Verdict.WRONG, f"{side} motor turns backwards, as its encoder says",
            "swap the two wires of this motor at the controller",
        )  # fmt: skip
    remedy = "swap channels A and B of this encoder (if the wheel turned backwards: the two "
    return Verdict.WRONG, found, remedy + "wires of its motor)"


def _judge_sight(side: str, other: str, sight: Sight | None, found: str) -> Judgement:
    """The counts are as they should be: is it so with the wheels?"""
    if sight is None:
        return (Verdict.OPEN if found.startswith("no") else Verdict.RIGHT), found, ""
    if sight.wheel == other:
        words = f"left and right are swapped: the {other} wheel turned"
        return (
            Verdict.WRONG, words,
            "change motors_swapped in the robot file, or swap motors and encoders",
        )  # fmt: skip
    if sight.wheel != side:
        return Verdict.WRONG, f"{found}, but no wheel turned", "is the wheel fixed to its axle?"
    if not sight.forward:
        words = f"the {side} wheel turned backwards"
        return Verdict.WRONG, words, f"change {side}_reversed in the robot file"
    return Verdict.RIGHT, f"{found}, seen to turn forward", ""


def _too_many(factor: float) -> tuple[str, str]:
    """How wrong `ticks_per_rev` is when a wheel turns `factor` times as far as it counts, and
    what to do."""
    high = factor > 1.0
    by = factor if high else 1.0 / factor
    named = [plain for plain in _PLAIN_FACTORS if abs(by / plain - 1.0) <= _ALIKE]
    times = f"{named[0]:g}" if named else f"{by:.2f}"
    remedy = f"{'divide' if high else 'multiply'} it by {times}: wheels.encoder_ticks_per_rev "
    remedy += "in the robot file, or motors.ticks_per_rev where that is given"
    return f"ticks_per_rev is probably {times} times too {'high' if high else 'low'}", remedy
