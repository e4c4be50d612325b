"""Where there is no map: the pose is dead reckoning from where the robot started."""

from __future__ import annotations

import math

import numpy as np

from patrol_core import topics
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geometry import FloatArray, Pose2, Transform3
from patrol_core.robot import RobotModel
from patrol_core.types.motion import PoseEstimate, StampedTransform, Transforms
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_nav.localization.dead_reckoning import DeadReckoning, Reckoned
from patrol_nav.localization.params import MotionParams

STATUS_PERIOD_S = 0.1
REASON = "dead reckoning from the start: no map"


class Reckoner(Component):
    """Says base_link in `map` from wheels and gyro alone, in place of the localiser.

    `map` is such that the robot starts at `start`; INITIALPOSE says anew where it is. The pose
    drifts: by a few centimetres in ten metres, which is less than what plans over what the lidar
    has just seen have to fear.
    """

    name = "reckoner"
    reads = (topics.ODOM, topics.IMU, topics.INITIALPOSE)
    writes = (topics.TF, topics.AMCL_POSE, topics.LOCALIZATION_STATUS)
    rate_hz = 20.0

    def __init__(self, params: MotionParams, robot: RobotModel, start: Pose2) -> None:
        self._params = params
        self._reckoning = DeadReckoning(params, robot.imu.transform(), robot.wheels.separation_m)
        self._pending: Pose2 | None = start
        self._origin = start
        self._from: Reckoned | None = None
        self._told_s = -math.inf
        self._status_s = -math.inf

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        """Advance by wheels and gyro; publish the pose of every new odometry sample."""
        outputs = Outputs()
        for estimate in inputs.events(topics.INITIALPOSE):
            self._pending = estimate.pose
        odometry = inputs.fresh(topics.ODOM, now_s)
        if odometry is not None:
            self._reckoning.update(odometry, inputs.latest(topics.IMU))
        newest = self._reckoning.newest
        if newest is None:
            return outputs
        if self._pending is not None or self._from is None:
            self._origin, self._from = self._pending or self._origin, newest
            self._pending = None
        if newest.stamp_s > self._told_s:
            self._told_s = newest.stamp_s
            self._say(newest, self._from, now_s, outputs)
        return outputs

    def _say(self, newest: Reckoned, since: Reckoned, now_s: float, outputs: Outputs) -> None:
        pose = self._origin.compose(newest.pose.relative_to(since.pose))
        covariance = self._covariance(newest, since)
        a, b, c, d, e, f, g, h, i = covariance.ravel().tolist()
        estimate = PoseEstimate(newest.stamp_s, pose, (a, b, c, d, e, f, g, h, i))
        outputs.put(topics.AMCL_POSE, estimate)
        shift = Transform3.from_pose2(pose.compose(newest.wheels.inverse()))
        moved = StampedTransform(newest.stamp_s, "map", "odom", shift)
        outputs.put(topics.TF, Transforms((moved,)))
        if now_s - self._status_s >= STATUS_PERIOD_S - 1e-6:
            self._status_s = now_s
            position_std, yaw_std = np.sqrt(np.diag(covariance)[1:]).tolist()
            status = LocalizationStatus(
                now_s, LocalizationLevel.GOOD, REASON, position_std, yaw_std, 0.0
            )
            outputs.put(topics.LOCALIZATION_STATUS, status)

    def _covariance(self, newest: Reckoned, since: Reckoned) -> FloatArray:
        """Of x, y [m] and yaw [rad], from the way and the turns made: a bound, not a filter."""
        params = self._params
        way_m, turn_rad = newest.way_m - since.way_m, newest.turn_rad - since.turn_rad
        slip_m = params.slip_noise * (newest.slip_m - since.slip_m)
        along = params.forward_noise**2 * way_m + slip_m**2
        yaw = params.turn_noise**2 * turn_rad + params.drift_noise**2 * way_m
        position = along + params.sideways_noise**2 * way_m + yaw * way_m**2
        return np.diag([position, position, yaw])
