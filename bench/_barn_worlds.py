"""Worlds of the BARN challenge: read from a file, or made anew to develop on.

Perille, Truong, Xiao, Stone: Benchmarking Metric Ground Navigation, 2020. A world is 4.5 m wide
and 9.6 m long, walled on three sides, its far half strewn with posts by a cellular automaton; the
robot starts in its near half and leaves it at the far end.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import FloatArray, Pose2, Transform3
from patrol_sim.rng import stream
from patrol_sim.sdf import Collision, Cylinder, Link, Model, Physics, Plane, Scene, Shape, World

START = Pose2(-2.25, 3.0, math.pi / 2.0)
GOAL = (-2.25, 13.0)
CELL_M = 0.15
SIDE = 30
"""Cells across, and cells along in the part with posts."""
FIRST_X_M, FIRST_Y_M, WALL_Y_M = -4.425, 5.075, 0.125
FILLS, SMOOTHINGS = (0.15, 0.20, 0.25, 0.28), (2, 3, 4)
ROOM_CELLS = 2
"""Cells free to all sides of a path of development worlds, as of the challenge's."""
HEIGHT_M = 1.0
TRIES = 20_000

Cells = npt.NDArray[np.bool_]
EXPECTED = "{'radius_m': r, 'worlds': {name: {'cylinders_xy_m': [[x, y] ...], 'path_xy_m': ...}}}"


@dataclass(frozen=True, slots=True, eq=False)
class BarnWorld:
    """Posts (N, 2) of `radius_m`, and the way (M, 2) that the challenge measures times by [m]."""

    name: str
    radius_m: float
    posts_m: FloatArray
    path_m: FloatArray

    @property
    def length_m(self) -> float:
        """From the start by the path to the goal."""
        way = np.vstack(([START.x_m, START.y_m], self.path_m, GOAL))
        return float(np.hypot(*np.diff(way, axis=0).T).sum())


def load_worlds(path: Path) -> list[BarnWorld]:
    """The worlds of a file, in its order. Raises ConfigError with file and what is wrong."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConfigError(
            f"the worlds cannot be read: {error}", place=Place(path), expected=EXPECTED,
            remedy="give the path of BARN's worlds with --worlds FILE",
        ) from error  # fmt: skip
    worlds = document.get("worlds") if isinstance(document, dict) else None
    radius = document.get("radius_m") if isinstance(document, dict) else None
    if not isinstance(worlds, dict) or not worlds:
        raise _wrong(path, "it has no 'worlds'")
    if isinstance(radius, bool) or not isinstance(radius, (int, float)) or not 0.01 < radius < 1:
        raise _wrong(path, f"'radius_m' is {radius!r}, not a radius from 0.01 to 1 m")
    return [_world(str(name), float(radius), given, path) for name, given in worlds.items()]


def _world(name: str, radius_m: float, given: Any, path: Path) -> BarnWorld:
    if not isinstance(given, dict):
        raise _wrong(path, f"world '{name}' is {type(given).__name__}")
    posts, way = (_points(given, key, name, path) for key in ("cylinders_xy_m", "path_xy_m"))
    room = np.hypot(*(posts - (START.x_m, START.y_m)).T).min(initial=np.inf) - radius_m
    if room < 0.35:
        raise _wrong(path, f"a cylinder of world '{name}' leaves the robot no room at its start")
    return BarnWorld(name, radius_m, posts, way)


def _points(given: dict[str, Any], key: str, name: str, path: Path) -> FloatArray:
    try:
        points = np.asarray(given[key], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise _wrong(path, f"world '{name}' has no usable '{key}': {error}") from error
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise _wrong(path, f"'{key}' of world '{name}' is not a list of pairs of numbers")
    return points


def _wrong(path: Path, problem: str) -> ConfigError:
    remedy = "correct the file, or give another with --worlds FILE"
    return ConfigError(problem, place=Place(path), expected=EXPECTED, remedy=remedy)


def development_worlds(count: int, seed: int) -> list[BarnWorld]:
    """Worlds like the challenge's, none of them its own: fill and smoothing change in turn."""
    kinds = [(fill, rounds) for fill in FILLS for rounds in SMOOTHINGS]
    return [development_world(seed + i, *kinds[(seed + i) % len(kinds)]) for i in range(count)]


