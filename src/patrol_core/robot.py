"""The robot's numbers, read from the same YAML file that the URDF and the simulator read."""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import Points, Transform3
from patrol_core.yaml_file import load_yaml

MOTORS = "motors"
"""The section of a robot file that belongs to the base driver."""

OPTICAL_IN_CAMERA_LINK = Transform3((0.0, 0.0, 0.0), (-0.5, 0.5, -0.5, 0.5))
"""camera_optical_frame in camera_link (REP-103: z forward, x right, y down)."""


@dataclass(frozen=True, slots=True)
class Body:
    """A box around everything that can bump; `center_x_m` is its middle ahead of base_link."""

    length_m: float
    width_m: float
    height_m: float
    ground_clearance_m: float
    center_x_m: float


@dataclass(frozen=True, slots=True)
class Wheels:
    """`radius_m` is the mean; the scales, which a file may leave out, say how each wheel differs
    from it (`./ronda motors umbmark` finds them, with the separation)."""

    radius_m: float
    width_m: float
    separation_m: float
    encoder_ticks_per_rev: int
    caster_radius_m: float
    caster_x_m: float
    left_radius_scale: float = 1.0
    right_radius_scale: float = 1.0

    @property
    def left_radius_m(self) -> float:
        return self.radius_m * self.left_radius_scale

    @property
    def right_radius_m(self) -> float:
        return self.radius_m * self.right_radius_scale


@dataclass(frozen=True, slots=True)
class Drive:
    """What the drive can do; the gate holds commands to it."""

    max_speed_mps: float
    max_reverse_mps: float
    max_yaw_rate_radps: float
    max_acceleration_mps2: float
    max_deceleration_mps2: float
    max_yaw_acceleration_radps2: float


@dataclass(frozen=True, slots=True)
class Mounted:
    """A sensor's pose on base_link: translation and fixed-axis roll, pitch, yaw; its rate."""

    xyz_m: tuple[float, float, float]
    rpy_rad: tuple[float, float, float]
    rate_hz: float

    def transform(self) -> Transform3:
        """The sensor frame in base_link."""
        return Transform3.from_rpy(self.xyz_m, self.rpy_rad)


@dataclass(frozen=True, slots=True)
class Lidar(Mounted):
    field_of_view_rad: float
    beams: int
    range_min_m: float
    range_max_m: float


@dataclass(frozen=True, slots=True)
class Camera(Mounted):
    """`rpy_rad` orients camera_link (x forward); the optical frame turns from it by REP-103."""

    width_px: int
    height_px: int
    horizontal_fov_rad: float
    depth_max_m: float


@dataclass(frozen=True, slots=True)
class Battery:
    capacity_wh: float
    nominal_voltage_v: float


@dataclass(frozen=True, slots=True)
class RobotModel:
    """Everything that a part of Ronda may know about the robot's build."""

    name: str
    mass_kg: float
    body: Body
    wheels: Wheels
    drive: Drive
    lidar: Lidar
    camera: Camera
    imu: Mounted
    gnss: Mounted
    battery: Battery

    def mounts(self) -> tuple[tuple[str, str, Transform3], ...]:
        """Parent, child and pose of every sensor's frame, for `tf_static`."""
        return (
            ("base_link", "lidar_link", self.lidar.transform()),
            ("base_link", "camera_link", self.camera.transform()),
            ("camera_link", "camera_optical_frame", OPTICAL_IN_CAMERA_LINK),
            ("base_link", "imu_link", self.imu.transform()),
            ("base_link", "gnss_link", self.gnss.transform()),
        )

    @property
    def top_m(self) -> float:
        """How high above the ground its highest part is: body, mast or antenna."""
        mounted = (self.lidar, self.camera, self.imu, self.gnss)
        box = self.body.ground_clearance_m + self.body.height_m
        return max(box, *(sensor.xyz_m[2] for sensor in mounted))

    def footprint_m(self, margin_m: float = 0.0) -> Points:
        """Corners of the body in base_link, counter-clockwise, grown by `margin_m`."""
        front = self.body.center_x_m + self.body.length_m / 2.0 + margin_m
        rear = self.body.center_x_m - self.body.length_m / 2.0 - margin_m
        side = self.body.width_m / 2.0 + margin_m
        return ((front, -side), (front, side), (rear, side), (rear, -side))


def load_robot(path: Path) -> RobotModel:
    """Read a robot file. Raises ConfigError that names file and field."""
    document = load_yaml(path, "the robot file")
    if isinstance(document, dict):
        document = {name: part for name, part in document.items() if name != MOTORS}
    model = _parse(RobotModel, document, "", path)
    assert isinstance(model, RobotModel)
    return model


def _parse(kind: Any, value: Any, name: str, path: Path) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        fields = typing.get_type_hints(kind)
        needed = {f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING}
        given = set(value) if isinstance(value, dict) else set()
        if not isinstance(value, dict) or needed - given or given - set(fields):
            free = sorted(set(fields) - needed)
            raise ConfigError(
                f"'{name or 'robot'}' does not have the right fields",
                place=Place(path),
                expected=f"exactly {', '.join(f for f in fields if f in needed)}"
                + (f"; if wanted {', '.join(free)}" if free else ""),
                remedy=f"missing: {', '.join(sorted(needed - given)) or 'none'}; "
                f"unknown: {', '.join(sorted(given - set(fields))) or 'none'}",
            )
        parts = {
            key: _parse(part, value[key], f"{name}.{key}".lstrip("."), path)
            for key, part in fields.items()
            if key in value
        }
        return kind(**parts)
    if typing.get_origin(kind) is tuple:
        wanted = typing.get_args(kind)
        if isinstance(value, list) and len(value) == len(wanted):
            return tuple(
                _parse(part, item, name, path) for part, item in zip(wanted, value, strict=False)
            )
    elif kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    elif isinstance(value, kind) and not isinstance(value, bool):
        return value
    raise ConfigError(
        f"'{name}' is {value!r}",
        place=Place(path),
        expected=f"a value of type {getattr(kind, '__name__', kind)}",
        remedy="correct the value",
    )
