"""How long a plan from corner to corner takes, and what its path costs, beside scikit-image's MCP.

Four kinds of made maps, several sizes, cells of 0.1 m; or maps given as files. MCP finds the
optimum of the same costs on the 8-connected grid; a path at any angle can cost less than that. The
cost of a plan grows with the blocks looked at, which are few where the way is nearly straight.
"""

from __future__ import annotations

import itertools
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from _bench import Bench, begin, options_parser
from skimage.graph import MCP_Geometric

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import load_robot
from patrol_core.site.map_file import load_map
from patrol_core.types.maps import FREE
from patrol_nav.costmap.field import DistanceField
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.costmap.kernels import distance_transform
from patrol_nav.params import CostmapParams, PlannerParams
from patrol_nav.planning.kernels import cost_table
from patrol_nav.planning.line_kernels import line_cost
from patrol_nav.planning.planner import GridPlanner
from patrol_sim.rng import stream
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

CELL_M = 0.1
MARGIN = 15
PATCH_CELLS = 100
REPEATS = 15
GOALS_MS = {1000: (4.0, 15.0), 2000: (15.0, 60.0), 5000: (100.0, 500.0)}
"""By side: for mazes the second."""
NAVFN_MS = {1000: 11.4, 2000: 61.0}
"""NavFn A*, corner to corner, compiled alone, on another machine of this kind."""
CORRIDOR, WALL = 25, 6

Cells = npt.NDArray[np.bool_]


