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

X, Y, COS, SIN, V, W, TOP = range(7)
DRIVE_ROWS = 7
"""Of the drives (7, R) of a rollout: place, heading, speeds, and the speed allowed."""


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


@njit(
    "float64(float64[::1], float64, float64, float64, float64, float64, float64, float64)",
    cache=True,
)
def person_gap(
    person: _Float, t: float, x: float, y: float, cos: float, sin: float, half_length: float,
    center: float,
) -> float:  # fmt: skip
    """Distance [m] from the axis of the body to the edge of a person predicted `t` ahead.

    `cos` and `sin` are those of the robot's heading.
    """
    px = person[0] + person[2] * t - x
    py = person[1] + person[3] * t - y
    along = px * cos + py * sin - center
    across = -px * sin + py * cos
    beyond = max(abs(along) - half_length, 0.0)
    return math.sqrt(beyond * beyond + across * across) - float(person[4])


@njit(
    "void(float64[:, ::1], float64, float64, float64[::1], float64[:, ::1], boolean[::1], "
    "float64[::1])",
    cache=True,
)
def _add_people(
    people: _Float, ahead: float, dt: float, weights: _Float, drives: _Float,
    alive: npt.NDArray[np.bool_], costs: _Float,
) -> None:  # fmt: skip
    """Add what it costs drives to be so near to people `ahead` seconds from now."""
    people_w, near, far = weights[6], weights[7], weights[8]
    body = far + weights[12] + abs(weights[14]) + weights[13]
    trust = math.exp(-0.3 * ahead)
    x, y, cos, sin, v = drives[X], drives[Y], drives[COS], drives[SIN], drives[V]
    for k in range(people.shape[0]):
        person_x, person_y = (
            people[k, 0] + people[k, 2] * ahead,
            people[k, 1] + people[k, 3] * ahead,
        )
        reach = (body + people[k, 4]) ** 2
        for i in range(costs.shape[0]):
            if (person_x - x[i]) ** 2 + (person_y - y[i]) ** 2 >= reach or not alive[i]:
                continue
            gap = person_gap(
                people[k], ahead, x[i], y[i], cos[i], sin[i], weights[12], weights[14]
            )
            gap -= weights[13]
            if gap >= far:
                continue
            cost = dt * 0.1 * people_w * ((far - gap) / far) ** 2
            if gap < near:
                cost += dt * people_w * ((near - gap) / near) ** 2
            if gap < 0.0 and abs(v[i]) > 0.02:
                cost += 0.2 * weights[5]
            costs[i] += trust * cost


@njit(
    "void(float64[::1], float64, float64[::1], float64[::1], float64[::1], float64[:, ::1], "
    "float64[::1])",
    cache=True,
    error_model="numpy",
)
def _drive_on(
    limits: _Float, dt: float, weights: _Float, wanted_v: _Float, wanted_w: _Float,
    drives: _Float, costs: _Float,
) -> None:  # fmt: skip
    """One step of every drive; `wanted_v` and `wanted_w` become what the drive can do of them.

    Sine and cosine are turned by series, to 1e-9 for turns of 0.2 rad.
    """
    smooth_w, turn_w, reverse_w = weights[9], weights[10], weights[11]
    speed_up, slow_down = limits[ACCELERATION] * dt, limits[DECELERATION] * dt
    turn_up, yaw_rate = limits[YAW_ACCELERATION] * dt, limits[YAW_RATE]
    reverse = limits[REVERSE]
    x, y, cos, sin = drives[X], drives[Y], drives[COS], drives[SIN]
    v, w, top = drives[V], drives[W], drives[TOP]
    for i in range(costs.shape[0]):
        now, want = v[i], min(max(wanted_v[i], -reverse), top[i])
        slows = ((now > 0.0) & (want < now)) | ((now < 0.0) & (want > now))
        step = slow_down if slows else speed_up
        new_v = min(max(want, now - step), now + step)
        turning = w[i]
        want = min(max(wanted_w[i], -yaw_rate), yaw_rate)
        new_w = min(max(want, turning - turn_up), turning + turn_up)
        wanted_v[i], wanted_w[i] = new_v, new_w
        faster, harder = new_v - now, new_w - turning
        v[i], w[i] = new_v, new_w
        turn = new_w * dt
        square = turn * turn
        by_cos = 1.0 - square * (0.5 - square * (1.0 / 24.0 - square * (1.0 / 720.0)))
        by_sin = turn * (1.0 - square * (1.0 / 6.0 - square * (1.0 / 120.0)))
        new_cos = cos[i] * by_cos - sin[i] * by_sin
        new_sin = sin[i] * by_cos + cos[i] * by_sin
        half = 0.5 * new_v * dt
        x[i] += half * (cos[i] + new_cos)
        y[i] += half * (sin[i] + new_sin)
        cos[i], sin[i] = new_cos, new_sin
        costs[i] += (
            smooth_w * (faster * faster + 0.5 * harder * harder)
            + dt * turn_w * new_w * new_w
            - dt * reverse_w * min(new_v, 0.0)
        )


