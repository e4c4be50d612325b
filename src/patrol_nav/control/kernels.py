"""Hot loops of the local controllers.

State is x, y, yaw, v, w in `map`. A reference path is (N, 5): x, y, yaw, distance along it, speed
cap. People are (M, 5): x, y, vx, vy, radius. Limits are (8,): acceleration, deceleration, yaw
acceleration, yaw rate, reverse speed, lateral acceleration, and two of the pursuit law.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from patrol_nav.costmap.kernels import footprint_clearance

_Float = npt.NDArray[np.float64]
_Field = npt.NDArray[np.float32]

ACCELERATION, DECELERATION, YAW_ACCELERATION, YAW_RATE = 0, 1, 2, 3
REVERSE, LATERAL, LOOKAHEAD_S, TURN_IN_PLACE = 4, 5, 6, 7


@njit("float64(float64)", cache=True)
def wrap(angle: float) -> float:
    """The same angle in [-pi, pi)."""
    return (angle + math.pi) % (2.0 * math.pi) - math.pi


@njit("float64(float64, float64, float64, float64, float64)", cache=True)
def approach_speed(
    now: float, wanted: float, speed_up: float, slow_down: float, dt: float
) -> float:
    """`wanted`, as far as the drive gets towards it in `dt`."""
    towards_zero = (now > 0.0 and wanted < now) or (now < 0.0 and wanted > now)
    step = (slow_down if towards_zero else speed_up) * dt
    return min(max(wanted, now - step), now + step)


@njit("int64(float64[:, ::1], int64, float64, float64)", cache=True)
def advance_index(path: _Float, index: int, x: float, y: float) -> int:
    """The nearest path point at `index` or after it, as far as the distance keeps falling."""
    best = (path[index, 0] - x) ** 2 + (path[index, 1] - y) ** 2
    while index + 1 < path.shape[0]:
        ahead = (path[index + 1, 0] - x) ** 2 + (path[index + 1, 1] - y) ** 2
        if ahead > best:
            break
        best = ahead
        index += 1
    return index


@njit(
    "UniTuple(float64, 2)(float64[:, ::1], int64, float64, float64, float64, float64, "
    "float64, float64, float64[::1])",
    cache=True,
)
def pursuit_law(
    path: _Float, index: int, x: float, y: float, yaw: float, v: float,
    min_lookahead: float, max_lookahead: float, limits: _Float,
) -> tuple[float, float]:  # fmt: skip
    """Regulated pure pursuit: wanted speed and turn rate. `index`: nearest path point.

    Coulter, "Implementation of the pure pursuit path tracking algorithm", 1992; speed held down in
    bends as in Macenski et al., "Regulated pure pursuit for robot path tracking", 2023.
    """
    lookahead = min(max(abs(v) * limits[LOOKAHEAD_S], min_lookahead), max_lookahead)
    target = index
    last = path.shape[0] - 1
    while target < last and path[target, 3] - path[index, 3] < lookahead:
        target += 1
    tx, ty = path[target, 0], path[target, 1]
    short = lookahead - (path[target, 3] - path[index, 3])
    if target == last and short > 0.0:
        tx += short * math.cos(path[last, 2])
        ty += short * math.sin(path[last, 2])
    dx, dy = tx - x, ty - y
    error = wrap(math.atan2(dy, dx) - yaw)
    if abs(error) > limits[TURN_IN_PLACE]:
        return 0.0, min(max(2.0 * error, -limits[YAW_RATE]), limits[YAW_RATE])
    distance = max(math.hypot(dx, dy), 0.1)
    curvature = 2.0 * math.sin(error) / distance
    speed = path[index, 4]
    if abs(curvature) > 1e-6:
        speed = min(speed, limits[YAW_RATE] / abs(curvature))
        speed = min(speed, math.sqrt(limits[LATERAL] / abs(curvature)))
    return speed, speed * curvature


@njit(
    "void(float64[:, ::1], float64[::1], float64, float64, float64[::1], float64, "
    "float64[:, ::1])",
    cache=True,
)
def pursuit_rollout(
    path: _Float, state: _Float, min_lookahead: float, max_lookahead: float, limits: _Float,
    dt: float, controls: _Float,
) -> None:  # fmt: skip
    """What pure pursuit would do from `state`: speed and turn rate a step into `controls`."""
    x, y, yaw, v, w = state[0], state[1], state[2], state[3], state[4]
    index = advance_index(path, 0, x, y)
    for t in range(controls.shape[0]):
        wanted_v, wanted_w = pursuit_law(
            path, index, x, y, yaw, v, min_lookahead, max_lookahead, limits
        )
        v = approach_speed(v, wanted_v, limits[ACCELERATION], limits[DECELERATION], dt)
        w = approach_speed(w, wanted_w, limits[YAW_ACCELERATION], limits[YAW_ACCELERATION], dt)
        yaw += w * dt
        x += v * math.cos(yaw) * dt
        y += v * math.sin(yaw) * dt
        index = advance_index(path, index, x, y)
        controls[t, 0], controls[t, 1] = v, w


@njit("float64(float64[::1], float64, float64, float64, float64, float64, float64)", cache=True)
def person_gap(
    person: _Float, t: float, x: float, y: float, yaw: float, half_length: float, center: float
) -> float:
    """Distance [m] from the axis of the body to the edge of a person predicted `t` ahead."""
    px = person[0] + person[2] * t - x
    py = person[1] + person[3] * t - y
    cos, sin = math.cos(yaw), math.sin(yaw)
    along = px * cos + py * sin - center
    across = -px * sin + py * cos
    beyond = max(abs(along) - half_length, 0.0)
    return math.sqrt(beyond * beyond + across * across) - float(person[4])


@njit(
    "float64(float64[:, ::1], float64, float64, float64, float64, float64, float64, float64[::1])",
    cache=True,
)
def people_cost(
    people: _Float, ahead: float, dt: float, x: float, y: float, yaw: float, v: float,
    weights: _Float,
) -> float:  # fmt: skip
    """Cost of being so near to people `ahead` seconds from now; the far future counts less."""
    people_w, near, far = weights[6], weights[7], weights[8]
    trust = math.exp(-0.3 * ahead)
    cost = 0.0
    for k in range(people.shape[0]):
        gap = person_gap(people[k], ahead, x, y, yaw, weights[12], weights[14]) - weights[13]
        if gap >= far:
            continue
        cost += dt * 0.1 * people_w * ((far - gap) / far) ** 2
        if gap < near:
            cost += dt * people_w * ((near - gap) / near) ** 2
        if gap < 0.0 and abs(v) > 0.02:
            cost += 0.2 * weights[5]
    return cost * trust


@njit(
    "void(float32[:, ::1], float64, float64, float64, float64[::1], float64, float64[:, ::1], "
    "float64[:, ::1], float64[::1], float64[::1], float64, float64[::1], float64, "
    "float64[:, :, ::1], float64[::1], float64[::1], boolean[::1])",
    cache=True,
)
def rollout_costs(
    distances: _Field, origin_x: float, origin_y: float, resolution: float,
    offsets: _Float, radius: float, path: _Float, people: _Float, state: _Float, limits: _Float,
    dt: float, weights: _Float, clearance_now: float,
    controls: npt.NDArray[np.float64], costs: _Float, progress: _Float,
    collides: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Drive every row of wanted `controls` (R, T, 2) and judge it.

    `controls` is overwritten by what the drive can do of it. `weights` (16,): path, heading,
    progress, obstacle and its margin, collision, people with near and far distance, smoothness,
    turning, reversing; half length, half width and centre of the body; the least room. Where there
    is less than that already (`clearance_now`), it must not become less still. Into `costs`,
    `progress` [m along the path] and `collides` (R,).
    """
    path_w, heading_w, progress_w, obstacle_w = weights[0], weights[1], weights[2], weights[3]
    margin, collision_w = weights[4], weights[5]
    smooth_w, turn_w, reverse_w = weights[9], weights[10], weights[11]
    steps = controls.shape[1]
    least = min(clearance_now - 0.005, weights[15])
    first = advance_index(path, 0, state[0], state[1])
    last = path.shape[0] - 1
    for i in range(controls.shape[0]):
        x, y, yaw, v, w = state[0], state[1], state[2], state[3], state[4]
        index = first
        cost = 0.0
        hit = False
        for t in range(steps):
            top = path[index, 4]
            wanted = min(max(controls[i, t, 0], -limits[REVERSE]), top)
            new_v = approach_speed(v, wanted, limits[ACCELERATION], limits[DECELERATION], dt)
            wanted = min(max(controls[i, t, 1], -limits[YAW_RATE]), limits[YAW_RATE])
            new_w = approach_speed(
                w, wanted, limits[YAW_ACCELERATION], limits[YAW_ACCELERATION], dt
            )
            controls[i, t, 0], controls[i, t, 1] = new_v, new_w
            cost += smooth_w * ((new_v - v) ** 2 + 0.5 * (new_w - w) ** 2)
            v, w = new_v, new_w
            middle = yaw + 0.5 * w * dt
            yaw += w * dt
            x += v * math.cos(middle) * dt
            y += v * math.sin(middle) * dt
            index = advance_index(path, index, x, y)
            off = (path[index, 0] - x) ** 2 + (path[index, 1] - y) ** 2
            cost += dt * path_w * min(off, 4.0)
            cost += dt * heading_w * (1.0 - math.cos(yaw - path[index, 2]))
            cost += dt * turn_w * w * w
            if v < 0.0:
                cost -= dt * reverse_w * v
            room = footprint_clearance(
                distances, origin_x, origin_y, resolution, offsets, radius, x, y, yaw
            )
            if room < least:
                hit = True
                cost += collision_w * (2.0 - t / steps)
                break
            if room < margin:
                touch = (margin - room) / margin
                cost += dt * obstacle_w * touch * touch * (0.3 + abs(v))
            ahead = (t + 1) * dt
            if people.shape[0] > 0:
                cost += people_cost(people, ahead, dt, x, y, yaw, v, weights)
        along = (x - path[index, 0]) * math.cos(path[index, 2]) + (y - path[index, 1]) * math.sin(
            path[index, 2]
        )
        made = path[index, 3] - path[first, 3] + (along if index < last else min(along, 0.0))
        costs[i] = cost - progress_w * made
        progress[i] = made
        collides[i] = hit


