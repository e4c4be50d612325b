"""The localiser: particle filter on dead reckoning, its transform, and its word on itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from patrol_core import topics
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geodesy import LocalFrame
from patrol_core.geometry import FloatArray, Pose2, Transform3
from patrol_core.robot import RobotModel
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.motion import (
    ZERO_COVARIANCE,
    Covariance3,
    Particles,
    PoseEstimate,
    StampedTransform,
    Transforms,
)
from patrol_core.types.sensors import LaserScan
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_nav.localization.dead_reckoning import DeadReckoning, Reckoned
from patrol_nav.localization.evidence import Evidence, StatusJudge
from patrol_nav.localization.global_search import SearchTables
from patrol_nav.localization.likelihood_field import LikelihoodField
from patrol_nav.localization.params import LocalizerParams, MotionParams
from patrol_nav.localization.particle_filter import ParticleFilter, StepNoise
from patrol_nav.localization.recovery import Answer, Question, Recovery
from patrol_nav.localization.satellites import Satellites

_STATUS_PERIOD_S = 0.1
_PARTICLES_PERIOD_S = 1.0
_SHOWN_PARTICLES = 250


@dataclass(frozen=True, slots=True)
class _Anchor:
    """The pose in `map` after the last correction, and dead reckoning at that moment."""

    pose: Pose2
    covariance: FloatArray
    reckoned: Reckoned


class Localizer(Component):
    """Estimates base_link in `map` from scans, wheels, gyro and, where there are, satellites.

    Starts at `start` (usually the dock) with the initial spread; INITIALPOSE starts anew. When
    lost it looks for the pose on the whole map, and takes one that is beyond doubt.
    Publishes map -> odom at every tick and the pose at the stamp of every scan.
    """

    name = "localizer"
    reads = (topics.ODOM, topics.IMU, topics.SCAN, topics.FIX, topics.INITIALPOSE)
    writes = (topics.TF, topics.AMCL_POSE, topics.LOCALIZATION_STATUS, topics.PARTICLE_CLOUD)
    rate_hz = 20.0

    def __init__(
        self,
        params: LocalizerParams,
        robot: RobotModel,
        grid: OccupancyGrid,
        frame: LocalFrame,
        start: Pose2,
        rng: np.random.Generator,
    ) -> None:
        self._params = params
        self._lidar_matrix = robot.lidar.transform().matrix()
        self._field = LikelihoodField(grid, params.beams)
        self._filter = ParticleFilter(params.particles, rng)
        self._reckoning = DeadReckoning(
            params.motion, robot.imu.transform(), robot.wheels.separation_m
        )
        self._judge = StatusJudge(params.status)
        tables = SearchTables(grid, self._field.distance, params.search)
        self._recovery = Recovery(
            tables,
            self._field,
            params.recovery,
            robot.lidar.transform().pose2(),
            params.status.agreement_m,
        )
        x_m, y_m, _ = robot.gnss.xyz_m
        self._satellites = Satellites(params.gnss, frame, (x_m, y_m))
        self._note = ""
        self._pending: PoseEstimate | None = PoseEstimate(0.0, start)
        self._anchor: _Anchor | None = None
        self._last_scan_s = -math.inf
        self._last_status_s = -math.inf
        self._shown_s = -math.inf
        self._beam_phase = 0

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        """Predict by wheels and gyro, correct by a new scan, publish."""
        outputs = Outputs()
        for estimate in inputs.events(topics.INITIALPOSE):
            self._pending = estimate
        odometry = inputs.fresh(topics.ODOM, now_s)
        if odometry is not None:
            self._reckoning.update(odometry, inputs.latest(topics.IMU))
        newest = self._reckoning.newest
        if newest is None:
            self._say_nothing_known("no wheel odometry yet", now_s, outputs)
            return outputs
        if self._pending is not None:
            self._start(self._pending, newest)
        self._satellites.update(inputs.fresh(topics.FIX, now_s))
        scan = inputs.latest(topics.SCAN)
        if scan is not None and scan.stamp_s > self._last_scan_s:
            self._take_scan(scan, now_s, outputs)
        elif inputs.fresh(topics.SCAN, now_s) is None:
            self._say_nothing_known("no lidar scan: dead reckoning", now_s, outputs)
        answer = self._recovery.advance(now_s)
        if answer is not None:
            self._heed(answer)
        outputs.put(topics.TF, self._map_to_odom(newest))
        if now_s - self._shown_s >= _PARTICLES_PERIOD_S - 1e-6:
            self._shown_s = now_s
            outputs.put(topics.PARTICLE_CLOUD, Particles(now_s, self._some_particles()))
        return outputs

    def _some_particles(self) -> FloatArray:
        particles = self._filter.particles
        return particles[:: max(1, len(particles) // _SHOWN_PARTICLES)].copy()

    def _start(self, estimate: PoseEstimate, reckoned: Reckoned) -> None:
        self._pending = None
        self._filter.reset(estimate.pose, estimate.covariance)
        self._judge = StatusJudge(self._params.status)
        self._recovery.forget()
        self._note = ""
        self._anchor = _Anchor(estimate.pose, self._filter.covariance(), reckoned)

    def _heed(self, answer: Answer) -> None:
        """Doubt the pose that a search speaks against; go where it says that the robot is."""
        judge, question = self._judge, answer.question
        if answer.contradiction:
            judge.contradict(answer.contradiction)
        else:
            judge.withdraw()
        self._note = answer.note
        if answer.pose is None or judge.level is not LocalizationLevel.LOST:
            return
        self._filter.reset(answer.pose, ZERO_COVARIANCE)
        self._anchor = _Anchor(answer.pose, self._filter.covariance(), question.reckoned)
        self._recovery.forget()
        judge.found()

    def _take_scan(self, scan: LaserScan, now_s: float, outputs: Outputs) -> None:
        reckoned = self._reckoning.at(scan.stamp_s)
        anchor = self._anchor
        if reckoned is None or anchor is None or scan.stamp_s < anchor.reckoned.stamp_s:
            return
        self._last_scan_s = scan.stamp_s
        endpoints = self._endpoints(scan)
        predicted = anchor.pose.compose(reckoned.pose.relative_to(anchor.reckoned.pose))
        pose, innovation_m = predicted, 0.0
        if self._worth_an_update(anchor, reckoned):
            pose = self._update(anchor, reckoned, endpoints)
            innovation_m = pose.distance_to(predicted)
        assert self._anchor is not None
        covariance = self._anchor.covariance
        agreement = self._field.explained(pose, endpoints, self._params.status.agreement_m)
        evidence = Evidence(len(endpoints), agreement, covariance, innovation_m)
        outputs.put(
            topics.AMCL_POSE, PoseEstimate(scan.stamp_s, pose, _as_covariance3(covariance))
        )
        self._last_status_s = now_s
        question = Question(endpoints, reckoned, pose, self._satellites.newest)
        answer = self._recovery.watch(question)
        if answer is not None:
            self._heed(answer)
        status = self._judge.judge(evidence, now_s)
        lost = status.level is LocalizationLevel.LOST
        if lost and self._note:
            status = replace(status, reason=f"{status.reason}; {self._note}")
        outputs.put(topics.LOCALIZATION_STATUS, status)
        enough = len(endpoints) >= self._params.status.min_returns
        if enough and self._recovery.wants(self._judge.agreement, lost, now_s):
            self._recovery.ask(question)

    def _worth_an_update(self, anchor: _Anchor, now: Reckoned) -> bool:
        params, last = self._params, anchor.reckoned
        return (
            _position_std_m(anchor.covariance) > params.settled_m
            or now.way_m - last.way_m >= params.update_distance_m
            or now.turn_rad - last.turn_rad >= params.update_turn_rad
            or now.stamp_s - last.stamp_s >= params.update_period_s
        )

    def _update(self, anchor: _Anchor, reckoned: Reckoned, endpoints: FloatArray) -> Pose2:
        """Move and weigh the particles; the new pose becomes the anchor."""
        step = reckoned.pose.relative_to(anchor.reckoned.pose)
        self._filter.predict(step, step_noise(self._params.motion, anchor.reckoned, reckoned))
        particles = self._filter.particles
        evidence: FloatArray | None = None
        if len(endpoints) >= self._params.status.min_returns:
            scores = self._field.log_likelihoods(particles, self._choose(endpoints))
            evidence = scores * self._params.beams.trust
        sighting = self._satellites.take()
        if sighting is not None:
            seen = sighting.log_likelihoods(particles)
            evidence = seen if evidence is None else evidence + seen
        if evidence is not None:
            self._filter.correct(evidence)
        pose = self._filter.pose()
        self._anchor = _Anchor(pose, self._filter.covariance(), reckoned)
        return pose

    def _endpoints(self, scan: LaserScan) -> FloatArray:
        """Returns of a scan in base_link, shape (M, 2), at most `max_range_m` away."""
        points = scan.points_m()
        near = np.square(points).sum(axis=1) <= self._params.beams.max_range_m**2
        matrix = self._lidar_matrix
        return np.ascontiguousarray(points[near] @ matrix[:2, :2].T + matrix[:2, 3])

    def _choose(self, endpoints: FloatArray) -> FloatArray:
        """`beams.count` returns, evenly spaced; others at every update."""
        count = len(endpoints)
        wanted = min(self._params.beams.count, count)
        self._beam_phase = (self._beam_phase + 7) % 16
        offset = self._beam_phase / 16.0
        chosen = ((np.arange(wanted) + offset) * (count / wanted)).astype(np.int64)
        return np.ascontiguousarray(endpoints[chosen])

    def _map_to_odom(self, newest: Reckoned) -> Transforms:
        assert self._anchor is not None
        moved = newest.pose.relative_to(self._anchor.reckoned.pose)
        correction = self._anchor.pose.compose(moved).compose(newest.wheels.inverse())
        transform = Transform3.from_pose2(correction)
        return Transforms((StampedTransform(newest.stamp_s, "map", "odom", transform),))

    def _say_nothing_known(self, reason: str, now_s: float, outputs: Outputs) -> None:
        """Without fresh input there is no evidence: degraded, and nothing better."""
        if now_s - self._last_status_s < _STATUS_PERIOD_S - 1e-6:
            return
        self._last_status_s = now_s
        level = self._judge.level
        if level is LocalizationLevel.GOOD:
            level = LocalizationLevel.DEGRADED
        covariance = self._anchor.covariance if self._anchor else np.zeros((3, 3))
        yaw_std = math.sqrt(float(covariance[2, 2]))
        status = LocalizationStatus(
            now_s, level, reason, _position_std_m(covariance), yaw_std, 0.0
        )
        outputs.put(topics.LOCALIZATION_STATUS, status)


def step_noise(params: MotionParams, before: Reckoned, after: Reckoned) -> StepNoise:
    """How far a step of dead reckoning may be off: variances grow with way, turn and time."""
    way = max(after.way_m - before.way_m, 0.0)
    turn = max(after.turn_rad - before.turn_rad, 0.0)
    slip = params.slip_noise * (after.slip_m - before.slip_m)
    gyro = params.gyro_noise_radps * (after.stamp_s - before.stamp_s)
    root = math.sqrt(way)
    return StepNoise(
        math.hypot(params.forward_noise * root, slip, params.floor_m),
        math.hypot(params.sideways_noise * root, params.floor_m),
        math.hypot(
            params.turn_noise * math.sqrt(turn), params.drift_noise * root, gyro, params.floor_rad
        ),
    )


def _position_std_m(covariance: FloatArray) -> float:
    """Standard deviation along the least known direction."""
    return math.sqrt(max(float(np.linalg.eigvalsh(covariance[:2, :2])[-1]), 0.0))


def _as_covariance3(covariance: FloatArray) -> Covariance3:
    a, b, c, d, e, f, g, h, i = covariance.ravel().tolist()
    return (a, b, c, d, e, f, g, h, i)