@njit(
    "void(float32[:, ::1], float64, float64, float64, float64[:, ::1], float64, float64[:, ::1], "
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
    """Drive every sequence of wanted `controls` (2, T, R) and judge it, all of them step by step.

    `controls` is overwritten by what the drive can do of it. `weights` (16,): path, heading,
    progress, obstacle and its margin, collision, people with near and far distance, smoothness,
    turning, reversing; half length, half width and centre of the body; the least room. Where there
    is less than that already (`clearance_now`), it must not become less still. Into `costs`,
    `progress` [m along the path] and `collides` (R,).
    """
    path_w, heading_w, progress_w, obstacle_w = weights[0], weights[1], weights[2], weights[3]
    margin, collision_w = weights[4], weights[5]
    steps, count = controls.shape[1], controls.shape[2]
    least = min(clearance_now - 0.005, weights[15])
    first, last = advance_index(path, 0, state[0], state[1]), path.shape[0] - 1
    path_cos, path_sin = np.cos(path[:, 2]), np.sin(path[:, 2])
    drives = np.empty((DRIVE_ROWS, count))
    drives[X], drives[Y], drives[V], drives[W] = state[0], state[1], state[3], state[4]
    drives[COS], drives[SIN] = math.cos(state[2]), math.sin(state[2])
    drives[TOP] = path[first, 4]
    x, y, cos, sin = drives[X], drives[Y], drives[COS], drives[SIN]
    index = np.full(count, first)
    alive = np.full(count, True)
    costs[:] = 0.0
    for t in range(steps):
        _drive_on(limits, dt, weights, controls[0, t], controls[1, t], drives, costs)
        for i in range(count):
            if not alive[i]:
                continue
            at = advance_index(path, index[i], x[i], y[i])
            index[i] = at
            drives[TOP, i] = path[at, 4]
            off_x, off_y = x[i] - path[at, 0], y[i] - path[at, 1]
            cost = dt * path_w * min(off_x * off_x + off_y * off_y, 4.0)
            cost += dt * heading_w * (1.0 - cos[i] * path_cos[at] - sin[i] * path_sin[at])
            room = footprint_clearance(
                distances, origin_x, origin_y, resolution, offsets, radius,
                x[i], y[i], cos[i], sin[i],
            )  # fmt: skip
            ends = room < least
            if ends:
                alive[i] = False
                cost += collision_w * (2.0 - t / steps)
            elif room < margin:
                touch = (margin - room) / margin
                cost += dt * obstacle_w * touch * touch * (0.3 + abs(drives[V, i]))
            if ends or t == steps - 1:
                along = off_x * path_cos[at] + off_y * path_sin[at]
                made = path[at, 3] - path[first, 3]
                progress[i] = made + (along if at < last else min(along, 0.0))
                collides[i] = ends
                cost -= progress_w * progress[i]
            costs[i] += cost
        _add_people(people, (t + 1) * dt, dt, weights, drives, alive, costs)


@njit("void(float64[:, :, ::1], float64[::1], float64, float64[:, ::1])", cache=True)
def softmin_mean(
    controls: npt.NDArray[np.float64], costs: _Float, temperature: float, mean: _Float
) -> None:
    """The mean of `controls` (2, T, R) weighted by exp(-cost / temperature), into `mean` (T, 2).

    Williams et al., "Information theoretic MPC for model-based reinforcement learning", 2017.
    """
    weights = np.exp(-(costs - costs.min()) / temperature)
    weights /= weights.sum()
    chosen = np.flatnonzero(weights > 1e-12)
    mean[:] = 0.0
    for t in range(mean.shape[0]):
        for i in chosen:
            mean[t, 0] += weights[i] * controls[0, t, i]
            mean[t, 1] += weights[i] * controls[1, t, i]


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
    "float64(float32[:, ::1], float64, float64, float64, float64[:, ::1], float64, "
    "float64[:, ::1], float64[:, ::1], float64, float64, float64, float64, float64, float64)",
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
        x, y = poses[i, 0], poses[i, 1]
        cos, sin = math.cos(poses[i, 2]), math.sin(poses[i, 2])
        if i > 0:
            way += math.hypot(x - poses[i - 1, 0], y - poses[i - 1, 1])
        room = footprint_clearance(
            distances, origin_x, origin_y, resolution, offsets, radius, x, y, cos, sin
        )
        if room < least:
            return way
        for k in range(people.shape[0]):
            gap = person_gap(people[k], i * dt, x, y, cos, sin, half_length, center) - half_width
            if gap >= people_gap:
                continue
            if i == 0:
                return 0.0
            before = person_gap(
                people[k], (i - 1) * dt, poses[i - 1, 0], poses[i - 1, 1],
                math.cos(poses[i - 1, 2]), math.sin(poses[i - 1, 2]), half_length, center,
            ) - half_width  # fmt: skip
            if gap < before:
                return way
    return np.inf
