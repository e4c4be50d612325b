"""Model predictive path integral control: many sampled drives, judged, and averaged by merit."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_nav.control.controller import Body, ControlOutput, ControlRequest, Weighed
from patrol_nav.control.kernels import (
    integrate,
    pursuit_rollout,
    rollout_costs,
    softmin_mean,
)
from patrol_nav.params import MppiParams, PursuitParams

BANK_ROWS = 4
"""Noise is drawn once, this many times the rollouts; every tick starts at another row of it."""
PURSUIT_SHARE = 0.3
"""Part of the rollouts that vary what pure pursuit would do, so that a good drive is always among
them.
"""
CORRELATION = 0.8
"""Of the noise from step to step: drives that a drive train can follow."""
HEADWAY_M = 0.15
"""A best drive that makes less headway than this over the horizon is blocked."""


class MppiController:
    """Keeps the sequence of the last tick as the start of the next. Deterministic from `rng`."""

    def __init__(
        self, params: MppiParams, pursuit: PursuitParams, body: Body, rng: np.random.Generator
    ) -> None:
        self._params = params
        self._pursuit = pursuit
        self._body = body
        self._rng = rng
        self._limits = body.limits(pursuit.lookahead_s, pursuit.turn_in_place_rad)
        self._noise = self._draw(params.rollouts * BANK_ROWS)
        self._goes_on = _stopping(params)
        self._mean: FloatArray = np.zeros((params.steps, 2))
        self._controls = np.empty((2, params.steps, params.rollouts))
        self._costs = np.empty(params.rollouts)
        self._progress = np.empty(params.rollouts)
        self._collides = np.empty(params.rollouts, dtype=np.bool_)
        self._state: FloatArray | None = None
        p = params
        self._weights = np.array(
            [p.path_weight, p.heading_weight, p.progress_weight, p.obstacle_weight,
             p.obstacle_margin_m, p.collision_weight, p.people_weight, p.people_near_m,
             p.people_far_m, p.smooth_weight, p.turn_weight, p.reverse_weight,
             body.half_length_m, body.half_width_m, body.center_m, p.least_room_m]
        )  # fmt: skip

    def reset(self) -> None:
        """See Controller."""
        self._mean[:] = 0.0

    def step(self, request: ControlRequest) -> ControlOutput:
        """See Controller."""
        self._state = state = request.state()
        self._shift(request.dt_s)
        self._sample(request, state)
        self._judge(request, state, self._controls, self._costs, self._progress, self._collides)
        mean: FloatArray = np.empty(self._mean.shape)
        softmin_mean(self._controls, self._costs, self._params.temperature, mean)
        best = int(np.argmin(self._costs))
        cost, progress, collides = np.empty(1), np.empty(1), np.empty(1, dtype=np.bool_)
        self._judge(request, state, _sequences(mean), cost, progress, collides)
        if collides[0] or cost[0] > self._costs[best] + 10.0 * self._params.temperature:
            mean = np.ascontiguousarray(self._controls[:, :, best].T)
            progress[0], collides[0] = self._progress[best], self._collides[best]
        self._mean = mean
        trajectory = np.empty((len(mean), 3))
        integrate(mean, state, self._params.step_s, trajectory)
        return self._output(request, mean, trajectory, float(progress[0]), bool(collides[0]))

    def weighed(self, most: int) -> Weighed:
        """See Controller. Spread evenly over the order of their costs."""
        if self._state is None:
            return Weighed(np.empty((0, 0, 2)), np.empty(0))
        order = np.argsort(self._costs)
        chosen = order[np.linspace(0, len(order) - 1, min(most, len(order))).astype(np.int64)]
        points: FloatArray = np.empty((len(chosen), self._params.steps, 3))
        for number, row in enumerate(chosen):
            drive = np.ascontiguousarray(self._controls[:, :, row].T)
            integrate(drive, self._state, self._params.step_s, points[number])
        return Weighed(points[:, :, :2], self._costs[chosen])

    def _output(
        self,
        request: ControlRequest,
        mean: FloatArray,
        trajectory: FloatArray,
        progress_m: float,
        collides: bool,
    ) -> ControlOutput:
        if collides:
            self.reset()
            return ControlOutput(0.0, 0.0, trajectory[:1], "no drive is free of collision")
        path = request.path
        turns = abs(float(mean[:, 1].mean())) > 0.2
        wants = path[0, 4] > 0.1 and path[-1, 3] > HEADWAY_M
        blocked = wants and not turns and progress_m < HEADWAY_M
        reason = "something stands in the way" if blocked else ""
        return ControlOutput(float(mean[0, 0]), float(mean[0, 1]), trajectory, reason)

    def _shift(self, dt_s: float) -> None:
        """Move the last sequence on by `dt_s`."""
        fraction = min(dt_s / self._params.step_s, 1.0)
        following = np.vstack((self._mean[1:], self._mean[-1:]))
        self._mean = (1.0 - fraction) * self._mean + fraction * following

    def _sample(self, request: ControlRequest, state: FloatArray) -> None:
        params = self._params
        pursuit = np.empty_like(self._mean)
        pursuit_rollout(
            request.path, state, self._pursuit.min_lookahead_m, self._pursuit.max_lookahead_m,
            self._limits, params.step_s, pursuit,
        )  # fmt: skip
        first = int(self._rng.integers(self._noise.shape[2] - params.rollouts + 1))
        noise = self._noise[:, :, first : first + params.rollouts]
        share = int(params.rollouts * PURSUIT_SHARE)
        pursued, meant = _sequences(pursuit), _sequences(self._mean)
        np.add(noise[:, :, :share], pursued, out=self._controls[:, :, :share])
        np.add(noise[:, :, share:], meant, out=self._controls[:, :, share:])
        if self._goes_on is not None:
            self._controls *= self._goes_on
        self._controls[:, :, :1] = pursued
        self._controls[:, :, 1] = 0.0
        self._controls[:, :, 2:3] = meant

    def _judge(
        self,
        request: ControlRequest,
        state: FloatArray,
        controls: FloatArray,
        costs: FloatArray,
        progress: FloatArray,
        collides: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> None:
        field, footprint = request.field, self._body.footprint
        room = field.clearances(footprint, state[None, :3])[0]
        rollout_costs(
            field.distances_m, field.origin_x_m, field.origin_y_m, field.resolution_m,
            footprint.offsets_m, footprint.radius_m, request.path, request.people, state,
            self._limits, self._params.step_s, self._weights, room,
            controls, costs, progress, collides,
        )  # fmt: skip

    def _draw(self, rows: int) -> FloatArray:
        """Correlated Gaussian noise (2, steps, rows) with the wanted spread at every step."""
        params = self._params
        white = self._rng.standard_normal((2, params.steps, rows))
        noise = np.empty_like(white)
        noise[:, 0] = white[:, 0]
        fresh = np.sqrt(1.0 - CORRELATION**2)
        for t in range(1, params.steps):
            noise[:, t] = CORRELATION * noise[:, t - 1] + fresh * white[:, t]
        spread = np.array([params.speed_std_mps, params.yaw_rate_std_radps])
        return np.asarray(noise * spread[:, None, None])


def _stopping(params: MppiParams) -> FloatArray | None:
    """0 where a rollout (steps, rollouts) has stopped, else 1; None where none does.

    Drives that stop, sooner or later, find the way ahead where all that go on for the whole
    horizon end at an obstacle.
    """
    if params.stop_share <= 0.0:
        return None
    stops_at = np.full(params.rollouts, params.steps)
    every = max(round(1.0 / params.stop_share), 1)
    stopping = np.arange(0, params.rollouts, every)
    stops_at[stopping] = 1 + np.arange(len(stopping)) * 7 % params.steps
    return (np.arange(params.steps)[:, None] < stops_at).astype(np.float64)


def _sequences(controls: FloatArray) -> FloatArray:
    """Controls (T, 2) as one sequence for the kernels (2, T, 1)."""
    return np.ascontiguousarray(controls.T)[:, :, None]
