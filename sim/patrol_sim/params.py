"""How imperfect the simulated robot is. Sources stand with the numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class BaseParams:
    """The motor controller's own last defence (DESIGN 6)."""

    expiry_s: float = param(0.15, "Age after arrival at which a command counts as zero", 0.02, 1.0)
    max_stamp_age_s: float = param(0.25, "Age of a command's stamp that is refused", 0.02, 1.0)


@dataclass(frozen=True, slots=True)
class WheelParams:
    """Borenstein and Feng 1996 (UMBmark) for the constant part; slip on asphalt and gravel."""

    radius_error_std: float = param(
        0.003, "Relative error of one wheel's radius, 1 sigma", 0, 0.05
    )
    slip_std: float = param(0.012, "Relative random slip, 1 sigma", 0.0, 0.2)
    slip_correlation_s: float = param(1.5, "Correlation time of the random slip", 0.02, 60.0)
    event_rate_hz: float = param(0.01, "Slip events (wet leaves, gravel) while moving", 0.0, 1.0)
    event_slip: float = param(0.25, "Relative slip of one wheel during an event", 0.0, 0.9)
    event_duration_s: float = param(0.5, "Length of an event", 0.02, 10.0)


@dataclass(frozen=True, slots=True)
class ImuParams:
    """Bosch BMI088 data sheet: 0.014 deg/s/sqrt(Hz), 175 ug/sqrt(Hz); bias after calibration."""

    gyro_noise_radps: float = param(0.0015, "White noise per sample", 0.0, 0.1)
    gyro_bias_std_radps: float = param(0.0017, "Turn-on bias, 1 sigma (0.1 deg/s)", 0.0, 0.1)
    gyro_walk_radps_sqrt_s: float = param(2e-5, "Bias random walk", 0.0, 0.01)
    accel_noise_mps2: float = param(0.03, "White noise per sample", 0.0, 1.0)
    accel_bias_std_mps2: float = param(0.05, "Turn-on bias, 1 sigma", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class LidarParams:
    """SICK TiM and Slamtec S2 class: 10 mm statistical error, few lost returns; dry by default."""

    sigma_m: float = param(0.01, "Noise of a range, 1 sigma", 0.0, 0.2)
    dropout_fraction: float = param(0.005, "Beams without a reading", 0.0, 1.0)
    drops_fraction: float = param(0.0, "Beams that end at a drop of rain", 0.0, 1.0)
    drops_reach_m: float = param(4.0, "Drops are met no farther off than this [m]", 0.5, 30.0)
    rain_reach_m: float = param(
        100.0, "Mean range at which rain swallows a return [m]", 1.0, 1000.0
    )


@dataclass(frozen=True, slots=True)
class GnssParams:
    """u-blox M8 class receiver; bias near buildings after Groves 2013, chapter 9."""

    open_sky_std_m: float = param(1.0, "Slow horizontal error under open sky", 0.0, 20.0)
    multipath_std_m: float = param(6.0, "Slow error added where all sky is blocked", 0.0, 50.0)
    white_std_m: float = param(0.3, "Noise per fix", 0.0, 10.0)
    correlation_s: float = param(40.0, "Correlation time of the slow error", 1.0, 1000.0)
    lost_above: float = param(0.85, "Blocked part of the sky above which there is no fix", 0, 1)


@dataclass(frozen=True, slots=True)
class CameraParams:
    """Depth error of active stereo, growing with the square of distance (Intel D435 guide)."""

    depth_noise_per_m: float = param(0.002, "Depth noise per squared distance [1/m]", 0.0, 0.1)
    jpeg_quality: int = param(80, "JPEG quality of the colour image", 10, 100)


@dataclass(frozen=True, slots=True)
class BatteryParams:
    """Lithium iron phosphate, 8 cells: flat at 3.2 V a cell, 25 mOhm."""

    initial_fraction: float = param(0.9, "Charge at the start", 0.0, 1.0)
    idle_w: float = param(45.0, "Computer, sensors, lights", 0.0, 1000.0)
    drive_efficiency: float = param(0.6, "Wheel power per electrical power", 0.05, 1.0)
    charge_w: float = param(240.0, "Power of the dock", 0.0, 5000.0)
    resistance_ohm: float = param(0.025, "Inner resistance", 0.0, 1.0)
    dock_tolerance_m: float = param(0.03, "Distance from the docked pose that makes contact", 0, 1)
    dock_tolerance_rad: float = param(0.1, "Angle from the docked pose that makes contact", 0, 1)


@dataclass(frozen=True, slots=True)
class SimParams:
    """Parameters of the simulated robot and its sensors."""

    base: BaseParams = field(default_factory=BaseParams)
    wheels: WheelParams = field(default_factory=WheelParams)
    imu: ImuParams = field(default_factory=ImuParams)
    lidar: LidarParams = field(default_factory=LidarParams)
    gnss: GnssParams = field(default_factory=GnssParams)
    camera: CameraParams = field(default_factory=CameraParams)
    battery: BatteryParams = field(default_factory=BatteryParams)


def ideal_params() -> SimParams:
    """A robot without noise, slip or bias, for tests of geometry."""
    return SimParams(
        wheels=WheelParams(radius_error_std=0.0, slip_std=0.0, event_rate_hz=0.0),
        imu=ImuParams(0.0, 0.0, 0.0, 0.0, 0.0),
        lidar=LidarParams(0.0, 0.0),
        gnss=GnssParams(open_sky_std_m=0.0, multipath_std_m=0.0, white_std_m=0.0),
        camera=CameraParams(depth_noise_per_m=0.0),
    )
