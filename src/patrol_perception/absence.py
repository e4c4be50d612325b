"""Mapped surfaces that are no longer there: an open gate, a gap in a fence, a thing taken away.

A beam that goes on where the map has a surface speaks for its absence, one that ends there against
it, and one that ends before it says nothing. What is told was passed from several places, and
only counts where the beams beside it meet the map, so that a wrong pose is no gap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.perception import FindingKind, Measure
from patrol_perception.absence_kernels import MET, PASSED, compare
from patrol_perception.claims import Claim
from patrol_perception.look import Look, without_lost
from patrol_perception.nearness import any_near
from patrol_perception.outline import Outline, outline_of
from patrol_perception.params import AbsenceParams

BIN_M = 0.1
_BESIDE_BEAMS_RAD = 0.8
_JOIN_BINS = 5
_MOST_COUNTED = 10_000
_SMALL_M = 2.5
_SETTLED_S = 0.7
_WINDOW_M = 14.0
_GOES_ON_M = 1.2
_AROUND = np.array([(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)])


_Number = TypeVar("_Number", np.int32, np.float32)


@dataclass(slots=True, eq=False)
class _Gap:
    """Bins that are gone and belong together, since when, and when they last became more."""

    number: int
    bins: npt.NDArray[np.int64]
    first_seen_s: float
    settled_s: float


class Absence:
    """What of the map is gone, as far as the lidar has looked."""

    def __init__(
        self,
        grid: OccupancyGrid,
        distance_m: npt.NDArray[np.float32],
        blocks: npt.NDArray[np.int32],
        params: AbsenceParams,
    ) -> None:
        """`distance_m`: distance of the grid's cells to what is mapped; `blocks`: numbers of the
        things that stand by themselves, 0 elsewhere."""
        self._params = params
        self._grid = grid
        self._distance_m = distance_m
        self._blocks = blocks
        self._things: dict[int, Outline] = {}
        self._frame = np.array([grid.origin_x_m, grid.origin_y_m, grid.resolution_m])
        rows, columns = grid.cells.shape
        self._columns = math.ceil(columns * grid.resolution_m / BIN_M) + 1
        count = (math.ceil(rows * grid.resolution_m / BIN_M) + 1) * self._columns
        self._passed = np.zeros(count, np.int16)
        self._met = np.zeros(count, np.int16)
        self._views = np.zeros(count, np.int16)
        self._viewed_from_m = np.full((count, 2), np.inf, np.float32)
        self._gaps: list[_Gap] = []
        self._next_number = 0

    def look(self, look: Look, std_m: float) -> None:
        """Take in a scan whose pose fits; `std_m`: what the localiser says of its position."""
        params = self._params
        sensor = np.array([look.sensor.x_m, look.sensor.y_m, look.sensor.yaw_rad])
        beam = np.array([look.angle_min_rad, look.angle_increment_rad, params.reach_m])
        side_m = params.side_m + 0.5 * min(std_m, params.side_m)
        doubt = np.array(
            [side_m, params.side_per_m, params.margin_m, params.margin_per_m, params.spread_m]
        )
        states, expected = compare(
            without_lost(look.ranges_m), self._distance_m, self._frame, sensor, beam, doubt
        )
        told = np.flatnonzero(states)
        places, ends = self._ends(look, told, expected[told])
        met, passed = self._told(states[told], places, ends)
        passed &= self._fits_beside(states)[told]
        passed &= ~any_near(places, look.points_m, params.replaced_m)
        passed &= ~any_near(places, places[met], params.standing_m)
        self._note(self._met, self._bins_at(places[met]))
        seen = self._bins_at(places[passed])
        self._note(self._passed, seen)
        moved = np.hypot(*(self._viewed_from_m[seen] - sensor[:2]).T) >= params.view_apart_m
        self._note(self._views, seen[moved])
        self._viewed_from_m[seen[moved]] = sensor[:2]

    def _ends(
        self, look: Look, beams: npt.NDArray[np.int64], expected_m: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Where beams (N,) should end, a little behind the surface's face, and where they do."""
        angles = look.sensor.yaw_rad + look.angle_min_rad + look.angle_increment_rad * beams
        ways = np.column_stack((np.cos(angles), np.sin(angles)))
        here = np.array([look.sensor.x_m, look.sensor.y_m])
        reach = expected_m + self._grid.resolution_m / 2.0
        measured = np.minimum(look.ranges_m[beams], 2.0 * self._params.reach_m)
        return ways * reach[:, None] + here, ways * measured[:, None] + here

    def _told(
        self, states: npt.NDArray[np.int8], places_m: FloatArray, ends_m: FloatArray
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Which beams met the surface and which passed it, by where they end, too."""
        met, passed = states == MET, states == PASSED
        block = self._at(self._blocks, places_m)
        # What ends within the thing that it has passed the face of shows that it was only moved.
        met |= passed & (block > 0) & (self._at(self._blocks, ends_m) == block)
        # What ends a little farther on, at a surface that goes on, has passed beside a corner.
        farther = np.hypot(*(ends_m - places_m).T) <= _GOES_ON_M
        on_map = self._at(self._distance_m, ends_m) <= self._params.margin_m
        return met, passed & ~met & ~((block == 0) & farther & on_map)

    def _at(self, field: npt.NDArray[_Number], points_m: FloatArray) -> npt.NDArray[_Number]:
        """A field of the map at points (N, 2); outside, what it is in its corner."""
        rows, columns = self._grid.cells_of(points_m).T
        height, width = field.shape
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        found: npt.NDArray[_Number] = field[rows * inside, columns * inside]
        return found

    def _fits_beside(self, states: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
        """Beams (N,) with enough others beside them that meet the map."""
        half = max(1, round(_BESIDE_BEAMS_RAD * len(states) / math.tau))
        met, passed = (
            np.convolve(np.pad(states == state, half, mode="wrap"), np.ones(2 * half + 1), "valid")
            for state in (MET, PASSED)
        )
        return np.asarray(
            (met >= self._params.beside) & (met >= self._params.beside_share * (met + passed))
        )

    def _bins_at(self, places_m: FloatArray) -> npt.NDArray[np.int64]:
        cells = np.floor((places_m - self._frame[:2]) / BIN_M).astype(np.int64)
        return np.asarray(np.unique(cells[:, 1] * self._columns + cells[:, 0]))

    @staticmethod
    def _note(counts: npt.NDArray[np.int16], bins: npt.NDArray[np.int64]) -> None:
        counts[bins] = np.minimum(counts[bins] + 1, _MOST_COUNTED)

    def claims(self, look: Look) -> list[Claim]:
        """What is to be told of the surroundings of a look."""
        params = self._params
        gone = np.flatnonzero(self._views >= params.views)
        gone = gone[self._met[gone] <= params.met_share * self._passed[gone]]
        here = np.array([look.sensor.x_m, look.sensor.y_m])
        gone = gone[np.max(np.abs(self._middles(gone) - here), axis=1, initial=0.0) <= _WINDOW_M]
        for bins in self._joined(gone):
            self._gap_of(bins, look.stamp_s)
        return [
            self._claim(gap)
            for gap in self._gaps
            if look.stamp_s - gap.settled_s >= _SETTLED_S and self._looks(gap) >= params.looks
        ]

    def _looks(self, gap: _Gap) -> float:
        return float(np.sum(self._views[gap.bins]))

    def _middles(self, bins: npt.NDArray[np.int64]) -> FloatArray:
        rows, columns = np.divmod(bins, self._columns)
        return np.asarray(np.column_stack((columns, rows)) * BIN_M + BIN_M / 2 + self._frame[:2])

    def _joined(self, bins: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
        """Bins that lie near each other, group by group."""
        if not len(bins):
            return []
        rows, columns = np.divmod(bins, self._columns)
        rows, columns = rows - rows.min() + _JOIN_BINS, columns - columns.min() + _JOIN_BINS
        image = np.zeros((rows.max() + 1 + _JOIN_BINS, columns.max() + 1 + _JOIN_BINS), np.uint8)
        image[rows, columns] = 1
        grown = cv2.dilate(image, np.ones((_JOIN_BINS, _JOIN_BINS), np.uint8))
        _, labels = cv2.connectedComponents(grown, connectivity=8)
        label = labels[rows, columns]
        return [bins[label == number] for number in np.unique(label)]

    def _gap_of(self, bins: npt.NDArray[np.int64], stamp_s: float) -> None:
        """Note a group of bins as the gap that it overlaps or shares a thing with, or a new one;
        gaps that have grown together become the oldest of them."""
        block = self._block_at(bins)
        same = [
            gap
            for gap in self._gaps
            if np.isin(bins, gap.bins).any() or (block > 0 and block == self._block_at(gap.bins))
        ]
        if not same:
            self._gaps.append(_Gap(self._next_number, bins, stamp_s, stamp_s))
            self._next_number += 1
            return
        kept = same[0]
        whole = np.unique(np.concatenate([bins, *(gap.bins for gap in same)]))
        if len(whole) > len(kept.bins):
            kept.bins, kept.settled_s = whole, stamp_s
        self._gaps = [gap for gap in self._gaps if gap is kept or gap not in same]

    def _claim(self, gap: _Gap) -> Claim:
        whole = self._thing_at(gap.bins)
        outline = outline_of(self._middles(gap.bins)) if whole is None else whole
        passed, met = (float(np.sum(counts[gap.bins])) for counts in (self._passed, self._met))
        views, params = float(np.median(self._views[gap.bins])), self._params
        share = met / (passed + met)
        what = (
            f"A thing of about {outline.length_m:.1f} m x {max(outline.width_m, 0.1):.1f} m that "
            "the map shows here is gone"
            if whole is not None
            else f"The map shows a wall, fence or gate here, and {outline.length_m:.1f} m of it "
            "are open or gone"
        )
        return Claim(
            FindingKind.MISSING, outline,
            (1.0 - share) * (1.0 - math.exp(-views / params.views)), gap.first_seen_s,
            f"{what}: the lidar looks through it, from {views:.0f} places.",
            (
                Measure("places from which it was looked through", views, params.views, "1"),
                Measure("views of its decimetres", self._looks(gap), params.looks, "1"),
                Measure("share of beams that met it", share, params.met_share, "1"),
            ),
            f"missing {gap.number}",
        )  # fmt: skip

    def _thing_at(self, bins: npt.NDArray[np.int64]) -> Outline | None:
        """The mapped thing that gone bins are of: small, or gone over half its length."""
        block = self._block_at(bins)
        if block == 0:
            return None
        if block not in self._things:
            cells = np.argwhere(self._blocks == block)
            self._things[block] = outline_of(self._grid.centers_of(cells))
        thing = self._things[block]
        gone_m = float(np.hypot(*np.ptp(self._middles(bins), axis=0)))
        whole = thing.length_m <= _SMALL_M or gone_m >= 0.5 * thing.length_m
        return thing if whole else None

    def _block_at(self, bins: npt.NDArray[np.int64]) -> int:
        """The one block of the map that bins belong to; 0: none, or several."""
        around = self._middles(bins)[:, None] + _AROUND * self._grid.resolution_m
        found = np.unique(self._at(self._blocks, around.reshape(-1, 2)))
        found = found[found > 0]
        return int(found[0]) if len(found) == 1 else 0
