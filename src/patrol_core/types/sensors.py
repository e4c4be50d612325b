"""What sensors deliver, in the frame of the sensor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LaserScan:
    """One revolution of a planar lidar; beam i points to angle_min + i * angle_increment.

    `ranges_m` has shape (N,), float32. +inf: nothing within reach (REP-117); NaN: none valid.
    """

    stamp_s: float
    frame_id: str
    angle_min_rad: float
    angle_increment_rad: float
    range_min_m: float
    range_max_m: float
    ranges_m: npt.NDArray[np.float32]

    def angles_rad(self) -> FloatArray:
        """Bearing of every beam, shape (N,)."""
        return np.asarray(
            self.angle_min_rad + self.angle_increment_rad * np.arange(len(self.ranges_m))
        )

    def hits(self) -> npt.NDArray[np.bool_]:
        """Which beams met something within the valid range, shape (N,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(
                (self.ranges_m >= self.range_min_m) & (self.ranges_m <= self.range_max_m)
            )

    def points_m(self) -> FloatArray:
        """End points of the beams that hit, in the sensor frame, shape (M, 2)."""
        hit = self.hits()
        ranges, angles = self.ranges_m[hit].astype(np.float64), self.angles_rad()[hit]
        return np.column_stack((ranges * np.cos(angles), ranges * np.sin(angles)))


@dataclass(frozen=True, slots=True)
class Imu:
    """Angular rate [rad/s] and specific force [m/s^2] about x, y, z of `imu_link`."""

    stamp_s: float
    angular_velocity_radps: tuple[float, float, float]
    linear_acceleration_mps2: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class BatteryState:
    """Pack voltage, current (negative: discharging) and remaining charge from 0 to 1."""

    stamp_s: float
    voltage_v: float
    current_a: float
    charge_fraction: float
    charging: bool


@dataclass(frozen=True, slots=True)
class GnssFix:
    """WGS 84 position; variances east, north, up. `valid` is false without a fix."""

    stamp_s: float
    latitude_rad: float
    longitude_rad: float
    altitude_m: float
    variances_m2: tuple[float, float, float]
    valid: bool


@dataclass(frozen=True, slots=True)
class BumperState:
    """Whether the contact strip is pressed, and on which side ("front", "rear")."""

    stamp_s: float
    pressed: bool
    side: str = ""


@dataclass(frozen=True, slots=True)
class CompressedImage:
    """An encoded picture; `encoding` is "jpeg" or "png"."""

    stamp_s: float
    frame_id: str
    encoding: str
    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class DepthImage:
    """Distance along the optical axis [m], float32 (H, W); NaN where unknown."""

    stamp_s: float
    frame_id: str
    depth_m: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ThermalImage:
    """Counts of a radiometric camera, uint16 (H, W), linear in temperature; 0 and 65535: none."""

    stamp_s: float
    frame_id: str
    counts: npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """Pinhole model without distortion, in pixels; optical frame: z forward, x right, y down."""

    stamp_s: float
    frame_id: str
    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
