"""From where an object is looked at: places on rings around it, and which of them, in which order.

The angles between views are seen from the object. Three that lie as far apart as the ground allows
show all of it; among such the drive decides.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2, distance_to_polyline_m, wrap_angle
from patrol_core.robot import Body
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.inspecting.subject import Subject
from patrol_mission.inspecting.ways import Ways

SIDES = 60
"""Directions from the object that are tried."""
MANY = 36
"""Of more directions that are good every other one will do."""
RING_STEP_M = 0.2
ITSELF_M = 0.25
"""What stands so near to the circle may be the object."""
ENOUGH_RAD = 2.0 * math.pi / 3.0
"""Farther apart than three views can be counts no more."""
_METRE_RAD = math.radians(2.0)
"""A metre of the way is worth so much of the angle between views."""
_OFF_RAD = math.radians(6.0)
"""A metre off the preferred distance likewise."""
_BLOCKED_M = 30.0
_NO_ROOM, _ZONES, _HIDDEN, _PEOPLE, _NO_WAY, _GOOD = range(6)
_WORDS = {
    _NO_ROOM: "without free ground",
    _ZONES: "in zones where it may not stop",
    _HIDDEN: "hidden",
    _PEOPLE: "near people",
    _NO_WAY: "out of reach",
}


def reach_m(body: Body) -> float:
    """From base_link to the body's farthest corner."""
    ahead = abs(body.center_x_m) + body.length_m / 2.0
    return math.hypot(ahead, body.width_m / 2.0)