def development_world(seed: int, fill: float, rounds: int) -> BarnWorld:
    """A world that can be passed, drawn again until one can. Raises ConfigError if none can."""
    rng = stream(seed, "bench", "barn")
    for _ in range(TRIES):
        posts = _automaton(rng, fill, rounds)
        path = _way_through(posts, rng)
        if path is not None:
            rows, columns = np.nonzero(posts)
            places = np.column_stack((FIRST_X_M + CELL_M * columns, FIRST_Y_M + CELL_M * rows))
            return BarnWorld(f"d{seed}", CELL_M / 2.0, np.vstack((places, _walls())), path)
    raise ConfigError(f"no world of fill {fill} and {rounds} rounds can be passed")


def _automaton(rng: np.random.Generator, fill: float, rounds: int) -> Cells:
    """Rows lead to the goal; walls left and right, and more of them beyond."""
    posts = rng.random((SIDE, SIDE)) < fill
    posts[:, [0, -1]] = True
    kernel = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]])
    for _ in range(rounds):
        beside = np.pad(posts.astype(int), ((0, 0), (1, 1)), constant_values=1)
        beside = np.pad(beside, ((1, 1), (0, 0)))
        around = ndimage.convolve(beside, kernel, mode="constant")[1:-1, 1:-1]
        posts = np.where(around > 4, True, np.where(around < 2, False, posts))
    return np.asarray(posts)


def _way_through(posts: Cells, rng: np.random.Generator) -> FloatArray | None:
    """Shortest way (M, 2) from a random free cell of the first row to one of the last, or None."""
    block = np.ones((2 * ROOM_CELLS + 1, 2 * ROOM_CELLS + 1), dtype=bool)
    free = ~ndimage.binary_dilation(posts, block)
    first, last = np.flatnonzero(free[0]), np.flatnonzero(free[-1])
    if not len(first) or not len(last):
        return None
    begin = int(rng.choice(first))
    end = int(rng.choice(last)) + (SIDE - 1) * SIDE
    numbers = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    edges = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        a = (slice(None, SIDE - down), slice(max(-right, 0), SIDE - max(right, 0)))
        b = (slice(down, None), slice(max(right, 0), SIDE - max(-right, 0)))
        both = free[a] & free[b]
        way = np.full(int(both.sum()), math.hypot(down, right))
        edges.append((way, numbers[a][both], numbers[b][both]))
    ways, one, other = (np.concatenate(parts) for parts in zip(*edges, strict=True))
    graph = coo_array((ways, (one, other)), shape=(SIDE * SIDE, SIDE * SIDE)).tocsr()
    length, before = dijkstra(graph, directed=False, indices=begin, return_predecessors=True)
    if not np.isfinite(length[end]):
        return None
    cells = [end]
    while cells[-1] != begin:
        cells.append(int(before[cells[-1]]))
    rows, columns = np.divmod(np.array(cells[::-1]), SIDE)
    return np.column_stack((FIRST_X_M + CELL_M * columns, FIRST_Y_M + CELL_M * rows))


def _walls() -> FloatArray:
    """Behind the start, and to both sides of it (N, 2)."""
    y = np.arange(WALL_Y_M, FIRST_Y_M - CELL_M / 2.0, CELL_M)
    x = FIRST_X_M + CELL_M * np.arange(SIDE)
    sides = [np.column_stack((np.full(len(y), edge), y)) for edge in (x[0], x[-1])]
    return np.vstack((*sides, np.column_stack((x, np.full(SIDE, WALL_Y_M)))))


def simulated(world: BarnWorld) -> World:
    """The world as the simulator takes it, in the challenge's coordinates."""
    still = Transform3((0.0, 0.0, 0.0))
    ground = _solid("ground", still, Plane((0.0, 0.0, 1.0), (100.0, 100.0)))
    post = Cylinder(world.radius_m, HEIGHT_M)
    posts = [
        _solid(f"post{number}", Transform3((x, y, HEIGHT_M / 2.0)), post)
        for number, (x, y) in enumerate(world.posts_m.tolist())
    ]
    models = tuple(
        Model(name, True, still, (Link("link", still, None, tuple(solids), (), 0),), 0)
        for name, solids in (("ground", [ground]), ("posts", posts))
    )
    return World(
        f"barn {world.name}", Path(), (0.0, 0.0, -9.81), Physics(), Scene(), None, (), models
    )


def _solid(name: str, pose: Transform3, shape: Shape) -> Collision:
    return Collision(name, pose, shape, 0.9, 0)
