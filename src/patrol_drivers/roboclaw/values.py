"""Numbers of the RoboClaw: commands, ranges, and what the bits of its status mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from patrol_drivers.motors import EventKind

ADDRESSES = range(0x80, 0x88)
"""Packet serial addresses (p. 58). On USB any of them is answered."""

BAUD_RATES = (2400, 9600, 19200, 38400, 57600, 115200, 230400, 460800)
"""Serial options 1 to 8 (p. 58). On USB the number does not matter."""

ACK = 0xFF
"""Answer to a command that writes (p. 59)."""

PACKET_TIMEOUT_S = 0.01
"""The controller drops a packet whose bytes pause for longer; silence of this length after a
failure therefore clears its buffer (p. 59)."""

MAX_TEXT = 48
"""Bytes of the firmware version at most, with its line feed and null (p. 68)."""

COUNTER_BITS = 32
"""Encoder counters (p. 86); they count from where the wheels stood at power-up (p. 84)."""

MAX_SPEED_QPPS = 0x7FFFFFFF
"""Speeds are signed 32-bit counts a second (p. 94)."""

MAX_ACCELERATION_QPPS2 = 0xFFFFFFFF
"""Accelerations are unsigned 32-bit counts a second each second (p. 94)."""

WATCHDOG_STEP_S = 0.1
"""Unit of the serial timeout, one byte (p. 67). 0 is off: the factory setting (p. 32). Bytes count
of any kind; whether a timeout of one unit may strike sooner, the manual does not say."""

BACKWARDS = 0x01
"""Status byte of commands 18 and 19 (p. 87)."""


class Command(IntEnum):
    """The commands that the driver uses."""

    SET_SERIAL_TIMEOUT = 14  # p. 67; not in the older edition
    READ_SERIAL_TIMEOUT = 15  # p. 67; not in the older edition
    READ_SPEED_M1 = 18  # p. 87, filtered
    READ_SPEED_M2 = 19  # p. 87, filtered
    READ_VERSION = 21  # p. 68
    READ_MAIN_BATTERY = 24  # p. 68
    READ_LOGIC_BATTERY = 25  # p. 68
    DRIVE_BOTH_WITH_DUTY = 34  # p. 90, signed, of 16 bits
    DRIVE_BOTH_WITH_ACCELERATION = 40  # p. 94
    READ_CURRENTS = 49  # p. 69
    READ_ENCODERS = 78  # p. 88
    READ_TEMPERATURE = 82  # p. 72
    READ_TEMPERATURE_2 = 83  # p. 72, only on some models
    READ_STATUS = 90  # p. 73


@dataclass(frozen=True, slots=True)
class StatusBit:
    """One bit of command 90. `stops`: the motors do not run, so that nothing but a stop is sent.

    What stops them is told on p. 44 and 73. A bit without a kind is told as an input's state only.
    """

    mask: int
    words: str
    kind: EventKind | None
    stops: bool = False


ESTOP = EventKind.ESTOP
HOT = EventKind.OVER_TEMPERATURE
CURRENT = EventKind.OVER_CURRENT
HIGH = EventKind.OVER_VOLTAGE
LOW = EventKind.BROWN_OUT
FAULT = EventKind.FAULT

STATUS_16 = (
    StatusBit(0x0001, "over-current at M1, power is limited", CURRENT),
    StatusBit(0x0002, "over-current at M2, power is limited", CURRENT),
    StatusBit(0x0004, "emergency stop pressed at the controller", ESTOP, stops=True),
    StatusBit(0x0008, "temperature over 100 degrees C", HOT, stops=True),
    StatusBit(0x0010, "temperature 2 over 100 degrees C", HOT, stops=True),
    StatusBit(0x0020, "main battery voltage too high", HIGH, stops=True),
    StatusBit(0x0040, "logic voltage too high", HIGH, stops=True),
    StatusBit(0x0080, "logic voltage too low", LOW, stops=True),
    StatusBit(0x0100, "driver of M1 faulty", FAULT, stops=True),
    StatusBit(0x0200, "driver of M2 faulty", FAULT, stops=True),
    StatusBit(0x0400, "main battery voltage high, braking", HIGH, stops=True),
    StatusBit(0x0800, "main battery voltage low, motors freewheel", LOW, stops=True),
    StatusBit(0x1000, "temperature over 85 degrees C, power is limited", HOT),
    StatusBit(0x2000, "temperature 2 over 85 degrees C, power is limited", HOT),
    StatusBit(0x4000, "home switch of M1", None),
    StatusBit(0x8000, "home switch of M2", None),
)
"""Two bytes: the older edition (p. 74)."""

STATUS_32 = (
    StatusBit(0x00000001, "emergency stop pressed at the controller", ESTOP, stops=True),
    StatusBit(0x00000002, "temperature over 100 degrees C", HOT, stops=True),
    StatusBit(0x00000004, "temperature 2 over 100 degrees C", HOT, stops=True),
    StatusBit(0x00000008, "main battery voltage too high", HIGH, stops=True),
    StatusBit(0x00000010, "logic voltage too high", HIGH, stops=True),
    StatusBit(0x00000020, "logic voltage too low", LOW, stops=True),
    StatusBit(0x00000040, "driver of M1 faulty", FAULT, stops=True),
    StatusBit(0x00000080, "driver of M2 faulty", FAULT, stops=True),
    StatusBit(0x00000100, "speed error of M1", FAULT, stops=True),
    StatusBit(0x00000200, "speed error of M2", FAULT, stops=True),
    StatusBit(0x00000400, "position error of M1", FAULT, stops=True),
    StatusBit(0x00000800, "position error of M2", FAULT, stops=True),
    StatusBit(0x00001000, "over-current error of M1", CURRENT, stops=True),
    StatusBit(0x00002000, "over-current error of M2", CURRENT, stops=True),
    StatusBit(0x00010000, "over-current at M1, power is limited", CURRENT),
    StatusBit(0x00020000, "over-current at M2, power is limited", CURRENT),
    StatusBit(0x00040000, "main battery voltage high, braking", HIGH, stops=True),
    StatusBit(0x00080000, "main battery voltage low, motors freewheel", LOW, stops=True),
    StatusBit(0x00100000, "temperature over 85 degrees C, power is limited", HOT),
    StatusBit(0x00200000, "temperature 2 over 85 degrees C, power is limited", HOT),
    StatusBit(0x00400000, "signal S4", None),
    StatusBit(0x00800000, "signal S5", None),
    StatusBit(0x01000000, "speed error limit near", FAULT),
    StatusBit(0x02000000, "position error limit near", FAULT),
)
"""Four bytes: p. 73. The manual does not say how many bytes the status has;
the driver tells the two generations apart by the length of an answer whose CRC is right."""

STATUS_BITS = {2: STATUS_16, 4: STATUS_32}
"""The meaning of the bits, by the number of bytes in the answer."""
