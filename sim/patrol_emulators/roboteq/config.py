"""The configuration: written by "^", read by "~", stored by %EESAV (Commands Reference).

A setting of a channel is written with its channel's number, and read with or without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CHANNELS = 2


@dataclass(frozen=True, slots=True)
class Setting:
    """Its range, and what it is ex works."""

    low: int
    high: int
    default: int
    per_channel: bool = False


SETTINGS = {
    "RWD": Setting(0, 65000, 1000),
    "ECHOF": Setting(0, 1, 0),
    "OVL": Setting(100, 600, 600),
    "OVH": Setting(0, 255, 50),
    "UVL": Setting(50, 600, 50),
    "ALIM": Setting(10, 1500, 1125, per_channel=True),
    "MAC": Setting(0, 500000, 10000, per_channel=True),
    "MDEC": Setting(0, 500000, 10000, per_channel=True),
    "MXRPM": Setting(10, 65535, 1000, per_channel=True),
    "MMOD": Setting(0, 1, 0, per_channel=True),
    "EPPR": Setting(-32768, 32767, 100, per_channel=True),
    "KP": Setting(0, 255, 20, per_channel=True),
    "KI": Setting(0, 255, 20, per_channel=True),
    "KD": Setting(0, 255, 0, per_channel=True),
    "ICAP": Setting(1, 100, 100, per_channel=True),
    "BLSTD": Setting(0, 3, 2, per_channel=True),
    "CLERD": Setting(0, 3, 2, per_channel=True),
}
"""RWD [ms]; ECHOF 1: no echo; OVL, OVH, UVL [0.1 V]; ALIM [0.1 A]; MAC, MDEC [0.1 RPM/s];
MXRPM [RPM]; MMOD 0: open loop, 1: closed-loop speed (2 to 6 are not emulated, and refused);
EPPR pulses a turn, four counts each; KP, KI, KD tenths; ICAP: how much the integral may give, %
(p. 324); BLSTD, CLERD: how soon a stall and a loop error are detected, 0: never (p. 317, 318).

The limits of volts and amperes stand in each model's data sheet: those here suit the name HDC2460,
60 V and twice 150 A, with ALIM at the 75 % of the note on p. 313. What OVH is ex works, and its
range, could not be established.
"""


class Config:
    """Values of every setting; one that is no channel's has one value."""

    def __init__(self, values: Mapping[str, tuple[int, ...]]) -> None:
        self._values = dict(values)

    @classmethod
    def installed(cls, changes: Mapping[str, int]) -> Config:
        """Ex works, but for `changes`, which hold for both channels."""
        return cls({
            name: (changes.get(name, setting.default),) * (CHANNELS if setting.per_channel else 1)
            for name, setting in SETTINGS.items()
        })  # fmt: skip

    def copy(self) -> Config:
        return Config(self._values)

    def values(self, name: str) -> tuple[int, ...]:
        """Of every channel; none when there is no such setting."""
        return self._values.get(name, ())

    def get(self, name: str, index: int = 0) -> int:
        return self._values[name][index]

    def write(self, name: str, arguments: tuple[int, ...]) -> int | None:
        """Set it; the index that changed, None when the arguments do not fit."""
        setting = SETTINGS.get(name)
        if setting is None or len(arguments) != 1 + setting.per_channel:
            return None
        index = arguments[0] - 1 if setting.per_channel else 0
        values = list(self._values[name])
        if index not in range(len(values)) or not setting.low <= arguments[-1] <= setting.high:
            return None
        values[index] = arguments[-1]
        self._values[name] = tuple(values)
        return index
