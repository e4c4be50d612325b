"""Regulated pure pursuit: stops before what is in the way; the planner goes round it."""

from __future__ import annotations

import math

import numpy as np

from patrol_nav.control.controller import Body, ControlOutput, ControlRequest, Weighed
from patrol_nav.control.kernels import free_way, integrate, pursuit_rollout
from patrol_nav.params import PursuitParams

STEP_S = 0.1
HORIZON_STEPS = 25


class PurePursuitController:
    """Drives the path as if it were free, no faster than it can stop before the first obstacle."""

    def __init__(self, params: PursuitParams, body: Body) -> None:
        self._params = params
        self._body = body
        self._limits = body.limits(params.lookahead_s, params.turn_in_place_rad)

    def reset(self) -> None:
        """See Controller: there is no past."""

    def weighed(self, most: int) -> Weighed:  # noqa: ARG002
        """See Controller: there is one drive, and it is the one intended."""
        return Weighed(np.empty((0, 0, 2)), np.empty(0))

    def step(self, request: ControlRequest) -> ControlOutput:
        """See Controller."""
        params, body, state = self._params, self._body, request.state()
        controls = np.empty((HORIZON_STEPS, 2))
        pursuit_rollout(
            request.path, state, params.min_lookahead_m, params.max_lookahead_m, self._limits,
            STEP_S, controls,
        )  # fmt: skip
        trajectory = np.empty((HORIZON_STEPS, 3))
        integrate(controls, state, STEP_S, trajectory)
        field, footprint = request.field, body.footprint
        room = field.clearances(footprint, state[None, :3])[0]
        way = free_way(
            field.distances_m, field.origin_x_m, field.origin_y_m, field.resolution_m,
            footprint.offsets_m, footprint.radius_m, trajectory, request.people, STEP_S,
            min(params.margin_m, room) - 0.01, params.people_m,
            body.half_length_m, body.half_width_m, body.center_m,
        )  # fmt: skip
        linear, angular = float(controls[0, 0]), float(controls[0, 1])
        if math.isinf(way):
            return ControlOutput(linear, angular, trajectory)
        allowed = math.sqrt(2.0 * body.motion.deceleration_mps2 * way) if way > 0.05 else 0.0
        share = min(1.0, allowed / abs(linear)) if linear != 0.0 else float(way > 0.0)
        reason = "something is in the way" if share < 0.2 else ""
        return ControlOutput(linear * share, angular * share, trajectory, reason)
