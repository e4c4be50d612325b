"""How well things are: gate, localisation, emergency stops, processes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Authority(Enum):
    """Who moves the robot, lowest to highest."""

    NONE = "none"
    MISSION = "mission"
    TELEOP = "teleop"
    ESTOP = "estop"


class GateState(Enum):
    """What the gate does with commands."""

    PASSING = "passing"
    LIMITED = "limited"
    HOLD = "hold"
    LATCHED = "latched"


@dataclass(frozen=True, slots=True)
class GateStatus:
    """What the gate let through, what limits it, and why, in words.

    `commanded_*` is what was asked, `passed_*` what went to `cmd_vel`.
    """

    stamp_s: float
    state: GateState
    authority: Authority
    reasons: tuple[str, ...]
    speed_limit_mps: float
    commanded_linear_mps: float
    commanded_angular_radps: float
    passed_linear_mps: float
    passed_angular_radps: float
    clearance_m: float


@dataclass(frozen=True, slots=True)
class GateReset:
    """A human's deliberate act that ends a latched stop. Moves nothing."""

    stamp_s: float
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class MotionWarning:
    """What the robot's lamp and buzzer do. Both announce the first movement after standing."""

    stamp_s: float
    light: bool
    sound: bool


@dataclass(frozen=True, slots=True)
class EstopState:
    """One source's word; the gate takes the OR of all sources."""

    stamp_s: float
    source: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class TeleopLease:
    """Who holds the right to drive by hand, and whether the dead-man is held right now.

    `override`: the robot shall creep where the fence does not let it; nothing else of the gate's
    limits is lifted.
    """

    stamp_s: float
    holder: str
    dead_man: bool
    override: bool = False


@dataclass(frozen=True, slots=True)
class DockApproach:
    """The named dock is being approached.

    While `active`, contact with its outline at 0.1 m/s or less is wanted.
    """

    stamp_s: float
    dock_id: str
    active: bool


class LocalizationLevel(Enum):
    GOOD = "good"
    DEGRADED = "degraded"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class LocalizationStatus:
    """How far the pose can be trusted, from evidence, with the reason in words.

    `scan_agreement` is the fraction of beams that the map explains.
    """

    stamp_s: float
    level: LocalizationLevel
    reason: str
    position_std_m: float
    yaw_std_rad: float
    scan_agreement: float


@dataclass(frozen=True, slots=True)
class OperatorLink:
    """A sign of life of an operator's end, once a second; `who` sits there."""

    stamp_s: float
    who: str


class HealthLevel(Enum):
    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True, slots=True)
class Health:
    """One entry of `diagnostics`: who, how well, why, with numbers as text."""

    stamp_s: float
    name: str
    level: HealthLevel
    message: str
    values: tuple[tuple[str, str], ...] = ()
