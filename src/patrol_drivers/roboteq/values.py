"""Numbers of Roboteq controllers: queries, settings, ranges, and what the bits of flags mean."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_drivers.motors import EventKind

BAUD_RATES = (9600, 19200, 38400, 57600, 115200)
"""Speeds of RS232 (RSBR, p. 286). On USB the number does not matter."""

COUNTER_BITS = 32
"""Encoder counters are signed (C, V2.0 p. 212)."""

COUNTS_PER_PULSE = 4
"""Counts of an encoder for each pulse of its PPR (quadrature)."""

MAX_SPEED_RPM = 500_000
"""Range of a motor's speed in either direction (V2.0 p. 248)."""

MAX_RAMP = 500_000
"""Range of !AC and !DC, in tenths of RPM a second (p. 219)."""

MAX_WATCHDOG_MS = 65_000
"""Range of RWD; 0 is off, and 1000 the factory setting (p. 286)."""

CLOSED_LOOP_SPEED = 1
"""Value of MMOD in which !S is the speed of the motor."""

OPEN_LOOP, TORQUE = 0, 5
"""Values of MMOD in which !S does not move the motor, and !G is its power or torque."""

SCRIPT_RUNS = 0x80
"""Bit of ?FS (p. 255); the same on models with a Spektrum radio."""

INT32 = 2**31


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the form of its answer `TAG=value:value`.

    `least` to `most` values, each from `low` to `high`; `most` 0: the answer is text.
    """

    ask: str
    least: int = 1
    most: int = 1
    low: int = 0
    high: int = 65_535

    @property
    def tag(self) -> bytes:
        """What the answer begins with."""
        return self.ask[1:].encode() + b"="


ENCODERS = Query("?C", 2, 2, -INT32, INT32 - 1)  # V2.0 p. 212
SPEEDS = Query("?S", 2, 2, -MAX_SPEED_RPM, MAX_SPEED_RPM)  # encoders, RPM of the motor
FAULTS = Query("?FF")  # p. 253; 16 bits in V2.0
MOTOR_FLAGS = Query("?FM", 2, 2)  # p. 254
STATUS = Query("?FS")  # p. 255
CURRENTS = Query("?A", 2, 2, -32_768, 32_767)  # p. 238, tenths of an ampere, of the motors
VOLTS = Query("?V", 3, 3)  # internal and battery in tenths of a volt, 5 V output in mV
TEMPERATURES = Query("?T", 2, 3, -40, 125)  # p. 266, degrees C: processor, then power stages
FIRMWARE = Query("?FID", most=0)  # p. 253
MODEL = Query("?TRN", most=0)  # V1.8 p. 268

WATCHDOG = Query("~RWD")  # p. 286, ms
MODE = Query("~MMOD", 2, 2)
ENCODER_PPR = Query("~EPPR", 2, 2, -INT32, INT32 - 1)
MAX_RPM = Query("~MXRPM", 2, 2)
MIXED = Query("~MXMD")  # V1.8 p. 330: 0 is separate channels
ACCELERATIONS = Query("~MAC", 2, 2, 0, INT32 - 1)  # V2.0 p. 312
DECELERATIONS = Query("~MDEC", 2, 2, 0, INT32 - 1)  # V2.0 p. 312
STALLS = Query("~BLSTD", 2, 2, 0, 3)  # p. 317
LOOP_ERRORS = Query("~CLERD", 2, 2, 0, 3)  # p. 318


@dataclass(frozen=True, slots=True)
class Flag:
    """One bit. `stops`: the motors do not run, or not as told, so only stops are sent."""

    mask: int
    words: str
    kind: EventKind
    stops: bool = True


FAULT_FLAGS = (
    Flag(0x01, "overheat", EventKind.OVER_TEMPERATURE),
    Flag(0x02, "supply voltage too high", EventKind.OVER_VOLTAGE),
    Flag(0x04, "supply voltage too low", EventKind.BROWN_OUT),
    Flag(0x08, "short circuit", EventKind.FAULT),
    Flag(0x10, "emergency stop latched in the controller", EventKind.ESTOP),
    Flag(0x20, "motor or sensor set up wrongly", EventKind.FAULT),
    Flag(0x40, "power stage faulty (MOSFET)", EventKind.FAULT),
    Flag(0x80, "factory settings were loaded at power-up", EventKind.FAULT),
)
"""?FF (p. 253). Bit 0x20 is "brushless sensor fault" in V1.8 and as here in V2.0."""

RUNTIME_FLAGS = (
    Flag(0x01, "current limited", EventKind.OVER_CURRENT, stops=False),
    Flag(0x02, "stalled", EventKind.FAULT),
    Flag(0x04, "loop error", EventKind.FAULT),
    Flag(0x08, "safety stop", EventKind.FAULT),
    Flag(0x10, "forward limit switch", EventKind.FAULT),
    Flag(0x20, "reverse limit switch", EventKind.FAULT),
    Flag(0x40, "current trigger", EventKind.OVER_CURRENT, stops=False),
)
"""?FM, for each motor (p. 254). 0x02 to 0x08 go out when the motor is commanded to zero."""