@dataclass(frozen=True, slots=True)
class View:
    """base_link looks at the object from `pose`, `bearing_rad` seen from the object."""

    pose: Pose2
    bearing_rad: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Views in driving order.

    `reason`: what sides of the object cannot be seen for, in words; empty where all can.
    `for_people`: whether there would be more without people about.
    """

    views: tuple[View, ...]
    reason: str
    for_people: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """The best place on each side that has one, in the order of the sides."""

    bearings_rad: FloatArray
    points_m: FloatArray
    cost_m: FloatArray
    off_m: FloatArray


def choose(
    subject: Subject,
    ways: Ways,
    body: Body,
    people: FloatArray,
    params: InspectParams,
    done: Sequence[View] = (),
    shunned: Sequence[View] = (),
) -> Choice:
    """The views that are left to take, `params.views` with those that are done, or fewer.

    `people` (M, 4): x, y, vx, vy in `map`. `shunned`: views that could not be taken; there is no
    other on their side.
    """
    bearings, rings = _rings(subject, body, params)
    causes, points = _judged(subject, ways, body, people, params, bearings, rings)
    taken = [view.bearing_rad for view in (*done, *shunned)]
    apart = np.array([[abs(wrap_angle(b - t)) for t in taken] for b in bearings.tolist()])
    fresh = np.all(apart.reshape(len(bearings), -1) >= params.least_apart_rad, axis=1)
    good = (causes == _GOOD) & fresh[:, None]
    wanted = max(params.views - len(done), 0)
    candidates = _best_of_sides(subject, body, params, ways, bearings, points, good)
    chosen = _picked(candidates, subject, done, wanted, params)
    views = tuple(
        View(_facing(candidates.points_m[i], subject), float(candidates.bearings_rad[i]))
        for i in chosen
    )
    crowded = fresh & (causes == _PEOPLE).any(axis=1) & ~good.any(axis=1)
    for_people = bool(crowded.any()) and len(views) < wanted
    return Choice(views, _reason(causes.max(axis=1)), for_people)


def _rings(subject: Subject, body: Body, params: InspectParams) -> tuple[FloatArray, FloatArray]:
    """Bearings (B,), and distances from the middle to base_link (R,)."""
    nearest = reach_m(body) + subject.radius_m + params.standoff_m + params.margin_m
    farthest = max(reach_m(body) + subject.radius_m + params.farthest_m, nearest)
    bearings: FloatArray = np.linspace(0.0, math.tau, SIDES, endpoint=False, dtype=np.float64)
    count = int((farthest - nearest) / RING_STEP_M) + 1
    steps: FloatArray = np.arange(count, dtype=np.float64)
    return bearings, nearest + RING_STEP_M * (0.5 + steps)


def _judged(
    subject: Subject, ways: Ways, body: Body, people: FloatArray, params: InspectParams,
    bearings: FloatArray, rings: FloatArray,
) -> tuple[npt.NDArray[np.int64], FloatArray]:  # fmt: skip
    """Why each place (B, R) is no view, or that it is one; and the places (B, R, 2)."""
    directions = np.column_stack((np.cos(bearings), np.sin(bearings)))
    places = directions[:, None, :] * rings[None, :, None] + (subject.x_m, subject.y_m)
    points, ground = places.reshape(-1, 2), ways.ground
    causes = np.full(len(points), _GOOD)
    target = subject.x_m, subject.y_m
    causes[~np.isfinite(ways.costs_m(points))] = _NO_WAY
    causes[_near_people(points, people, params)] = _PEOPLE
    causes[~ground.sees(points, target, subject.radius_m + ITSELF_M)] = _HIDDEN
    causes[~ground.may_stop(points)] = _ZONES
    causes[ground.room_at(points) < reach_m(body) + params.room_m] = _NO_ROOM
    return causes.reshape(places.shape[:2]), places


def _near_people(
    points: FloatArray, people: FloatArray, params: InspectParams
) -> npt.NDArray[np.bool_]:
    """Which points lie near to people, or to where they go."""
    near = np.zeros(len(points), bool)
    for x, y, vx, vy in people.tolist():
        line = [(x, y), (x + vx * params.people_ahead_s, y + vy * params.people_ahead_s)]
        near |= distance_to_polyline_m(points, line) < params.people_room_m
    return near


def _best_of_sides(
    subject: Subject, body: Body, params: InspectParams, ways: Ways,
    bearings: FloatArray, places: FloatArray, good: npt.NDArray[np.bool_],
) -> _Candidates:  # fmt: skip
    """On each side the good place nearest to the preferred distance."""
    preferred = reach_m(body) + subject.radius_m + max(
        params.preferred_m, params.standoff_m + params.margin_m
    )  # fmt: skip
    off = np.abs(np.hypot(*np.moveaxis(places - (subject.x_m, subject.y_m), -1, 0)) - preferred)
    best = np.where(good, off, np.inf).argmin(axis=1)
    sides = np.flatnonzero(good.any(axis=1))
    sides = sides[:: 2 if len(sides) > MANY else 1]
    points = places[sides, best[sides]]
    return _Candidates(bearings[sides], points, ways.costs_m(points), off[sides, best[sides]])


def _picked(
    candidates: _Candidates, subject: Subject, done: Sequence[View], wanted: int,
    params: InspectParams,
) -> tuple[int, ...]:  # fmt: skip
    """Which candidates, in driving order: as many as wanted, or as many as there are sides."""
    count = len(candidates.bearings_rad)
    legs = _legs_m(candidates, subject)
    for number in range(min(wanted, count), 0, -1):
        # Orders matter from the second view on; more than four are taken in turn round the object.
        sets = np.array(list(itertools.combinations(range(count), min(number, 3))))
        apart = _apart_rad(candidates, sets, done)
        sets, apart = sets[apart >= params.least_apart_rad], apart[apart >= params.least_apart_rad]
        if not len(sets):
            continue
        best = -math.inf
        chosen: tuple[int, ...] = ()
        for order in itertools.permutations(range(sets.shape[1])):
            turns = sets[:, order]
            drive = candidates.cost_m[turns[:, 0]] + legs[turns[:, :-1], turns[:, 1:]].sum(axis=1)
            off = candidates.off_m[turns].sum(axis=1)
            value = np.minimum(apart, ENOUGH_RAD) - _METRE_RAD * drive - _OFF_RAD * off
            at = int(np.argmax(value))
            if value[at] > best:
                best, chosen = float(value[at]), tuple(int(i) for i in turns[at])
        return chosen
    return ()


def _apart_rad(
    candidates: _Candidates, sets: npt.NDArray[np.int64], done: Sequence[View]
) -> FloatArray:
    """How far the two nearest of each set (S, N) are apart, with those that are done. (S,)"""
    old = np.broadcast_to([view.bearing_rad for view in done], (len(sets), len(done)))
    angles = np.sort(np.hstack((candidates.bearings_rad[sets], old)) % math.tau, axis=1)
    gaps = np.diff(np.hstack((angles, angles[:, :1] + math.tau)), axis=1)
    return np.asarray(gaps.min(axis=1))


def _legs_m(candidates: _Candidates, subject: Subject) -> FloatArray:
    """Way between any two candidates, about (N, N): round the object on the side that is open."""
    count = len(candidates.bearings_rad)
    sides = np.round(candidates.bearings_rad / (math.tau / SIDES)).astype(int)
    radius = np.hypot(*(candidates.points_m - (subject.x_m, subject.y_m)).T)
    closed = np.ones(SIDES)
    closed[sides] = 0.0
    shut = np.concatenate(([0.0], np.cumsum(np.tile(closed, 2))))
    legs = np.zeros((count, count))
    for i, j in itertools.permutations(range(count), 2):
        forth = (sides[j] - sides[i]) % SIDES
        mean = 0.5 * (radius[i] + radius[j])
        legs[i, j] = min(
            _arc_m(mean, forth, shut[sides[i] + forth] - shut[sides[i]]),
            _arc_m(mean, SIDES - forth, shut[sides[j] + SIDES - forth] - shut[sides[j]]),
        ) + abs(radius[i] - radius[j])  # fmt: skip
    return legs


def _arc_m(radius_m: float, sides: int, closed: float) -> float:
    return radius_m * sides * math.tau / SIDES + (_BLOCKED_M if closed else 0.0)


def nearest_rad(views: Sequence[View]) -> float:
    """How far the two nearest of some views are apart; a full turn where there are no two."""
    pairs = itertools.combinations((view.bearing_rad for view in views), 2)
    return min((abs(wrap_angle(a - b)) for a, b in pairs), default=math.tau)


def _facing(point_m: FloatArray, subject: Subject) -> Pose2:
    x, y = point_m.tolist()
    return Pose2(x, y, math.atan2(subject.y_m - y, subject.x_m - x))


def _reason(causes: npt.NDArray[np.int64]) -> str:
    """In words, from what keeps each side from being looked at."""
    parts = [
        f"{np.count_nonzero(causes == cause)} {words}"
        for cause, words in _WORDS.items()
        if (causes == cause).any()
    ]
    return f"of {SIDES} directions {', '.join(parts)}" if parts else ""
