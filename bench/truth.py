"""The embedded simulator beside what geometry and mechanics say: lidar, odometry, stops, slopes.

Without noise: ranges against exact rays among boxes, cylinders, spheres and meshes; odometry of
a driven square against where the robot was; stopping distances against v^2 / 2a and the motors'
lag; rolling, leaning and holding on slopes; and drives at thin, low, flat and round things and
people at many speeds, each of which must be told as a contact, and none that misses. Beside it
ranges and odometry with the errors that patrols have. An interrupted run resumes.
"""

from __future__ import annotations

import math
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from _bench import Bench, Kept, begin, options_parser
from _truth_picture import Measured, draw
from _truth_trials import (
    THINGS,
    Approach,
    Slope,
    Square,
    approach,
    drive_square,
    motor_lag_s,
    on_ramp,
    roll,
    scan_errors,
    stop_m,
    stop_truth_m,
    write_cube,
)
from numpy.typing import NDArray

from patrol_core.errors import RondaError
from patrol_drivers.base.umbmark import Direction
from patrol_sim.params import SimParams, ideal_params
from ronda_cli.evaluation.statistics import Row

SIDE_M = 4.0
STOPS_MPS = (0.3, 0.6, 0.9, 1.2, 1.5)
GRADES = (0.02, 0.05, 0.1, 0.15)
RAMPS = (0.05, 0.1)
CLIMB_MPS = 0.5
SPEEDS_MPS = (0.15, 0.4, 0.8, 1.2, 1.5, -0.25, -0.5)
SHARES = (0.0, 0.5, 0.97, 1.03)


def scans(
    count: int, first: int, folder: Path, params: SimParams
) -> tuple[NDArray[np.float64], int]:
    """Errors and true ranges (N, 2) of all beams, and how many graze an edge."""
    found, edges = [], 0
    for seed in range(first, first + count):
        errors, ranges, grazing = scan_errors(seed, folder, params)
        found.append(np.stack([errors, ranges], axis=1))
        edges += grazing
    return np.concatenate(found), edges


def contacts(bench: Bench, kept: Kept, folder: Path) -> list[Approach]:
    """All approaches, each kept."""
    quick = bench.options.quick
    speeds = (0.4, 1.5) if quick else SPEEDS_MPS
    shares = (0.0, 0.97, 1.03) if quick else SHARES
    done = []
    for kind in THINGS:
        for speed_mps in speeds:
            for share in shares:
                key = f"{kind} {speed_mps} {share}"
                known = kept.get(key)
                if known is None:
                    known = asdict(approach(kind, speed_mps, share, folder))
                    kept.keep(key, known)
                done.append(Approach(**known))
        told = sum(a.told == a.touches for a in done)
        bench.console.print(f"contacts, {kind}: {told} of {len(done)} right so far")
    return done


def measure(bench: Bench, folder: Path) -> Measured:
    """All experiments."""
    write_cube(folder)
    count, first = (4 if bench.options.quick else 40), bench.options.seed
    exact, edges = scans(count, first, folder, ideal_params())
    noisy, _ = scans(count, first, folder, SimParams())
    bench.console.print(f"lidar: {len(exact)} beams in {count} scenes")
    squares = {
        (direction.value, name): drive_square(direction, SIDE_M, params, folder)
        for direction in Direction
        for name, params in (("ideal", ideal_params()), ("slip", SimParams()))
    }
    bench.console.print("squares driven")
    lag_s = motor_lag_s()
    stops = [(v, stop_m(v, folder), stop_truth_m(v, lag_s)) for v in STOPS_MPS]
    bench.console.print("stops driven")
    slopes = [roll(math.atan(grade), folder) for grade in GRADES]
    climbs = [
        (grade, on_ramp(angle, CLIMB_MPS, folder), on_ramp(angle, 0.0, folder))
        for grade, angle in ((grade, math.atan(grade)) for grade in RAMPS)
    ]
    bench.console.print("slopes driven")
    approaches = contacts(bench, bench.kept(), folder)
    return Measured(exact, noisy, edges, squares, stops, slopes, climbs, approaches)


