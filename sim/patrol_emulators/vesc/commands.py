"""What each command does, and what it answers (comm/commands.c, commands_process_packet).

A payload is the number of the command and its data. Drive commands and COMM_ALIVE have no answer.
More data than a command has is passed over, as in the firmware; less is refused here, where the
firmware reads on behind the packet.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

from patrol_emulators.vesc.appconf import received
from patrol_emulators.vesc.control import Control
from patrol_emulators.vesc.unit import Unit

FORWARD_CAN = 34
"""COMM_FORWARD_CAN: the controller's id, then a payload for it. Only the first unit does it."""
HARDWARE = b"60_MK6\0"
_HAS_PHASE_FILTERS = 1

Answer = bytes | None
"""None: refused. Empty: done, and nothing is said."""


def obey(unit: Unit, payload: bytes, now_s: float) -> Answer:
    """Do what the payload says; the answer's payload."""
    number, data = payload[0], payload[1:]
    if number in _DRIVES:
        return _drive(unit, number, data, now_s)
    if number == 4:
        return bytes((number,)) + _values(unit, 0xFFFFFFFF)
    if number == 50 and len(data) >= 4:
        return bytes((number,)) + data[:4] + _values(unit, int.from_bytes(data[:4], "big"))
    act = _OTHERS.get(number)
    return act(unit, data, now_s) if act else None


def _drive(unit: Unit, number: int, data: bytes, now_s: float) -> Answer:
    if len(data) < 4:
        return None
    (value,) = struct.unpack_from(">i", data)
    unit.drive(lambda control: _DRIVES[number](unit, control, value), now_s)
    return b""


_DRIVES: dict[int, Callable[[Unit, Control, int], None]] = {
    5: lambda _, control, value: control.drive_duty(value / 100_000.0),
    6: lambda _, control, value: control.drive_current(value / 1000.0),
    7: lambda _, control, value: control.brake(value / 1000.0),
    8: lambda unit, control, value: control.drive_speed(value, unit.meter.erpm),
}
"""COMM_SET_DUTY, COMM_SET_CURRENT, COMM_SET_CURRENT_BRAKE, COMM_SET_RPM."""


def _version(unit: Unit, _data: bytes, _now_s: float) -> Answer:
    """COMM_FW_VERSION: version, hardware, serial number of the processor, and flags."""
    firmware = unit.firmware
    serial_number = bytes(range(11)) + bytes((unit.index,))
    flags = bytes((unit.conf.pairing_done, 0, 0, 0, _HAS_PHASE_FILTERS, 0, 0, 0))
    firmware_name = b"\0"
    hw_crc = bytes(4) if firmware.has_hw_crc else b""
    return (
        bytes((0, firmware.major, firmware.minor))
        + HARDWARE + serial_number + flags + firmware_name + hw_crc
    )  # fmt: skip


def _alive(unit: Unit, _data: bytes, now_s: float) -> Answer:
    unit.feed(now_s)
    return b""


def _get_appconf(unit: Unit, _data: bytes, _now_s: float) -> Answer:
    return b"\x11" + unit.conf.data


def _set_appconf_no_store(unit: Unit, data: bytes, _now_s: float) -> Answer:
    """In force until the next reset; it feeds nothing, and a timeout that is over stays over."""
    conf = received(unit.firmware, data)
    if conf is None:
        return None
    unit.conf = conf
    return b"\x95"


def _reboot(unit: Unit, _data: bytes, now_s: float) -> Answer:
    unit.reset(now_s)
    return b""


_OTHERS: dict[int, Callable[[Unit, bytes, float], Answer]] = {
    0: _version,
    17: _get_appconf,
    29: _reboot,
    30: _alive,
    149: _set_appconf_no_store,
}


def _values(unit: Unit, mask: int) -> bytes:
    """Those of `VALUES` whose bits are set. Means begin anew with each reading."""
    return b"".join(read(unit) for bit, read in enumerate(VALUES) if mask >> bit & 1)


def _scaled(layout: str, value: float, scale: float) -> bytes:
    """A number as the firmware rounds it: towards zero. What does not fit is cut."""
    top = 1 << (8 * struct.calcsize(">" + layout) - 1)
    return struct.pack(">" + layout, min(max(math.trunc(value * scale), -top), top - 1))


def _wrapped(count: int) -> bytes:
    return (count & 0xFFFFFFFF).to_bytes(4, "big")


def _status(unit: Unit) -> bytes:
    return bytes((unit.has_timeout | unit.kill_switch_on << 1,))


VALUES: tuple[Callable[[Unit], bytes], ...] = (
    lambda unit: _scaled("h", unit.temperature_c, 10.0),
    lambda _: _scaled("h", 0.0, 10.0),
    lambda unit: _scaled("i", unit.meter.motor_a.take(), 100.0),
    lambda unit: _scaled("i", unit.meter.input_a.take(), 100.0),
    lambda _: _scaled("i", 0.0, 100.0),
    lambda unit: _scaled("i", unit.meter.q_axis_a.take(), 100.0),
    lambda unit: _scaled("h", unit.meter.duty, 1000.0),
    lambda unit: _scaled("i", unit.meter.erpm, 1.0),
    lambda unit: _scaled("h", unit.supply_v, 10.0),
    lambda unit: _scaled("i", unit.meter.drawn_as / 3600.0, 10_000.0),
    lambda unit: _scaled("i", unit.meter.charged_as / 3600.0, 10_000.0),
    lambda unit: _scaled("i", unit.meter.drawn_ws / 3600.0, 10_000.0),
    lambda unit: _scaled("i", unit.meter.charged_ws / 3600.0, 10_000.0),
    lambda unit: _wrapped(unit.meter.tachometer),
    lambda unit: _wrapped(unit.meter.tachometer_abs),
    lambda unit: bytes((unit.fault,)),
    lambda unit: _scaled("i", unit.meter.field_angle_deg, 1e6),
    lambda unit: bytes((unit.conf.controller_id,)),
    lambda _: bytes(6),
    lambda _: _scaled("i", 0.0, 1000.0),
    lambda unit: _scaled("i", unit.meter.q_axis_v.take(), 1000.0),
    _status,
)
"""COMM_GET_VALUES, in the order of the mask's bits.

Temperature of the power stage and of the motor [0.1 degrees C]; means since the last reading of
motor current, input current, d and q axis [10 mA]; duty cycle [0.001]; ERPM; supply [0.1 V];
charge drawn and put back [0.1 mA h]; energy drawn and put back [0.1 mW h]; tachometer, and the
same without sign; fault code; position [1e-6 degrees]; controller id; temperatures of three
transistors, which this hardware does not have; means of the d and q axis [mV]; status: bit 0
timeout, bit 1 kill switch. There is no motor temperature sensor (TEMP_SENSOR_DISABLED), and
nothing on the d axis.
"""
