"""Every number that inspection may be tuned by."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class GaugeParams:
    """What makes a reading of a gauge sure."""

    min_radius_px: float = param(20.0, "Smaller dials are not read [px]", 8.0, 200.0)
    rim_share: float = param(0.65, "Share of the rim that must be seen", 0.3, 1.0)
    rim_off: float = param(0.009, "Roundness of the rim, rms [radii]", 0.001, 0.05)
    rim_off_px: float = param(0.3, "The same, of small dials [px]", 0.05, 5.0)
    shape_off: float = param(0.16, "Departure from the expected tilt", 0.02, 0.5)
    contrast: float = param(6.0, "Needle against face, in units of the noise", 1.0, 100.0)
    edges: float = param(0.1, "Share of a needle's length with two edges", 0.01, 1.0)
    straight: float = param(0.5, "Share of the needle's length on one line", 0.1, 1.0)
    rival: float = param(0.5, "The next best direction, as a share of the best", 0.05, 1.0)
    tail: float = param(0.6, "The needle's other end, as a share of it", 0.05, 1.0)
    offset: float = param(0.075, "Distance of the needle from the middle [radii]", 0.01, 0.3)
    apart_share: float = param(0.012, "Two ways of reading differ by no more [scale]", 0.001, 0.1)
    slack_m: float = param(0.10, "Without a tag it is looked for so far around [m]", 0.0, 1.0)
    pictures: int = param(3, "Pictures that must be read for sure", 1, 20)
    spread_share: float = param(0.015, "Pictures differ by no more [scale]", 0.001, 0.1)
    beyond_share: float = param(
        0.03, "A needle stands no farther off the scale [scale]", 0.005, 0.2
    )


@dataclass(frozen=True, slots=True)
class TagParams:
    """What makes a tag sure."""

    pictures: int = param(2, "Pictures that must show it", 1, 50)
    slack_m: float = param(0.25, "A tag so far from its place is another one [m]", 0.02, 2.0)


@dataclass(frozen=True, slots=True)
class LampParams:
    """What makes a lamp's state sure."""

    pictures: int = param(8, "Pictures that must show it", 2, 100)
    watch_s: float = param(1.5, "It must be watched for [s]", 0.5, 30.0)
    slack_m: float = param(0.08, "Its picture is looked for so far around its place [m]", 0.0, 1.0)
    contrast: float = param(5.0, "Lens against surroundings, in units of the noise", 1.0, 50.0)
    decided: float = param(0.35, "Distance from being neither on nor off", 0.05, 1.0)
    hue_rad: float = param(0.5, "Departure from the colour's hue [rad]", 0.05, 1.0)


@dataclass(frozen=True, slots=True)
class DoorParams:
    """What makes a door's state sure."""

    column_m: float = param(0.1, "Width of a column [m]", 0.02, 0.5)
    edge_m: float = param(0.15, "Of each end nothing is judged [m]", 0.0, 0.5)
    height_m: float = param(1.9, "Nothing higher is judged [m]", 0.5, 5.0)
    leaf_m: float = param(0.2, "What ends so near to the leaf's plane is the leaf [m]", 0.05, 0.5)
    beyond_m: float = param(0.4, "What passes it by so much shows an opening [m]", 0.1, 2.0)
    gap_m: float = param(0.5, "A gap so wide is open [m]", 0.1, 5.0)
    shut_share: float = param(0.93, "Of the columns in view that must be closed", 0.5, 1.0)
    seen_share: float = param(0.6, "Of the leaf that must be in view", 0.1, 1.0)
    hidden_share: float = param(0.35, "Share of rays that may end before it", 0.0, 1.0)
    scans: int = param(5, "Scans that must show it", 1, 100)
    agree_share: float = param(0.85, "Share of returns that agree in their column", 0.5, 1.0)
    apart_m: float = param(0.1, "A beam's usual change from scan to scan [m]", 0.01, 1.0)
    depth_share: float = param(0.75, "Share of columns in which depth agrees", 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class ThermalParams:
    """The thermal camera, and what makes a hot spot sure."""

    horizontal_fov_rad: float = param(0.99, "Its field of view [rad]", 0.1, 2.5)
    kelvin_per_count: float = param(0.01, "Kelvin a count", 0.0001, 1.0)
    kelvin_at_zero: float = param(0.0, "Temperature at count zero [K]", -300.0, 400.0)
    slack_m: float = param(0.05, "The area is taken so much larger [m]", 0.0, 1.0)
    pictures: int = param(3, "Pictures that must show it", 1, 50)
    pixels: int = param(25, "Pixels that the area must have", 9, 10000)
    spread_k: float = param(1.5, "Pictures may differ by [K]", 0.1, 20.0)


@dataclass(frozen=True, slots=True)
class InspectionParams:
    """Readings at checkpoints."""

    gauge: GaugeParams = field(default_factory=GaugeParams)
    tag: TagParams = field(default_factory=TagParams)
    lamp: LampParams = field(default_factory=LampParams)
    door: DoorParams = field(default_factory=DoorParams)
    thermal: ThermalParams = field(default_factory=ThermalParams)
