"""What lidar and depth say is around the robot: points, which of them move, what is unseen.

Rain and dust give single returns: one counts only if a neighbouring beam agrees, or if one of
the last two scans had a return at the same place. What stands where a beam went through a moment
ago has moved there.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import RobotModel
from patrol_core.types.sensors import LaserScan
from patrol_gate.collision import body_distances_m
from patrol_gate.manoeuvre import Velocity
from patrol_gate.movers import NOBODY, Movers, follow, group
from patrol_gate.reasons import Reason

FAR_M = 8.0
"""Beyond this not even what moves can matter: walking pace, from top speed, with all reserves."""

NEAR_M = 4.0
"""Beyond this what stands still cannot matter: the stopping distance with all reserves."""

OWN_BODY_M = 0.05
"""Returns from deeper inside the body than this are the robot's own parts."""

SAME_PLACE_M = 0.15
LOOK_BACK_S = 0.35
LOOK_BACK_LIMIT_S = 1.0
MOVED_M = 0.15
MOVED_BEAMS = 3
SPREAD_BEAMS = 3

THINNING = ((1.2, 2), (0.6, 4))

SECTOR_RAD = math.pi / 3.0
UNSEEN_FRACTION = 0.3
UNSEEN_GAP_RAD = 0.2

NOTHING_M: FloatArray = np.zeros((0, 2))

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """One scan, understood. Points (N, 2) and movers in the frame of dead reckoning.

    `unseen_*`: why the lidar cannot vouch for a way.
    """

    stamp_s: float
    points_m: FloatArray
    movers: Movers
    unseen_ahead: Reason | None
    unseen_behind: Reason | None
    unseen_around: Reason | None

    def unseen(self, wanted: Velocity, radius_m: float) -> Reason | None:
        """Why the lidar cannot vouch for the way of a motion of a body of this radius.

        Turning within the own radius swings the rear to where neither ahead nor behind is.
        """
        tight = abs(wanted.linear_mps) < abs(wanted.angular_radps) * radius_m
        if tight and self.unseen_around is not None:
            return self.unseen_around
        if wanted.linear_mps == 0.0:
            return None
        return self.unseen_ahead if wanted.linear_mps > 0.0 else self.unseen_behind


class _Beams:
    """What follows from a scan's angles alone."""

    def __init__(self, scan: LaserScan, mount: FloatArray) -> None:
        self.key = _key(scan)
        angles = scan.angles_rad()
        directions = np.column_stack((np.cos(angles), np.sin(angles))) @ mount[:2, :2].T
        self.directions: FloatArray = directions
        bearings = np.arctan2(directions[:, 1], directions[:, 0])
        self.ahead = _Sector(bearings, 0.0)
        self.behind = _Sector(bearings, math.pi)
        self.expected = math.tau / abs(scan.angle_increment_rad)
        self._scan = scan
        self._to_sensor = mount[:2, :2].T

    def index_of(self, x_m: FloatArray, y_m: FloatArray) -> npt.NDArray[np.int64]:
        """The beam along offsets from the sensor in base_link; -1 where there is none."""
        x, y = self._to_sensor @ np.stack((x_m, y_m))
        scan, count = self._scan, len(self._scan.ranges_m)
        steps = (np.arctan2(y, x) - scan.angle_min_rad) / scan.angle_increment_rad
        beam = np.rint(steps).astype(np.int64) % round(self.expected)
        return np.where(beam < count, beam, -1)


