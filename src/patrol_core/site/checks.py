"""Checks of a site as data: what to read on a round, from where, and what is right.

A place's face looks along `yaw_rad` (its normal in `map`); right and up are those of somebody who
stands before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The middle of a flat thing on something upright, in `map`."""

    x_m: float
    y_m: float
    height_m: float
    yaw_rad: float


@dataclass(frozen=True, slots=True)
class Criterion:
    """What passes: a word (`expect`), or a number from `low` to `high`."""

    expect: str = ""
    low: float = -math.inf
    high: float = math.inf

    def holds(self, value: float, words: str) -> bool:
        return words == self.expect if self.expect else self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class TagReader:
    """A square symbol, "qr" or "aruco" (dictionary 4x4_50), with an edge of `edge_m`."""

    place: Place
    symbol: str
    edge_m: float


@dataclass(frozen=True, slots=True)
class GaugeScale:
    """The scale's ends, angles clockwise from straight up."""

    unit: str
    min_value: float
    max_value: float
    min_rad: float
    max_rad: float


@dataclass(frozen=True, slots=True)
class DialTag:
    """An ArUco marker (4x4_50) beside a dial, `right_m` and `up_m` from the dial's middle."""

    marker_id: int
    edge_m: float
    right_m: float
    up_m: float


@dataclass(frozen=True, slots=True)
class GaugeReader:
    """A dial whose face has the given radius; a tag says more closely where it is."""

    place: Place
    radius_m: float
    scale: GaugeScale
    tag: DialTag | None = None


@dataclass(frozen=True, slots=True)
class LampReader:
    """A round indicator lamp that may shine in one of the colours."""

    place: Place
    radius_m: float
    colours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoorReader:
    """A door or gate: the segment of `map` that its leaf covers when it is closed."""

    start_m: tuple[float, float]
    end_m: tuple[float, float]


@dataclass(frozen=True, slots=True)
class ThermalReader:
    """An area of a surface of the given emissivity, among surroundings of a temperature."""

    place: Place
    width_m: float
    height_m: float
    emissivity: float
    surroundings_k: float


Reader = TagReader | GaugeReader | LampReader | DoorReader | ThermalReader


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to read from one checkpoint, and what passes."""

    check_id: str
    name: str
    checkpoint_id: str
    reader: Reader
    criterion: Criterion
