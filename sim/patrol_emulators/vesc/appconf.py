"""The app configuration as bytes (confgenerator.c, confgenerator_serialize_appconf).

It begins alike in all versions here: signature, controller id, timeout [ms], brake current [A],
then what is about CAN and the choice of an app. After that come the settings of apps that have
nothing to do with a serial line; those are zero here at first, not the firmware's defaults.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from patrol_emulators.vesc.params import VescParams

_BEGINNING = struct.Struct(">IBIfHHBBBBBBBBBfBBBB")
_PAIRING_DONE, _KILL_SWITCH = 20, 32
_CAN_500K, _OFF_AFTER_30_MIN, _ADC2_LOW, _APP_UART = 2, 7, 3, 3


@dataclass(frozen=True, slots=True)
class Firmware:
    """A version, and in what those here differ on the wire."""

    major: int
    minor: int
    signature: int
    """APPCONF_SIGNATURE in confgenerator.h."""
    appconf_size: int
    has_hw_crc: bool = True
    """Whether the answer to COMM_FW_VERSION ends with four bytes more."""


FIRMWARES = {
    "6.02": Firmware(6, 2, 486554156, 493, has_hw_crc=False),
    "6.05": Firmware(6, 5, 2099347128, 278),
    "6.06": Firmware(6, 6, 2099347128, 278),
    "7.00": Firmware(7, 0, 2384027283, 284),
}
"""From the maker's branches release_6_02 to release_7_00. All that is not said here, in every
version, is as in 6.05."""


@dataclass(frozen=True, slots=True)
class AppConf:
    """Serialized; what the emulator itself looks at has a name."""

    data: bytes

    @property
    def controller_id(self) -> int:
        return self.data[4]

    @property
    def timeout_ms(self) -> int:
        """0: off."""
        return int.from_bytes(self.data[5:9], "big")

    @property
    def timeout_brake_a(self) -> float:
        """The firmware's own coding of a float is IEEE 754, but knows no NaN: it is infinite."""
        (value,) = struct.unpack_from(">f", self.data, 9)
        return math.inf if math.isnan(value) else float(value)

    @property
    def pairing_done(self) -> int:
        return self.data[_PAIRING_DONE]

    @property
    def has_kill_switch(self) -> bool:
        """Whatever input it is on: the plant has one wire."""
        return self.data[_KILL_SWITCH] != 0


def stored(params: VescParams, controller_id: int) -> AppConf:
    """What a unit finds in its flash memory (defaults: applications/appconf_default.h)."""
    firmware = FIRMWARES[params.firmware]
    beginning = _BEGINNING.pack(
        firmware.signature, controller_id, params.timeout_ms, params.timeout_brake_a,
        50, 5, 0, 0, _CAN_500K, 0, 1, _OFF_AFTER_30_MIN, 0, 0, 0, 50000.0, 0, 0,
        _ADC2_LOW if params.kill_switch else 0, _APP_UART,
    )  # fmt: skip
    return AppConf(beginning.ljust(firmware.appconf_size, b"\0"))


def received(firmware: Firmware, data: bytes) -> AppConf | None:
    """A configuration that was sent, or None: a wrong signature is refused, without a word.

    The firmware reads on behind a packet that is too short; what it finds there cannot be told,
    so that is refused here, too.
    """
    size = firmware.appconf_size
    if len(data) < size or int.from_bytes(data[:4], "big") != firmware.signature:
        return None
    return AppConf(data[:size])
