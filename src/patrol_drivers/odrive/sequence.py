"""The steps from a line to a guarded controller under speed control, one function each."""

from __future__ import annotations

from patrol_drivers.errors import ReplyError
from patrol_drivers.odrive.command import request, set_input_mode, set_watchdog
from patrol_drivers.odrive.exchange import Exchange
from patrol_drivers.odrive.params import ODriveParams
from patrol_drivers.odrive.protocol import clear_errors, feed, read_any, read_whole, velocity
from patrol_drivers.odrive.slow import SWITCHES, TIMEOUTS, is_alike
from patrol_drivers.odrive.state import axis_faults, number, system_faults, version
from patrol_drivers.odrive.values import AXES, VELOCITY_RAMP, AxisState, ErrorBit

POLLS = 10
"""How often to ask for a state that was requested; the controller takes some milliseconds
(`Axis::run_state_machine_loop` looks each millisecond)."""

STATES = tuple(read_whole(f"axis{axis}.current_state") for axis in AXES)
INPUT_MODES = tuple(read_whole(f"axis{axis}.controller.config.input_mode") for axis in AXES)
FIRMWARE = tuple(read_whole(f"fw_version_{part}") for part in ("major", "minor", "revision"))
HARDWARE = tuple(read_whole(f"hw_version_{part}") for part in ("major", "minor", "variant"))
ERRORS = tuple(
    tuple(read_whole(f"axis{axis}.{of}error") for of in ("", "motor.", "encoder.", "controller."))
    for axis in AXES
)
SYSTEM_ERROR = read_whole("error")

STOP = velocity(0, 0.0) + velocity(1, 0.0)
FEED = feed(0) + feed(1)


def disarm(line: Exchange, quietly: bool) -> None:
    """Set both speeds to zero and take both motors out of power, whatever another program had them
    do. Stop twice: the first line may be spoilt by the rest of another. Raises ReplyError when an
    axis does not become idle."""
    line.tell(STOP + STOP + request(AxisState.IDLE))
    if not _reached(line, AxisState.IDLE, quietly):
        raise ReplyError(
            "an axis does not become idle",
            expected="both motors without power before the watchdogs are set",
            remedy="end other programs that use the controller, and power-cycle it",
        )


def identify(line: Exchange, quietly: bool) -> str:
    """Name and version. Raises ReplyError when the firmware is not one of those supported."""
    firmware = line.ask(*FIRMWARE, quietly=quietly)
    hardware = line.ask(*HARDWARE, quietly=quietly)
    return version(tuple(map(int, firmware)), tuple(map(int, hardware)))


def is_guarded(line: Exchange, params: ODriveParams) -> bool:
    """Whether both watchdogs are read back as configured."""
    told = [
        [number(answer) for answer in line.ask(read_any(switch), read_any(timeout))]
        for switch, timeout in zip(SWITCHES, TIMEOUTS, strict=True)
    ]
    return all(switch == 1.0 and is_alike(time, params.watchdog_s) for switch, time in told)


def guard(line: Exchange, params: ODriveParams) -> bool:
    """Set the watchdogs of both axes; whether they are read back as set."""
    line.tell(set_watchdog(params))
    return is_guarded(line, params)


def read_faults(line: Exchange) -> tuple[ErrorBit, ...]:
    """What is wrong with the controller and both axes."""
    found = system_faults(*line.ask(SYSTEM_ERROR))
    for axis in AXES:
        found += axis_faults(axis, *line.ask(*ERRORS[axis]))
    return found


def clear(line: Exchange) -> tuple[ErrorBit, ...]:
    """Clear all errors, with watchdogs just fed; what is wrong still, or again."""
    line.tell(FEED + clear_errors())
    return read_faults(line)


def arm(line: Exchange) -> bool:
    """Bring both motors under speed control at rest, along a ramp; whether they are.

    The watchdogs have to be set, and errors cleared: they hold a motor disarmed (`main.cpp`).
    """
    line.tell(set_input_mode(VELOCITY_RAMP) + STOP)
    if any(int(mode) != VELOCITY_RAMP for mode in line.ask(*INPUT_MODES)):
        return False
    line.tell(request(AxisState.CLOSED_LOOP_CONTROL) + STOP)
    return _reached(line, AxisState.CLOSED_LOOP_CONTROL, quietly=False)


def _reached(line: Exchange, state: AxisState, quietly: bool) -> bool:
    for _ in range(POLLS):
        if all(int(told) == state for told in line.ask(*STATES, quietly=quietly)):
            return True
    return False
