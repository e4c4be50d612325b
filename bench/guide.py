"""Ways for visitors on both sites: allowed, short, and told so that one gets there by the words?

People stand anywhere on free ground at a working hour and ask for every place. Each way is held
against the map, the zones in force and the shortest way on a finer grid (scikit-image's fast
marching on 0.1 m with the same room beside people). Then somebody walks by the words alone: the
rounded metres, and turns of 45, 90 and 135 degrees. Baseline: the search's cells as they are.
Starts are drawn from seed 0; what was tuned was tuned on seeds from 1000.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser
from rich.progress import track
from scipy.ndimage import distance_transform_edt
from shapely import contains_xy
from shapely.geometry import LineString, Polygon
from skimage.graph import MCP_Geometric

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site import Site, load_map, load_site
from patrol_core.site.model import ZoneKind
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.wayfinding import WayFinder, WayParams
from patrol_hri.wayfinding.legs import Leg, legs_of
from patrol_hri.wayfinding.telling import rounded_m, turn_key
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

SITES, STARTS, QUICK = ("depot", "yard"), 40, 8
HOUR = (1, 10 * 3600)
SPOKEN_RAD = {"way_bear": math.pi / 4, "way_turn": math.pi / 2, "way_sharp": 3 * math.pi / 4}
INK, OURS, BASE, WORDS, CLOSED = "#22313f", "#0b6bcb", "#d9a441", "#8e2fb5", "#c8321f"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One way: its line, lengths [m], time, faults, and where who walks by the words ends."""

    site: str
    points_m: FloatArray
    length_m: float
    shortest_m: float
    plain_m: float
    seconds: float
    allowed: bool
    sentences: int
    words_end_m: FloatArray

    @property
    def words_off_m(self) -> float:
        return float(np.linalg.norm(self.words_end_m - self.points_m[-1]))


def closed_of(site: Site) -> list[Polygon]:
    zones = site.zones_of(ZoneKind.KEEP_OUT)
    return [Polygon(zone.polygon_m) for zone in zones if zone.valid_at(*HOUR)]


def docks_of(site: Site) -> list[Polygon]:
    """Docks with the strips before them, and room: nobody is led there either."""
    strips = []
    for dock in site.docks:
        back = dock.pose.compose(Pose2(-dock.approach_m, 0.0))
        strip = LineString([(back.x_m, back.y_m), (dock.pose.x_m, dock.pose.y_m)])
        strips.append(strip.buffer(WayParams().dock_room_m))
    return strips


def open_cells(site: Site, grid: OccupancyGrid, factor: int) -> tuple[OccupancyGrid, Any]:
    """Every `factor`th cell of the map, and where there is room for a person, outside of closed
    zones and docks: made apart from what is measured."""
    room_m = distance_transform_edt(grid.cells == FREE) * grid.resolution_m
    free = (room_m >= WayParams().clearance_m)[::factor, ::factor]
    cell_m = factor * grid.resolution_m
    coarse = OccupancyGrid(0.0, cell_m, grid.origin_x_m, grid.origin_y_m, free.astype(np.int8))
    centers = coarse.centers_of(np.argwhere(np.ones_like(free)))
    for area in (*closed_of(site), *docks_of(site)):
        free &= ~contains_xy(area, *centers.T).reshape(free.shape)
    free &= contains_xy(Polygon(site.outline_m), *centers.T).reshape(free.shape)
    return coarse, free


def length_of(points_m: FloatArray) -> float:
    return float(np.linalg.norm(np.diff(points_m, axis=0), axis=1).sum())


def walk_by_words(start_m: FloatArray, legs: tuple[Leg, ...]) -> FloatArray:
    """Where one ends who takes the first direction as it is and the words for all the rest."""
    at, heading = start_m.astype(float), legs[0].heading_rad
    for index, leg in enumerate(legs):
        if index:
            key = turn_key(leg.turn_rad)
            turn = SPOKEN_RAD[key.rpartition("_")[0]]
            heading += turn if key.endswith("left") else -turn
        at = at + rounded_m(leg.length_m) * np.array([math.cos(heading), math.sin(heading)])
    return at


def plain_length_m(
    free: Any, cell_m: float, start: tuple[int, int], goal: tuple[int, int]
) -> float:
    """Along the cells of the ground that ways are searched on: the baseline."""
    search = MCP_Geometric(np.where(free, 1.0, -1.0))
    costs, _ = search.find_costs([start], [goal])
    return float(costs[goal]) * cell_m


def measure(name: str, count: int, label: str) -> list[Asked]:
    """All ways from `count` starts on one site."""
    site = load_site(ROOT / "sites" / name)
    grid, finder, rng = load_map(site.map_file), WayFinder(site), np.random.default_rng(0)
    fine, free = open_cells(site, grid, round(0.1 / grid.resolution_m))
    coarse, wide = open_cells(site, grid, round(0.25 / grid.resolution_m))
    english, areas = load_languages()["en"], closed_of(site)
    cells = np.argwhere(free)
    starts = fine.centers_of(cells[rng.choice(len(cells), count, replace=False)])
    asked: list[Asked] = []
    for place in track(list(finder.places.values()), description=label, transient=True):
        costs = None
        for x_m, y_m in starts:
            begun_s = time.process_time()
            way = finder.way((float(x_m), float(y_m)), place.place_id, english, local_time=HOUR)
            seconds = time.process_time() - begun_s
            if way is None or way.length_m < 5.0:
                continue
            if costs is None:
                goal = tuple(fine.cells_of([way.points_m[-1]])[0])
                costs, _ = MCP_Geometric(np.where(free, 0.1, -1.0)).find_costs([goal])
            row, column = fine.cells_of([way.points_m[0]])[0]
            if not math.isfinite(costs[row, column]):
                continue
            samples = np.vstack([
                np.linspace(a, b, 2 + int(np.linalg.norm(b - a) / 0.05))
                for a, b in zip(way.points_m[:-1], way.points_m[1:], strict=True)
            ])  # fmt: skip
            rows, columns = grid.cells_of(samples).T
            allowed = bool((grid.cells[rows, columns] == FREE).all()) and not any(
                contains_xy(area, *samples.T).any() for area in areas
            )
            ends = (tuple(coarse.cells_of([p])[0]) for p in (way.points_m[0], way.points_m[-1]))
            asked.append(Asked(
                name, way.points_m, way.length_m, float(costs[row, column]),
                plain_length_m(wide, coarse.resolution_m, *ends), seconds, allowed,
                len(way.steps), walk_by_words(way.points_m[0], legs_of(way.points_m)),
            ))  # fmt: skip
    return asked


