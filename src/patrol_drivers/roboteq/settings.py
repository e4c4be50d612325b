"""The controller's own settings, which have to fit the configuration before a wheel may turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from patrol_drivers.errors import SettingsError
from patrol_drivers.roboteq.params import RoboteqParams
from patrol_drivers.roboteq.values import (
    ACCELERATIONS,
    CLOSED_LOOP_SPEED,
    DECELERATIONS,
    ENCODER_PPR,
    LOOP_ERRORS,
    MAX_RPM,
    MIXED,
    MODE,
    STALLS,
    Query,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a setting has to be. `right` is the value to set, `words` come before it; one that is
    not `known` to every controller is checked where it is answered."""

    query: Query
    what: str
    right: Callable[[RoboteqParams], int]
    fits: Callable[[int, int], bool] = lambda value, right: value == right
    words: str = ""
    known: bool = True

    def check(self, values: tuple[int, ...], params: RoboteqParams) -> None:
        """Raises SettingsError, with what to do, unless all channels fit."""
        right = self.right(params)
        if all(self.fits(value, right) for value in values):
            return
        name = self.query.ask[1:]
        lines = [f"^{name} {right}"]
        if self.query.most > 1:
            lines = [f"^{name} {channel} {right}" for channel in (1, 2)]
        raise SettingsError(
            f"{self.what} ({name}) is {':'.join(map(str, values))} in the controller",
            expected=f"{self.words}{right}",
            remedy=f"mend the configuration, or the controller in Roborun+ (or with "
            f"{', '.join(lines)} and %EESAV)",
        )


SETTINGS = (
    Setting(MODE, "the operating mode", lambda _: CLOSED_LOOP_SPEED),
    Setting(
        ENCODER_PPR,
        "the encoder's pulses per turn",
        lambda params: params.encoder_ppr,
        lambda value, right: abs(value) == right,
    ),
    Setting(
        MAX_RPM,
        "the motor's top speed",
        lambda params: params.max_rpm,
        lambda value, right: value >= right,
        "at least ",
    ),
    Setting(MIXED, "the mixing of the channels", lambda _: 0, known=False),
    Setting(
        ACCELERATIONS,
        "the acceleration",
        lambda _: 10_000,
        lambda value, _: value > 0,
        "more than 0, such as ",
        known=False,
    ),
    Setting(
        DECELERATIONS,
        "the deceleration",
        lambda _: 10_000,
        lambda value, _: value > 0,
        "more than 0, such as ",
        known=False,
    ),
    Setting(
        STALLS,
        "the detection of stalls",
        lambda _: 2,
        lambda value, _: value > 0,
        "more than 0, such as ",
        known=False,
    ),
    Setting(
        LOOP_ERRORS,
        "the detection of loop errors",
        lambda _: 2,
        lambda value, _: value > 0,
        "more than 0, such as ",
        known=False,
    ),
)
"""Why: !S is a motor's speed in closed-loop speed mode only; ?S and the speed control go by EPPR
(a negative one reverses a channel as a whole, as far as known: its sign is not checked); a speed
over MXRPM is not reached (SR, p. 266); mixed channels are no wheels (p. 330); with MAC or MDEC at
0 there is no ramp, and !AC and !DC do nothing (V2.0 p. 175 and 312; 10000 is the factory value);
without BLSTD and CLERD a dead encoder lets a motor run away (p. 318; 2 is the factory value).
"""