@njit("void(float64[:, :, ::1], float64[::1], float64, float64[:, ::1])", cache=True)
def softmin_mean(
    controls: npt.NDArray[np.float64], costs: _Float, temperature: float, mean: _Float
) -> None:
    """The mean of `controls` (R, T, 2) weighted by exp(-cost / temperature), into `mean` (T, 2).

    Williams et al., "Information theoretic MPC for model-based reinforcement learning", 2017.
    """
    least = costs.min()
    total = 0.0
    mean[:] = 0.0
    for i in range(costs.shape[0]):
        weight = math.exp(-(costs[i] - least) / temperature)
        if weight < 1e-9:
            continue
        total += weight
        for t in range(mean.shape[0]):
            mean[t, 0] += weight * controls[i, t, 0]
            mean[t, 1] += weight * controls[i, t, 1]
    mean /= total


@njit("void(float64[:, ::1], float64[::1], float64, float64[:, ::1])", cache=True)
def integrate(controls: _Float, state: _Float, dt: float, poses: _Float) -> None:
    """Poses (T, 3) after every step of `controls` (T, 2) from `state`."""
    x, y, yaw = state[0], state[1], state[2]
    for t in range(controls.shape[0]):
        middle = yaw + 0.5 * controls[t, 1] * dt
        yaw += controls[t, 1] * dt
        x += controls[t, 0] * math.cos(middle) * dt
        y += controls[t, 0] * math.sin(middle) * dt
        poses[t, 0], poses[t, 1], poses[t, 2] = x, y, yaw