def open_ground(side: int, rng: np.random.Generator) -> Cells:
    """Some large blocks on open ground."""
    occupied = np.zeros((side, side), bool)
    for _ in range(side // 40):
        row, column = rng.integers(30, side - 30, 2)
        height, width = rng.integers(5, side // 12, 2)
        occupied[row : row + height, column : column + width] = True
    return occupied


def cluttered(side: int, rng: np.random.Generator) -> Cells:
    """Posts and pillars, one for every 9 m2."""
    image = np.zeros((side, side), np.uint8)
    for _ in range(side * side // 900):
        row, column = rng.integers(0, side, 2).tolist()
        cv2.circle(image, (column, row), int(rng.integers(1, 7)), 1, -1)
    return np.asarray(image > 0)


def depot(side: int, rng: np.random.Generator) -> Cells:
    """The shipped depot again and again, with lanes through its fences."""
    grid = load_map(ROOT / "sites" / "depot" / "map.yaml")
    tile = (grid.cells != FREE)[::2, ::2]
    count = (side // tile.shape[0] + 1, side // tile.shape[1] + 1)
    occupied = np.tile(tile, count)[:side, :side]
    for at in rng.integers(60, side - 60, side // 80).tolist():
        occupied[at : at + 20] = False
        occupied[:, at : at + 20] = False
    return occupied


def maze(side: int, rng: np.random.Generator) -> Cells:
    """Corridors of 1.9 m, carved depth first, with a few loops."""
    count = (side - WALL) // CORRIDOR
    occupied = np.ones((side, side), bool)
    seen = np.zeros((count, count), bool)
    stack = [(0, 0)]
    seen[0, 0] = True
    while stack:
        here = stack[-1]
        near = [(here[0] + r, here[1] + c) for r, c in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        near = [p for p in near if min(p) >= 0 and max(p) < count and not seen[p]]
        if not near:
            stack.pop()
            continue
        there = near[int(rng.integers(len(near)))]
        seen[there] = True
        _carve(occupied, here, there)
        stack.append(there)
    for row, column in rng.integers(0, count - 1, (count * count // 12, 2)).tolist():
        aside = (row + 1, column) if rng.random() < 0.5 else (row, column + 1)
        _carve(occupied, (row, column), aside)
    return occupied


def _carve(occupied: Cells, one: tuple[int, int], other: tuple[int, int]) -> None:
    (r0, r1), (c0, c1) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    occupied[
        WALL + r0 * CORRIDOR : (r1 + 1) * CORRIDOR, WALL + c0 * CORRIDOR : (c1 + 1) * CORRIDOR
    ] = False


KINDS = {"open": open_ground, "cluttered": cluttered, "depot": depot, "maze": maze}


@dataclass(frozen=True, slots=True)
class Result:
    """One map. Times in ms; `ratio` is the cost of the path by the optimum on the grid."""

    name: str
    side: int
    plan_ms: float
    prepare_ms: float
    patch_ms: float
    mcp_ms: float
    ratio: float


class Measurement:
    """Measures maps one after another with the shipped robot and parameters."""

    def __init__(self) -> None:
        robot = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
        self._footprint = footprint_of(robot.body)
        self._params = PlannerParams()
        self._lethal_m = self._footprint.radius_m + self._params.margin_m
        weight, decay_m = self._params.obstacle_weight, self._params.obstacle_decay_m
        self._table = cost_table(self._lethal_m, weight, decay_m, 1.0)
        self._weight, self._decay_m = weight, decay_m
        self.drawn: dict[str, tuple[Cells, FloatArray]] = {}

    def field_of(self, occupied: Cells, resolution_m: float) -> DistanceField:
        """Its distances, cut off as in the nav process."""
        occupied[[0, -1]] = occupied[:, [0, -1]] = True
        reach_m = CostmapParams().inflation_m
        distances = np.empty(occupied.shape, np.float32)
        distance_transform(occupied.astype(np.uint8), resolution_m, reach_m, distances)
        return DistanceField(resolution_m, 0.0, 0.0, distances, reach_m)

    def measure(self, name: str, occupied: Cells, resolution_m: float = CELL_M) -> Result:
        """Plans from the free ground of one corner to that of the opposite one."""
        field = self.field_of(occupied, resolution_m)
        ends = self._ends(field)
        started = time.perf_counter()
        planner = GridPlanner(self._footprint, self._params)
        planner.plan(field, *ends)
        first_ms = 1e3 * (time.perf_counter() - started)
        times_ms = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            plan = planner.plan(field, *ends)
            times_ms.append(1e3 * (time.perf_counter() - started))
        plan_ms = float(np.median(times_ms))
        middle = min(field.distances_m.shape) // 2
        patches_ms = []
        for _ in range(REPEATS):
            field.changed(middle, middle + PATCH_CELLS, middle, middle + PATCH_CELLS)
            started = time.perf_counter()
            planner.plan(field, *ends)
            patches_ms.append(1e3 * (time.perf_counter() - started))
        mcp_ms, optimum_m = self._optimum(field, ends)
        cost_m = self._cost_m(field, plan.poses[:, :2])
        self.drawn.setdefault(name, (occupied, plan.poses[:, :2] / resolution_m))
        return Result(
            name, max(occupied.shape), plan_ms, first_ms - plan_ms,
            max(float(np.median(patches_ms)) - plan_ms, 0.0), mcp_ms, cost_m / optimum_m,
        )  # fmt: skip

    def _ends(self, field: DistanceField) -> tuple[Pose2, Pose2]:
        """Ground to turn on nearest to the south-west and the north-east corner."""
        room_m = self._footprint.circumscribed_m + CELL_M
        rows, columns = np.nonzero(field.distances_m >= room_m)
        corners = ((MARGIN, MARGIN), [size - MARGIN for size in field.distances_m.shape])
        ends = []
        for row, column in corners:
            best = int(np.argmin(np.hypot(rows - row, columns - column)))
            x, y = columns[best] + 0.5, rows[best] + 0.5
            ends.append(Pose2(x * field.resolution_m, y * field.resolution_m))
        return ends[0], ends[1]

    def _optimum(self, field: DistanceField, ends: tuple[Pose2, Pose2]) -> tuple[float, float]:
        """MCP's time [ms] and its least cost [m]."""
        beyond = field.distances_m.astype(np.float64) - self._lethal_m
        costs = 1.0 + self._weight * np.exp(-beyond / self._decay_m)
        costs[beyond < 0.0] = -1.0
        start, goal = (
            (int(end.y_m / field.resolution_m), int(end.x_m / field.resolution_m)) for end in ends
        )
        started = time.perf_counter()
        total, _ = MCP_Geometric(costs).find_costs([start], [goal])
        return 1e3 * (time.perf_counter() - started), float(total[goal]) * field.resolution_m

    def _cost_m(self, field: DistanceField, points_m: FloatArray) -> float:
        points = points_m / field.resolution_m
        pieces = [
            line_cost(field.distances_m, field.ground, self._lethal_m, self._table, *one, *other)
            for one, other in itertools.pairwise(points)
        ]
        return math.fsum(pieces) * field.resolution_m


def rows(results: Sequence[Result]) -> list[Row]:
    """The figures, worst ratio of each map included."""
    out = []
    for r in results:
        of, goals = f"{r.name} {r.side}", GOALS_MS.get(r.side)
        goal = None if goals is None else goals[r.name == "maze"]
        out += [
            Row(f"{of}: plan, median", r.plan_ms, "ms", goal=goal, better="lower"),
            Row(f"{of}: MCP", r.mcp_ms, "ms", better="lower"),
            Row(f"{of}: path by optimum on the grid", r.ratio, "", goal=1.02, better="lower"),
            Row(f"{of}: preparation", r.prepare_ms, "ms", better="lower"),
            Row(f"{of}: a changed patch of 10 m", r.patch_ms, "ms", better="lower"),
        ]
    sides = sorted({r.side for r in results} & NAVFN_MS.keys())
    return out + [
        Row(f"NavFn A*, empty {side}, as published", NAVFN_MS[side], "ms") for side in sides
    ]


def draw(measurement: Measurement, results: Sequence[Result], target: Path) -> None:
    """The smallest map of each kind with its path, and time by side beside MCP."""
    count = len(measurement.drawn)
    figure, axes = plt.subplots(
        1, count + 1, figsize=(3.2 * count + 4.0, 3.6), layout="constrained", squeeze=False
    )
    for panel, (name, (occupied, path)) in zip(axes[0], measurement.drawn.items(), strict=False):
        panel.imshow(~occupied, origin="lower", cmap="gray", vmin=-1.0)
        panel.plot(path[:, 0], path[:, 1], color="#0b6bcb", lw=1.6)
        panel.set(title=name, xticks=[], yticks=[])
    last = axes[0, -1]
    for k, name in enumerate(measurement.drawn):
        mine = sorted((r.side, r.plan_ms, r.mcp_ms) for r in results if r.name == name)
        sides, plan, mcp = np.array(mine).T
        last.loglog(sides, plan, "o-", color=f"C{k}", label=name)
        last.loglog(sides, mcp, "x:", color=f"C{k}", alpha=0.6)
    last.set(xlabel="cells a side", ylabel="ms", title="plan (-), MCP (:)")
    last.legend(frameon=False)
    last.grid(alpha=0.3, which="both")
    figure.savefig(target, dpi=110)


def measure(bench: Bench, measurement: Measurement) -> list[Result]:
    """Every map, told as it comes."""
    options = bench.options
    results = []
    if options.maps:
        for path in options.maps:
            grid = load_map(path)
            results.append(
                measurement.measure(path.parent.name, grid.cells != FREE, grid.resolution_m)
            )
    sides = () if options.maps else ((1000,) if options.quick else tuple(GOALS_MS))
    for side in sides:
        for name, make in KINDS.items():
            occupied = make(side, stream(options.seed, "bench", "planner", name))
            results.append(measurement.measure(name, occupied))
            bench.console.print(
                f"{name} {side}: {results[-1].plan_ms:.1f} ms, path {results[-1].ratio:.3f}, "
                f"MCP {results[-1].mcp_ms:.0f} ms"
            )
    return results


def main() -> int:
    parser = options_parser()
    parser.add_argument("--maps", type=Path, nargs="+", help="map files (YAML) to take instead")
    parser.add_argument("--seed", type=int, default=0, help="of the made maps")
    bench = begin("planner", __doc__, parser, "1000 x 1000 cells only")
    measurement = Measurement()
    try:
        results = measure(bench, measurement)
    except RondaError as error:
        return bench.fail(error)
    draw(measurement, results, bench.picture)
    return bench.answer(rows(results))


if __name__ == "__main__":
    sys.exit(main())
