"""States, modes and errors, with the firmware's numbers (ODriveEnums.h of fw-v0.5.6)."""

from __future__ import annotations

from enum import IntEnum, IntFlag


class AxisState(IntEnum):
    """States that are emulated; every other one is refused as invalid."""

    UNDEFINED = 0
    IDLE = 1
    STARTUP_SEQUENCE = 2
    CLOSED_LOOP_CONTROL = 8


class ControlMode(IntEnum):
    VOLTAGE_CONTROL = 0
    TORQUE_CONTROL = 1
    VELOCITY_CONTROL = 2
    POSITION_CONTROL = 3


class InputMode(IntEnum):
    """Input modes that are emulated; every other one is an error of the controller."""

    INACTIVE = 0
    PASSTHROUGH = 1
    VEL_RAMP = 2
    TRAP_TRAJ = 5


class BoardError(IntFlag):
    """error, of the whole board."""

    DC_BUS_UNDER_VOLTAGE = 0x02
    DC_BUS_OVER_VOLTAGE = 0x04
    DC_BUS_OVER_REGEN_CURRENT = 0x08
    DC_BUS_OVER_CURRENT = 0x10


class AxisError(IntFlag):
    """axisN.error."""

    INVALID_STATE = 0x0001
    MOTOR_FAILED = 0x0040
    CONTROLLER_FAILED = 0x0200
    WATCHDOG_TIMER_EXPIRED = 0x0800


class MotorError(IntFlag):
    """axisN.motor.error."""

    MODULATION_IS_NAN = 0x10000
    FET_THERMISTOR_OVER_TEMP = 0x40000
    SYSTEM_LEVEL = 0x1000000
    UNKNOWN_TORQUE = 0x10000000
    UNKNOWN_VOLTAGE_COMMAND = 0x100000000


class ControllerError(IntFlag):
    """axisN.controller.error."""

    OVERSPEED = 0x01
    INVALID_INPUT_MODE = 0x02


def names(flags: type[IntFlag], value: int) -> list[str]:
    """The names of the errors that are set."""
    return [str(flag.name) for flag in flags if flag & value]