@njit(
    "float64(float32[:, ::1], float64, float64, float64, float64[::1], float64, float64[:, ::1], "
    "float64[:, ::1], float64, float64, float64, float64, float64, float64)",
    cache=True,
)
def free_way(
    distances: _Field, origin_x: float, origin_y: float, resolution: float,
    offsets: _Float, radius: float, poses: _Float, people: _Float,
    dt: float, least: float, people_gap: float, half_length: float, half_width: float,
    center: float,
) -> float:  # fmt: skip
    """How far [m] poses (N, 3), `dt` apart, can be driven with `least` room and `people_gap` to
    people.

    Infinite where nothing is in the way. People who are already that near do not count once the
    gap to them grows.
    """
    way = 0.0
    for i in range(poses.shape[0]):
        x, y, yaw = poses[i, 0], poses[i, 1], poses[i, 2]
        if i > 0:
            way += math.hypot(x - poses[i - 1, 0], y - poses[i - 1, 1])
        room = footprint_clearance(
            distances, origin_x, origin_y, resolution, offsets, radius, x, y, yaw
        )
        if room < least:
            return way
        for k in range(people.shape[0]):
            gap = person_gap(people[k], i * dt, x, y, yaw, half_length, center) - half_width
            if gap >= people_gap:
                continue
            if i == 0:
                return 0.0
            before = person_gap(
                people[k], (i - 1) * dt, poses[i - 1, 0], poses[i - 1, 1], poses[i - 1, 2],
                half_length, center,
            ) - half_width  # fmt: skip
            if gap < before:
                return way
    return np.inf