def rows(asked: list[Asked]) -> list[Row]:
    """The figures."""
    over = np.array([one.length_m / one.shortest_m for one in asked])
    plain = np.array([one.plain_m / one.length_m for one in asked])
    plain = plain[np.isfinite(plain)]
    seconds = 1000.0 * np.array([one.seconds for one in asked])
    off = np.array([one.words_off_m / one.length_m for one in asked])
    return [
        Row("ways", len(asked), ""),
        Row("over ground that is not free or closed", sum(not one.allowed for one in asked), "",
            goal=0.0, better="lower"),
        Row("longest against the shortest on 0.1 m", float(over.max()), "", goal=1.10,
            better="lower"),
        Row("median against it", float(np.median(over)), "", better="lower"),
        Row("baseline, cells as they are, against ours: median", float(np.median(plain)), ""),
        Row("sentences, median", float(np.median([one.sentences for one in asked])), "",
            better="lower"),
        Row("sentences, most", max(one.sentences for one in asked), "", better="lower"),
        Row("by the words alone, off at the end: median", 100.0 * float(np.median(off)),
            "% of the way", better="lower"),
        Row("by the words alone, off by more than a third", 100.0 * float((off > 1 / 3).mean()),
            "%", better="lower"),
        Row("time of a way, median", float(np.median(seconds)), "ms", better="lower"),
        Row("time of a way, 99th percentile", float(np.percentile(seconds, 99)), "ms",
            better="lower"),
    ]  # fmt: skip


def draw(asked: list[Asked]) -> Any:
    """Both sites with all ways, and how short and how well told they are."""
    figure = plt.figure(figsize=(17, 10.5), layout="constrained")
    maps, charts = figure.subfigures(2, 1, height_ratios=(3, 1.5))
    for axes, name in zip(maps.subplots(1, 2, width_ratios=(1.6, 1.5)), SITES, strict=True):
        _draw_site(axes, name, [one for one in asked if one.site == name])
    left, right = charts.subplots(1, 2)
    ratios = [one.length_m / one.shortest_m for one in asked]
    plain = [one.plain_m / one.shortest_m for one in asked if math.isfinite(one.plain_m)]
    bins = np.linspace(0.85, 1.2, 71).tolist()
    left.hist(
        np.clip(plain, 0.85, 1.2), bins=bins, color=BASE, alpha=0.7, label="cells as they are"
    )
    left.hist(np.clip(ratios, 0.85, 1.2), bins=bins, color=OURS, alpha=0.8, label="ours")
    left.axvline(1.1, color=CLOSED, ls="--", lw=1)
    left.set(xlabel="length against the shortest on 0.1 m", ylabel="ways")
    right.scatter(
        [one.length_m for one in asked], [one.words_off_m for one in asked], s=9, color=WORDS, lw=0
    )
    longest = max(one.length_m for one in asked)
    right.plot([0, longest], [0, longest / 3], color=CLOSED, ls="--", lw=1, label="a third of it")
    right.set(xlabel="length of the way [m]", ylabel="off at the end,\nby the words alone [m]")
    for axes in (left, right):
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_site(axes: Axes, name: str, asked: list[Asked]) -> None:
    site = load_site(ROOT / "sites" / name)
    grid = load_map(site.map_file)
    rows_, columns = grid.cells.shape
    west, south, cell_m = grid.origin_x_m, grid.origin_y_m, grid.resolution_m
    axes.imshow(
        (grid.cells == OCCUPIED)[::2, ::2], cmap=ListedColormap(["#ffffff", "#aab1ba"]),
        origin="lower", extent=(west, west + columns * cell_m, south, south + rows_ * cell_m),
    )  # fmt: skip
    for area in closed_of(site):
        axes.fill(*area.exterior.xy, color=CLOSED, alpha=0.15, lw=0)
    for one in asked:
        axes.plot(*one.points_m.T, color=OURS if one.allowed else CLOSED, lw=0.6, alpha=0.35)
        axes.plot(*one.points_m[-1], ".", color=INK, ms=5)
    axes.set_title(f"{name}: {len(asked)} ways at ten in the morning; red: closed", loc="left")
    axes.set_axis_off()


def main() -> int:
    """See the module."""
    parser = options_parser()
    parser.add_argument("--starts", type=int, default=STARTS, help="starts on each site")
    bench = begin("guide", __doc__, parser, quick=f"{QUICK} starts on each site")
    count = QUICK if bench.options.quick else bench.options.starts
    if count < 1:
        return bench.fail("--starts is to be 1 or more")
    asked = [one for name in SITES for one in measure(name, count, name)]
    draw(asked).savefig(bench.picture, dpi=110)
    return bench.answer(rows(asked))


if __name__ == "__main__":
    sys.exit(main())
