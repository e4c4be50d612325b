"""Numbers of the ODrive: firmware, states, and what the bits of its errors mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from patrol_drivers.motors import EventKind

AXES = (0, 1)
"""Motors M0 and M1."""

BAUD_RATES = (115200, 230400, 460800, 921600)
"""`config.uart_a_baudrate`, 115200 ex works (`docs/uart.rst`). On USB the number does not matter.
A slower line does not carry a cycle in 20 ms."""

OLDEST_FIRMWARE = (0, 5, 4)
"""Before 0.5.4 `w axis0.requested_state` may be refused and `r axis0.error` be answered by `0d`,
0.5.2 ends an answer with a checksum without a line end, 0.5.1 knows no `sc` and other properties,
and 0.4 counts in encoder counts (`CHANGELOG.md`; `ascii_protocol.cpp` at those tags)."""

FIRST_OTHER_FIRMWARE = (0, 6, 0)
"""From here on (ODrive Pro, S1) errors have other names: the driver does not know them."""

MAX_TURNS = 1e4
"""Turns a second, or a second each second, that the driver writes at most: eleven characters."""

DECIMALS = 4
"""Of what is written. There have to be some: see `protocol.line`."""

CUT_OFF = 9
"""Characters to which the firmware cuts a property (`cmd_read_property`: a buffer of ten)."""


class AxisState(IntEnum):
    """`axisN.current_state` and `axisN.requested_state` (`odrive-interface.yaml`)."""

    IDLE = 1
    CLOSED_LOOP_CONTROL = 8


VELOCITY_RAMP = 2
"""`controller.config.input_mode`: the set speed follows the command at `vel_ramp_rate`."""


@dataclass(frozen=True, slots=True)
class ErrorBit:
    """One bit of an error property.

    `passes`: the driver may clear it by itself. That is what this computer's own silence causes
    (the watchdog), what the firmware finds anew in each control loop for as long as it lasts
    (voltage, temperature; `main.cpp`, `motor.cpp`), and what only points at another error. All
    else waits for a person, who clears it with `odrivetool` or by the supply.
    """

    mask: int
    words: str
    kind: EventKind = EventKind.FAULT
    passes: bool = False


HOT = EventKind.OVER_TEMPERATURE
CURRENT = EventKind.OVER_CURRENT

AXIS_ERRORS = (
    ErrorBit(1 << 0, "closed-loop control refused, is it calibrated?", passes=True),
    ErrorBit(1 << 6, "motor failed", passes=True),
    ErrorBit(1 << 7, "sensorless estimator failed"),
    ErrorBit(1 << 8, "encoder failed", passes=True),
    ErrorBit(1 << 9, "controller failed", passes=True),
    ErrorBit(1 << 11, "watchdog expired", EventKind.WATCHDOG_TRIPPED, passes=True),
    ErrorBit(1 << 12, "lower end stop pressed"),
    ErrorBit(1 << 13, "upper end stop pressed"),
    ErrorBit(1 << 14, "emergency stop requested over CAN", EventKind.ESTOP),
    ErrorBit(1 << 17, "homing without an end stop"),
    ErrorBit(1 << 18, "temperature too high", HOT, passes=True),
    ErrorBit(1 << 19, "position unknown"),
)

MOTOR_ERRORS = (
    ErrorBit(1 << 0, "phase resistance out of range"),
    ErrorBit(1 << 1, "phase inductance out of range"),
    ErrorBit(1 << 3, "gate driver faulty"),
    ErrorBit(1 << 4, "control deadline missed"),
    ErrorBit(1 << 7, "supply too low for the current asked for"),
    ErrorBit(1 << 10, "current sensor saturated", CURRENT),
    ErrorBit(1 << 12, "motor current over its limit", CURRENT),
    ErrorBit(1 << 16, "modulation not a number"),
    ErrorBit(1 << 17, "motor too hot", HOT, passes=True),
    ErrorBit(1 << 18, "power stage too hot", HOT, passes=True),
    ErrorBit(1 << 19, "timer update missed"),
    ErrorBit(1 << 20, "current not measured"),
    ErrorBit(1 << 21, "current controller failed"),
    ErrorBit(1 << 22, "supply current of the motor out of range", CURRENT),
    ErrorBit(1 << 23, "brake resistor disarmed", passes=True),
    ErrorBit(1 << 24, "stopped by an error of the whole controller", passes=True),
    ErrorBit(1 << 25, "control loop out of step"),
    ErrorBit(1 << 26, "phase unknown, is the encoder calibrated?"),
    ErrorBit(1 << 27, "phase velocity unknown"),
    ErrorBit(1 << 28, "torque unknown"),
    ErrorBit(1 << 29, "current command unknown"),
)
"""Higher bits have ten digits or more, which the firmware cuts: see `state.motor_faults`."""

ENCODER_ERRORS = (
    ErrorBit(1 << 0, "encoder gain unstable"),
    ErrorBit(1 << 1, "encoder counts do not match the pole pairs"),
    ErrorBit(1 << 2, "encoder does not respond"),
    ErrorBit(1 << 3, "encoder mode not supported"),
    ErrorBit(1 << 4, "hall sensors contradict each other"),
    ErrorBit(1 << 5, "encoder index not found yet"),
    ErrorBit(1 << 6, "SPI encoder timed out"),
    ErrorBit(1 << 7, "SPI encoder spoilt"),
    ErrorBit(1 << 8, "SPI encoder not ready"),
    ErrorBit(1 << 9, "hall sensors not calibrated"),
)

CONTROLLER_ERRORS = (
    ErrorBit(1 << 0, "faster than its speed limit"),
    ErrorBit(1 << 1, "input mode invalid"),
    ErrorBit(1 << 2, "control gain unstable"),
    ErrorBit(1 << 3, "axis to mirror invalid"),
    ErrorBit(1 << 4, "load encoder invalid"),
    ErrorBit(1 << 5, "position or speed not known"),
    ErrorBit(1 << 6, "circular range invalid"),
    ErrorBit(1 << 7, "spin-out, does the encoder slip?"),
)

SYSTEM_ERRORS = (
    ErrorBit(1 << 0, "control iteration missed"),
    ErrorBit(1 << 1, "supply voltage too low", EventKind.BROWN_OUT, passes=True),
    ErrorBit(1 << 2, "supply voltage too high", EventKind.OVER_VOLTAGE, passes=True),
    ErrorBit(1 << 3, "too much current into the supply", CURRENT),
    ErrorBit(1 << 4, "too much current from the supply", CURRENT),
    ErrorBit(1 << 5, "brake resistor timing wrong"),
    ErrorBit(1 << 6, "brake resistor duty not a number"),
    ErrorBit(1 << 7, "brake resistance invalid"),
)
