"""The interface of every motor controller of a two-wheel differential base, in SI units.

The rule of safety that each driver keeps: no motion is sent before the controller's own serial
watchdog was set and read back (or the configuration says that a person verified it, where the
controller cannot tell). After a lost link or a reset of the controller everything begins anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import NamedTuple, Protocol

Clock = Callable[[], float]
"""Monotonic seconds; the same clock that stamps the commands."""


class Sides(NamedTuple):
    """One number for each wheel. Forward is positive on both sides."""

    left: float
    right: float


@dataclass(frozen=True, slots=True)
class WheelSpeeds:
    """What the wheels shall do. `stamp_s` says how old the command is, on the driver's clock."""

    stamp_s: float
    left_radps: float
    right_radps: float
    acceleration_radps2: float

    @property
    def is_stop(self) -> bool:
        """Whether both wheels shall stand: said at once, and never step by step."""
        return self.left_radps == self.right_radps == 0.0


@dataclass(frozen=True, slots=True)
class DriveLimits:
    """What a base may be told, whoever asks; rates are of the wheel, not of the motor.

    An infinite `stop_deceleration_radps2`: the controller is told no ramp. How hard it brakes is
    set in itself.
    """

    max_speed_radps: float
    max_acceleration_radps2: float
    stop_deceleration_radps2: float


class Watchdog(Enum):
    """How sure it is that the controller stops the motors when this computer falls silent."""

    UNVERIFIED = "unverified"
    VERIFIED = "read back from the controller"
    DECLARED = "declared by a person"


@dataclass(frozen=True, slots=True)
class MotorReadings:
    """What the controller told in one cycle; None: it cannot tell, or has not told yet.

    Positions are unwrapped and go on over lost links and resets. Currents, voltages and
    temperatures are read in turn, one a cycle, and keep their last value in between.
    `estop` is the controller's own input; `faults` are in words, empty when all is well.
    """

    stamp_s: float
    positions_rad: Sides | None
    velocities_radps: Sides | None
    currents_a: Sides | None
    battery_v: float | None
    logic_v: float | None
    temperatures_c: tuple[float, ...]
    estop: bool | None
    faults: tuple[str, ...]
    watchdog: Watchdog


class EventKind(Enum):
    """Everything that can be said about a controller beside its readings."""

    LINK_LOST = "link lost"
    LINK_BACK = "link back"
    NO_REPLY = "no reply"
    NOISE = "noise"
    WRONG_CRC = "wrong CRC"
    ECHO = "echo seen"
    RESET = "controller reset"
    BROWN_OUT = "brown-out"
    WATCHDOG_TRIPPED = "watchdog tripped"
    WATCHDOG_UNVERIFIED = "watchdog unverified"
    ESTOP = "emergency stop"
    OVER_CURRENT = "over-current"
    OVER_TEMPERATURE = "over-temperature"
    OVER_VOLTAGE = "over-voltage"
    FAULT = "fault"
    COMMAND_STALE = "command stale"
    COMMAND_REFUSED = "command refused"
    COMMAND_LIMITED = "command limited"


@dataclass(frozen=True, slots=True)
class MotorEvent:
    """Something that happened, in one sentence. A condition is told once, when it begins."""

    kind: EventKind
    sentence: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a controller can tell and do; what is False has to come from elsewhere."""

    position: bool
    velocity: bool
    current: bool
    battery: bool
    logic_supply: bool
    temperature: bool
    estop_input: bool
    acknowledgement: bool
    watchdog_setting: bool
    watchdog_read_back: bool
    watchdog_trip: bool
    own_reset: bool

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """In words, for a person's screen."""
        return tuple(
            field.name.replace("_", " ") for field in fields(self) if not getattr(self, field.name)
        )


@dataclass(frozen=True, slots=True)
class Cycle:
    """The outcome of one control cycle.

    `sent` is what was really sent, after limits and rounding to the controller's units (a stop is
    sent as zero speeds); None: nothing could be sent. `readings` is None when the controller did
    not tell its state in this cycle.
    """

    sent: WheelSpeeds | None
    readings: MotorReadings | None
    events: tuple[MotorEvent, ...]


class MotorDriver(Protocol):
    """One controller with two wheels. Not thread-safe: one owner calls it at its rate."""

    @property
    def capabilities(self) -> Capabilities:
        """What this controller can tell; complete once `start` succeeded."""

    def start(self) -> str:
        """Open the link, stop the motors, identify, set the watchdog and read it back.

        Returns the controller's name and version. Raises LinkError, ReplyError, SettingsError or
        WatchdogError, each with what to do. `cycle` may be called after a failed start too, and
        tries again.
        """

    def cycle(self, command: WheelSpeeds | None) -> Cycle:
        """Send the newest command (None: stop) and read how the controller is.

        A command that is older than MAX_COMMAND_AGE_S, not finite or not allowed is sent as a
        stop. Raises nothing of this package: what goes wrong is an event, and is mended in later
        cycles if it can be. Blocks for some reply timeouts at most.
        """

    def close(self) -> None:
        """Stop the motors and free the port. Raises nothing; harmless when called twice."""