class _Sector:
    """Beams within `SECTOR_RAD` of a bearing in base_link, in order of bearing."""

    def __init__(self, bearings: FloatArray, middle_rad: float) -> None:
        relative = np.remainder(bearings - middle_rad + math.pi, math.tau) - math.pi
        chosen = np.flatnonzero(np.abs(relative) <= SECTOR_RAD)
        self.beams = chosen[np.argsort(relative[chosen])]
        self._bearings = np.concatenate(([-SECTOR_RAD], relative[self.beams], [SECTOR_RAD]))

    def unseen(self, seen: BoolArray, where: str) -> Reason | None:
        valid = np.ones(len(self._bearings), dtype=np.bool_)
        valid[1:-1] = seen[self.beams]
        gap = float(np.max(np.diff(self._bearings[valid])))
        fraction = 1.0 - np.count_nonzero(valid[1:-1]) / max(len(self.beams), 1)
        if gap <= UNSEEN_GAP_RAD and fraction <= UNSEEN_FRACTION:
            return None
        return Reason(
            f"unseen:{where}", f"the lidar is blind {where} over {math.degrees(gap):.0f}°"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Memory:
    """An earlier scan: points, middles of what moved, and the free distance along each beam."""

    stamp_s: float
    points_m: FloatArray
    movers_m: FloatArray
    base: Pose2
    free_m: FloatArray


class Lookout:
    """Understands scans one after another."""

    def __init__(self, robot: RobotModel) -> None:
        self._body = robot.body
        self._mount = robot.lidar.transform().matrix()
        self._beams: _Beams | None = None
        self._memories: deque[_Memory] = deque()

    def clear(self) -> None:
        self._memories.clear()

    def look(
        self, scan: LaserScan, base_in_odom: Pose2, beside_m: FloatArray = NOTHING_M
    ) -> Surroundings:
        """Take in a well-formed scan, made when base_link stood at `base_in_odom`.

        `beside_m` (N, 2): places where something is that the lidar misses; they stand still.
        """
        if self._beams is None or self._beams.key != _key(scan):
            self._beams = _Beams(scan, self._mount)
            self._memories.clear()
        beams = self._beams
        ranges = scan.ranges_m.astype(np.float64)
        with np.errstate(invalid="ignore"):
            hit = (ranges >= scan.range_min_m) & (ranges <= scan.range_max_m)
            seen = hit | (ranges > scan.range_max_m)
            near = hit & (ranges < FAR_M)
        index = np.flatnonzero(near)
        points = beams.directions[index] * ranges[index, None] + self._mount[:2, 3]
        own = body_distances_m(points, self._body) < -OWN_BODY_M
        seen[index[own]] = False
        index, points = index[~own], points[~own]
        places = base_in_odom.transform_points(points)
        real = self._confirmed(np.where(hit, ranges, np.nan), index, places)
        earlier = self._earlier(scan.stamp_s)
        movers = NOBODY if earlier is None else self._movers(beams, scan, earlier, places[real])
        free = np.where(hit, ranges, np.where(seen, np.inf, 0.0))
        self._remember(scan.stamp_s, places, movers, base_in_odom, free)
        around = 1.0 - np.count_nonzero(seen) / beams.expected
        return Surroundings(
            scan.stamp_s,
            np.concatenate((places[real][_thinned(ranges[index[real]])], beside_m)),
            movers,
            beams.ahead.unseen(seen, "ahead"),
            beams.behind.unseen(seen, "behind"),
            Reason("unseen:around", f"the lidar does not see {100.0 * around:.0f} % around")
            if around > UNSEEN_FRACTION
            else None,
        )

    def _confirmed(
        self, ranges: FloatArray, index: npt.NDArray[np.intp], places: FloatArray
    ) -> BoolArray:
        """Which returns at `index` are more than a drop of rain. `ranges`: NaN without one."""
        own = ranges[index]
        tolerance = 0.1 + 0.05 * own
        agreed = np.zeros(len(index), dtype=np.bool_)
        with np.errstate(invalid="ignore"):
            for shift in (-2, -1, 1, 2):
                neighbour = ranges[(index + shift) % len(ranges)]
                agreed |= np.abs(neighbour - own) <= tolerance
        for memory in list(self._memories)[-2:]:
            lonely = np.flatnonzero(~agreed)
            if len(lonely) and len(memory.points_m):
                offsets = places[lonely, None, :] - memory.points_m[None, :, :]
                nearest = np.min(np.einsum("ijk,ijk->ij", offsets, offsets), axis=1)
                agreed[lonely[nearest <= SAME_PLACE_M**2]] = True
        return agreed

    def _earlier(self, now_s: float) -> _Memory | None:
        """The newest scan that is old enough for a walker to have left his place since."""
        earlier = [m for m in self._memories if now_s - m.stamp_s >= LOOK_BACK_S - 0.01]
        return earlier[-1] if earlier else None

    def _movers(
        self, beams: _Beams, scan: LaserScan, earlier: _Memory, places: FloatArray
    ) -> Movers:
        """Those of the places (N, 2), in order of beams, that an earlier scan looked through."""
        if not len(places):
            return NOBODY
        x, y = earlier.base.inverse().transform_points(places).T - self._mount[:2, 3, None]
        beam = beams.index_of(x, y)
        free = np.where(beam >= 0, earlier.free_m[beam], 0.0)
        through = free > np.hypot(x, y) * 1.02 + MOVED_M
        beside = np.convolve(through, np.ones(5))[2:-2]
        moving = places[through & (beside >= MOVED_BEAMS)]
        return follow(moving, earlier.movers_m, scan.stamp_s - earlier.stamp_s)

    def _remember(
        self, stamp_s: float, places: FloatArray, movers: Movers, base: Pose2, free: FloatArray
    ) -> None:
        """`free`: how far each beam went, 0 where unknown. Kept: what all beams near it allow."""
        spread = free
        for shift in range(1, SPREAD_BEAMS + 1):
            spread = np.minimum(spread, np.roll(free, shift))
            spread = np.minimum(spread, np.roll(free, -shift))
        _, middles = group(movers.points_m)
        self._memories.append(_Memory(stamp_s, places, middles, base, spread))
        while self._memories[0].stamp_s < stamp_s - LOOK_BACK_LIMIT_S:
            self._memories.popleft()


def _thinned(ranges: FloatArray) -> BoolArray:
    """Which returns, in order of beams, to keep: of those near by, the nearest of each few.

    At 0.5 degrees a beam and 0.6 m they lie 5 mm apart: one in four says the same.
    """
    keep = ranges < NEAR_M
    for within_m, few in THINNING:
        count = len(ranges) // few
        rows = ranges[: count * few].reshape(count, few)
        close = np.flatnonzero(np.all(rows < within_m, axis=1))
        nearest = np.argmin(rows[close], axis=1)
        only = np.zeros((len(close), few), dtype=np.bool_)
        only[np.arange(len(close)), nearest] = True
        keep[: count * few].reshape(count, few)[close] = only
    return keep


def _key(scan: LaserScan) -> tuple[float, float, int]:
    return (scan.angle_min_rad, scan.angle_increment_rad, len(scan.ranges_m))