def rows(m: Measured) -> list[Row]:
    """The figures, goals where the issue sets them."""
    off_mm, noisy_mm = np.abs(m.exact[:, 0]) * 1e3, np.abs(m.noisy[:, 0]) * 1e3
    touching = [a for a in m.approaches if a.touches]
    passing = [a for a in m.approaches if not a.touches]
    ideal = _squares(m, "ideal")
    stops = [abs(d / t - 1.0) * 100.0 for _, d, t in m.stops]
    fast = [abs(d / t - 1.0) * 100.0 for v, d, t in m.stops if v >= 0.9]
    lean = [abs(s.lean_rad / s.angle_rad - 1.0) * 100.0 for s in m.slopes]
    climbs = [abs(up / CLIMB_MPS - 1.0) * 100.0 for _, up, _ in m.climbs]

    def low(what: str, value: float, unit: str, goal: float | None = None) -> Row:
        return Row(what, value, unit, goal=goal, better="lower")

    return [
        low(f"lidar: error of a range, worst of {len(off_mm)} beams", float(off_mm.max()), "mm",
            10.0),
        low("lidar: median", float(np.median(off_mm)), "mm", 10.0),
        low("lidar: beams that graze an edge, not counted", m.edges, "beams"),
        low("lidar with noise: median", float(np.median(noisy_mm)), "mm"),
        low("square: odometry off, by the way", max(s.off for s in ideal) * 100.0, "%", 1.0),
        low("square: heading off at the end",
            math.degrees(max(s.heading_off_rad for s in ideal)), "degrees"),
        low("square with slip: odometry off, by the way",
            max(s.off for s in _squares(m, "slip")) * 100.0, "%"),
        low("stopping distance, 0.3 to 1.5 m/s: off by, worst", max(stops), "%", 2.0),
        low("stopping distance from 0.9 m/s: off by, worst", max(fast), "%", 2.0),
        low("stopping distance: off by, worst",
            max(abs(d - t) for _, d, t in m.stops) * 1e3, "mm"),
        low("rolling freely down 2 to 15 %: acceleration off",
            max(_roll_off(s) for s in m.slopes), "%", 2.0),
        low("leaning on a slope of 2 to 15 %: angle off", max(lean), "%", 2.0),
        low(f"driving up 5 and 10 % at {CLIMB_MPS} m/s: speed off", max(climbs), "%", 2.0),
        low("standing on 5 and 10 %: gives way by", max(abs(s) for *_, s in m.climbs) * 1e3,
            "mm/s"),
        Row("touches told", sum(a.told for a in touching), f"of {len(touching)}",
            goal=len(touching)),
        low("passes 7 mm and more off that were told as touches",
            sum(a.told for a in passing), f"of {len(passing)}", 0.0),
        low("walls and meshes: deepest in when a touch is told",
            max(-a.gap_m for a in touching if a.kind in ("wall", "mesh")) * 1e3, "mm"),
    ]  # fmt: skip


def _squares(m: Measured, name: str) -> list[Square]:
    return [square for (_, kind), square in m.squares.items() if kind == name]


def _roll_off(slope: Slope) -> float:
    return abs(slope.acceleration_mps2 / slope.true_mps2 - 1.0) * 100.0


def main() -> int:
    parser = options_parser()
    parser.add_argument("--seed", type=int, default=0, help="first seed of the lidar's scenes")
    bench = begin("truth", __doc__, parser, "fewer scenes and approaches: about a minute")
    try:
        with tempfile.TemporaryDirectory(prefix="ronda-truth-") as folder:
            measured = measure(bench, Path(folder))
    except RondaError as error:
        return bench.fail(error)
    draw(measured, bench.picture)
    return bench.answer(rows(measured))


if __name__ == "__main__":
    sys.exit(main())
