"""Numbers of the VESC: packets, commands, what is asked for, and what its faults mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from patrol_drivers.motors import EventKind

MAX_PAYLOAD = 512
"""PACKET_MAX_PL_LEN (comm/packet.h): longer packets, and with them the form that begins with 4
and has a length of 24 bits, are neither taken nor sent by a VESC."""

COUNTER_BITS = 32
"""Tachometers are sent as 32-bit numbers (comm/commands.c)."""

STEPS_PER_ELECTRICAL_TURN = 6
"""Of the tachometer (motor/mcpwm_foc.c). A turn of the motor has as many electrical ones as pole
pairs."""

AMPERE = 1000
"""COMM_SET_CURRENT_BRAKE counts thousandths (comm/commands.c)."""


NAMES = ("the VESC on the port", "the VESC behind CAN")
"""What a person calls the two; the index is whether one is behind CAN."""


class Command(IntEnum):
    """The commands that the driver uses (COMM_PACKET_ID, datatypes.h). None of those that set
    something is answered. COMM_ALIVE is left out: it would keep an old speed alive."""

    FW_VERSION = 0
    SET_CURRENT_BRAKE = 7
    SET_RPM = 8
    GET_APPCONF = 17
    FORWARD_CAN = 34
    GET_VALUES_SELECTIVE = 50


class Field(IntEnum):
    """What is asked for with COMM_GET_VALUES_SELECTIVE, by the bit of its mask."""

    FET_TEMPERATURE = 0
    MOTOR_CURRENT = 2
    ERPM = 7
    INPUT_VOLTAGE = 8
    TACHOMETER = 13
    TACHOMETER_ABS = 14
    FAULT = 15
    CONTROLLER_ID = 17
    STATUS = 21  # from 5.03 on; an older firmware leaves it out of the answer


VALUES_MASK = sum(1 << field for field in Field)

VALUES_LAYOUT = ">hiihiiBB"
"""Of all fields but the status, after command and mask; fields come in the order of their bits."""

TIMED_OUT = 0x01
KILLED = 0x02
"""Bits of the status: the timeout has struck; the kill switch is pressed."""

APPCONF_LAYOUT = ">IBIf"
"""How the application configuration begins: signature, controller id, timeout_msec and
timeout_brake_current [A] (confgenerator_serialize_appconf, confgenerator.c)."""

APPCONF_SIGNATURES = {
    2074596585: "3.59",
    543202478: "3.60",
    583966563: "3.61 and 3.62",
    783041200: "3.63 to 3.67",
    511269002: "4.00",
    2964134872: "4.01",
    1232755601: "4.02",
    2460147246: "5.00 and 5.01",
    3264926020: "5.02",
    3733512279: "5.03",
    486554156: "6.00 and 6.02",
    2099347128: "6.05 and 6.06",
    2384027283: "7.00",
    982638166: "7.01, still in the making",
}
"""Firmware in which the configuration was found to begin as APPCONF_LAYOUT says, by the signature
(APPCONF_SIGNATURE, confgenerator.h) that stands for the layout of the whole."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault code. While it lasts, 0.5 s at least by default (m_fault_stop_time_ms), the
    motor is off and takes no command (mc_interface_try_input, motor/mc_interface.c)."""

    words: str
    kind: EventKind


FAULTS = {
    1: Fault("supply voltage too high", EventKind.OVER_VOLTAGE),
    2: Fault("supply voltage too low", EventKind.BROWN_OUT),
    3: Fault("gate driver fault", EventKind.FAULT),
    4: Fault("over-current", EventKind.OVER_CURRENT),
    5: Fault("transistors too hot", EventKind.OVER_TEMPERATURE),
    6: Fault("motor too hot", EventKind.OVER_TEMPERATURE),
    7: Fault("gate driver voltage too high", EventKind.OVER_VOLTAGE),
    8: Fault("gate driver voltage too low", EventKind.BROWN_OUT),
    9: Fault("processor voltage too low", EventKind.BROWN_OUT),
    10: Fault("the processor hung and was reset", EventKind.FAULT),
    11: Fault("encoder gives no data", EventKind.FAULT),
    12: Fault("sine-cosine encoder: amplitude too low", EventKind.FAULT),
    13: Fault("sine-cosine encoder: amplitude too high", EventKind.FAULT),
    14: Fault("program memory corrupt", EventKind.FAULT),
    15: Fault("current sensor 1 off by too much", EventKind.FAULT),
    16: Fault("current sensor 2 off by too much", EventKind.FAULT),
    17: Fault("current sensor 3 off by too much", EventKind.FAULT),
    18: Fault("phase currents out of balance", EventKind.FAULT),
    19: Fault("break input of the power stage", EventKind.FAULT),
    20: Fault("resolver lost tracking", EventKind.FAULT),
    21: Fault("resolver signal degraded", EventKind.FAULT),
    22: Fault("resolver signal lost", EventKind.FAULT),
    23: Fault("application configuration corrupt", EventKind.FAULT),
    24: Fault("motor configuration corrupt", EventKind.FAULT),
    25: Fault("encoder sees no magnet", EventKind.FAULT),
    26: Fault("encoder's magnet too strong", EventKind.FAULT),
    27: Fault("phase filter fault", EventKind.FAULT),
    28: Fault("encoder fault", EventKind.FAULT),
    29: Fault("low-voltage output fault", EventKind.FAULT),
    30: Fault("encoder slipped", EventKind.FAULT),
    31: Fault("motor too fast", EventKind.FAULT),
    32: Fault("motor too slow", EventKind.FAULT),
    33: Fault("motor far too fast", EventKind.FAULT),
}
"""mc_fault_code, datatypes.h; the enumeration only ever grew at its end. 0 is no fault."""
