"""Parameters of the localiser."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class MotionParams:
    """Dead reckoning and how much its steps are doubted (standard deviations)."""

    gyro_noise_radps: float = param(0.01, "Noise of one gyro sample [rad/s]", 1e-5, 1.0)
    gyro_bias_std_radps: float = param(0.02, "Gyro bias unknown at power-up [rad/s]", 0.0, 0.5)
    gyro_bias_walk: float = param(2e-5, "Wander of the gyro bias [rad/s per sqrt(s)]", 0.0, 0.01)
    imu_max_age_s: float = param(0.2, "Wheels give the turn where the gyro is older [s]", 0.0, 2.0)
    still_speed_mps: float = param(0.002, "Wheels at rest below this speed [m/s]", 0.0, 0.1)
    still_yaw_rate_radps: float = param(0.004, "Wheels at rest below this turn [rad/s]", 0.0, 0.1)
    still_after_s: float = param(0.5, "At rest this long before the bias is learnt [s]", 0.0, 10.0)
    forward_noise: float = param(0.06, "Along the way [m per sqrt(m)]", 0.0, 1.0)
    sideways_noise: float = param(0.02, "Across the way [m per sqrt(m)]", 0.0, 1.0)
    slip_noise: float = param(0.5, "Share of the way that wheels and gyro disagree on", 0.0, 2.0)
    turn_noise: float = param(0.01, "Of the turn [rad per sqrt(rad)]", 0.0, 1.0)
    drift_noise: float = param(0.002, "Of the heading on the way [rad per sqrt(m)]", 0.0, 0.5)
    floor_m: float = param(0.002, "Least doubt of a step [m]", 0.0, 0.1)
    floor_rad: float = param(0.0005, "Least doubt of a step [rad]", 0.0, 0.1)


@dataclass(frozen=True, slots=True)
class BeamParams:
    """The likelihood field (Thrun, Burgard, Fox: Probabilistic Robotics, section 6.4)."""

    count: int = param(90, "Beams of a scan that weigh particles", 10, 720)
    sigma_m: float = param(0.08, "Spread of returns about the mapped surface [m]", 0.01, 1.0)
    unexplained: float = param(0.15, "Weight of returns that the map does not explain", 0.001, 0.9)
    trust: float = param(0.25, "Exponent of a beam: neighbours err together", 0.01, 1.0)
    max_range_m: float = param(25.0, "Returns from farther away are not used [m]", 1.0, 200.0)


@dataclass(frozen=True, slots=True)
class ParticleParams:
    """Particle set; its size follows the spread (Fox 2003, KLD-sampling)."""

    min_count: int = param(500, "Particles at least", 50, 20000)
    max_count: int = param(2000, "Particles at most", 100, 50000)
    kld_error: float = param(0.05, "Bound on the divergence from the true belief", 0.001, 0.5)
    kld_quantile: float = param(2.33, "Normal quantile at which the bound holds", 0.5, 4.0)
    bin_m: float = param(0.1, "Side of a bin that is counted [m]", 0.01, 2.0)
    bin_rad: float = param(0.05, "Angle of a bin that is counted [rad]", 0.01, 1.0)
    resample_below: float = param(0.5, "Resample under this share of effective ones", 0.05, 1.0)
    survivors: float = param(0.1, "Share of effective ones that a scan leaves", 0.0, 0.5)
    roughening: float = param(0.3, "Scatter while closing in, share of the spread", 0.0, 1.0)
    initial_std_m: float = param(0.15, "Spread at a start without covariance [m]", 0.01, 10.0)
    initial_std_rad: float = param(0.08, "Spread at a start without covariance [rad]", 0.005, 3.2)
    cluster_m: float = param(
        1.0, "Radius about the heaviest bin that is one belief [m]", 0.1, 10.0
    )


@dataclass(frozen=True, slots=True)
class StatusParams:
    """Where good ends and lost begins."""

    agreement_m: float = param(0.2, "A return this near to the map is explained [m]", 0.02, 1.0)
    degraded_agreement: float = param(0.4, "Degraded under this share explained", 0.0, 1.0)
    lost_agreement: float = param(0.25, "Lost under this share explained", 0.0, 1.0)
    min_returns: int = param(30, "Returns in a scan that make it evidence", 1, 720)
    degraded_std_m: float = param(0.2, "Degraded above this spread [m]", 0.01, 10.0)
    lost_std_m: float = param(1.5, "Lost above this spread [m]", 0.1, 50.0)
    degraded_std_rad: float = param(0.1, "Degraded above this spread [rad]", 0.005, 3.2)
    lost_std_rad: float = param(0.5, "Lost above this spread [rad]", 0.05, 3.2)
    degraded_innovation_m: float = param(0.2, "Degraded when scans pull this far [m]", 0.01, 5.0)
    degraded_after_s: float = param(0.5, "Evidence lasts this long before degraded [s]", 0.0, 10.0)
    lost_after_s: float = param(1.5, "Evidence lasts this long before lost [s]", 0.0, 10.0)
    recover_after_s: float = param(1.0, "Evidence lasts this long before better [s]", 0.0, 30.0)


@dataclass(frozen=True, slots=True)
class SearchParams:
    """The search for the pose on the whole map."""

    resolution_m: float = param(0.1, "Cell of the search [m]", 0.02, 1.0)
    headings: int = param(360, "Headings that are tried", 36, 1000)
    sigma_m: float = param(0.15, "Spread of returns about the mapped surface [m]", 0.02, 1.0)
    beams: int = param(100, "Returns of a scan that are used", 10, 720)
    thin_m: float = param(0.3, "One return in each square of this side [m]", 0.01, 5.0)
    max_range_m: float = param(20.0, "Returns from farther away are not used [m]", 1.0, 100.0)
    least_score: float = param(0.4, "Poses that explain less are no candidates", 0.0, 1.0)
    margin: float = param(0.2, "Candidates fall behind the best by this at most", 0.0, 1.0)
    apart_m: float = param(1.0, "Candidates differ by this [m] ...", 0.1, 10.0)
    apart_rad: float = param(0.26, "... or by this [rad]", 0.02, 3.2)
    budget: int = param(20_000, "Poses scored a tick: a few milliseconds", 100, 10_000_000)


@dataclass(frozen=True, slots=True)
class RecoveryParams:
    """When the pose is doubted, and when another one is believed without being told.

    Fit: the share of a scan that the map explains, less the share that came through walls.
    """

    doubt_agreement: float = param(0.75, "Search under this share explained", 0.0, 1.0)
    retry_s: float = param(3.0, "Pause between searches [s]", 0.1, 60.0)
    better_by: float = param(0.2, "Lost where another pose fits by so much better ...", 0.02, 1.0)
    through: float = param(
        0.08, "... and this share of the scan would have come through walls", 0.0, 1.0
    )
    better_scans: int = param(5, "... and it does so in this many scans in a row", 1, 100)
    believed_fit: float = param(0.6, "A pose that is believed fits so well", 0.1, 1.0)
    unrivalled_by: float = param(0.1, "... and its best rival by so much less", 0.0, 1.0)
    same_m: float = param(0.5, "Poses this near are the same [m] ...", 0.05, 5.0)
    same_rad: float = param(0.2, "... at this difference of heading [rad]", 0.02, 1.0)


@dataclass(frozen=True, slots=True)
class GnssParams:
    """Satellites, where the robot has a receiver."""

    use: bool = param(True, "Heed fixes where there are any")
    least_std_m: float = param(
        1.0, "A fix is no better than this, whatever it says [m]", 0.01, 50.0
    )
    gate: float = param(3.0, "A place more standard deviations away is ruled out", 0.5, 20.0)
    weight: float = param(0.05, "Weight of a fix: its errors last for many of them", 0.0, 1.0)
    slack_m: float = param(3.0, "... if it is farther away by this, too [m]", 0.0, 100.0)


@dataclass(frozen=True, slots=True)
class LocalizerParams:
    """The localiser as a whole."""

    update_distance_m: float = param(0.05, "Use a scan after this way [m]", 0.0, 1.0)
    update_turn_rad: float = param(0.02, "Use a scan after this turn [rad]", 0.0, 1.0)
    update_period_s: float = param(1.0, "Use a scan after this time, even at rest [s]", 0.05, 60.0)
    settled_m: float = param(0.1, "Use every scan while the spread is above this [m]", 0.0, 5.0)
    motion: MotionParams = field(default_factory=MotionParams)
    beams: BeamParams = field(default_factory=BeamParams)
    particles: ParticleParams = field(default_factory=ParticleParams)
    gnss: GnssParams = field(default_factory=GnssParams)
    status: StatusParams = field(default_factory=StatusParams)
    search: SearchParams = field(default_factory=SearchParams)
    recovery: RecoveryParams = field(default_factory=RecoveryParams)
