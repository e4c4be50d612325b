"""A week of patrols as a versioned JSON form: accounts, trends, coverage in space and time."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.site.model import Site
from patrol_core.types.learning import VerdictKind
from patrol_core.types.maps import FREE, OccupancyGrid
from patrol_mission.report import coverage, periods
from patrol_mission.report.accounts import PlannedRun, Told, account
from patrol_mission.report.coverage import Mask, Reach
from patrol_mission.report.form import finite, incident_form, site_form
from patrol_mission.report.presence import idleness, presence
from patrol_mission.report.summary import PatrolSummary
from patrol_records.entries import StoredIncident

WEEK_FORM, WEEK_VERSION = "ronda.week_report", 1
SPREAD_M = 3.0
"""A finding warms the map around it by a Gaussian of this standard deviation."""


@dataclass(frozen=True, slots=True)
class WeekOfRun:
    """What one run folder or database gives to a week."""

    run: str
    patrols: tuple[PatrolSummary, ...]
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Views:
    """How far the sensors see; the camera's depth tells things apart so far."""

    lidar: Reach
    camera: Reach


def week_form(
    runs: Sequence[WeekOfRun],
    site: Site,
    grid: OccupancyGrid,
    views: Views,
    span_s: tuple[float, float],
    planned: Sequence[PlannedRun],
    now_s: float,
) -> dict[str, Any]:
    """The week [start, end) of the patrols that began in it. `planned`: what schedules asked for
    in it; what is planned after `now_s` is still to come."""
    patrols = sorted(
        ((run.run, patrol) for run in runs for patrol in run.patrols), key=lambda p: p[1].start_s
    )
    summaries = [patrol for _, patrol in patrols]
    told = list(chain.from_iterable(run.told for run in runs))
    return {
        "format": WEEK_FORM,
        "version": WEEK_VERSION,
        "site": site_form(site),
        "start_s": span_s[0],
        "end_s": span_s[1],
        "runs": [run.run for run in runs],
        "patrols": [_patrol(run, patrol) for run, patrol in patrols],
        "scheduled": account(planned, summaries, told, now_s),
        "nights": _nights(summaries, site.timezone),
        "incidents": [
            _incident(run, i, patrol) for run, patrol in patrols for i in patrol.incidents
        ],
        "presence_s": presence(
            [(p.start_s, p.end_s) for p in summaries], *span_s, site.timezone
        ).tolist(),
        "checkpoints": _checkpoints(summaries, site, span_s),
        "coverage": _coverage(summaries, grid, views),
        "heat": _heat(summaries, grid),
    }


def night_of(stamp_s: float, timezone: str) -> str:
    """The local date on which the night began: until noon it is the day before's."""
    local = datetime.fromtimestamp(stamp_s, ZoneInfo(timezone))
    return (local - timedelta(hours=12)).date().isoformat()


def _patrol(run: str, patrol: PatrolSummary) -> dict[str, Any]:
    return {
        "run": run,
        "patrol_id": patrol.patrol_id,
        "route_id": patrol.route_id,
        "start_s": patrol.start_s,
        "end_s": patrol.end_s,
        "outcome": patrol.outcome,
        "message": patrol.message,
        "distance_m": patrol.distance_m,
        "reached": sum(bool(visit.stamps_s) for visit in patrol.visits),
        "checkpoints": len(patrol.visits),
        "lap_times_s": _lap_times(patrol),
        "battery_used_fraction": patrol.battery_used,
        "held_s": sum(hold.duration_s for hold in patrol.holds),
        "incidents": len(patrol.incidents),
        "gaps": len(patrol.gaps),
    }


def _lap_times(patrol: PatrolSummary) -> list[float]:
    return [lap.end_s - lap.start_s for lap in patrol.laps if lap.end_s is not None]


def _nights(patrols: Sequence[PatrolSummary], timezone: str) -> list[dict[str, Any]]:
    """Trends: what each night found, what people said of it, how long laps took."""
    nights: dict[str, list[PatrolSummary]] = {}
    for patrol in patrols:
        nights.setdefault(night_of(patrol.start_s, timezone), []).append(patrol)
    rows = []
    for date, some in sorted(nights.items()):
        verdicts = [i.verdict.verdict if i.verdict else None for p in some for i in p.incidents]
        laps = [time_s for patrol in some for time_s in _lap_times(patrol)]
        used = [p.battery_used for p in some if p.battery_used is not None]
        rows.append(
            {
                "date": date,
                "patrols": len(some),
                "distance_m": sum(p.distance_m for p in some),
                "incidents": len(verdicts),
                "false_alarms": verdicts.count(VerdictKind.FALSE),
                "undecided": verdicts.count(None),
                "lap_median_s": median(laps) if laps else None,
                "battery_used_fraction": sum(used) if used else None,
                "held_s": sum(hold.duration_s for p in some for hold in p.holds),
            }
        )
    return rows


def _incident(run: str, incident: StoredIncident, patrol: PatrolSummary) -> dict[str, Any]:
    form = incident_form(incident)
    names = ("number", "kind", "title", "first_seen_s", "x_m", "y_m")
    verdict = incident.verdict
    return {
        "run": run,
        "patrol_id": patrol.patrol_id,
        "verdict": verdict.verdict.value if verdict else None,
        **{name: form[name] for name in names},
    }


def _checkpoints(
    patrols: Sequence[PatrolSummary], site: Site, span_s: tuple[float, float]
) -> list[dict[str, Any]]:
    """Of every checkpoint that a patrol was to visit."""
    visits = [visit for patrol in patrols for visit in patrol.visits]
    rows = []
    for checkpoint in site.checkpoints:
        mine = [v for v in visits if v.checkpoint_id == checkpoint.checkpoint_id]
        if not mine:
            continue
        found = idleness(
            [stamp for visit in mine for stamp in visit.stamps_s],
            [visit.worst_idleness_s for visit in mine],
            *span_s,
        )
        rows.append(
            {
                "checkpoint_id": checkpoint.checkpoint_id,
                "name": checkpoint.name,
                "visits": found.visits,
                "longest_s": found.longest_s,
                "mean_s": found.mean_s,
                "on_patrol_s": found.on_patrol_s,
            }
        )
    return rows


def _coverage(
    patrols: Sequence[PatrolSummary], grid: OccupancyGrid, views: Views
) -> dict[str, Any]:
    """On how many patrols each cell of free ground was in view of lidar and camera."""
    ground = coverage.coarse(grid)
    rounds = [_poses(patrol) for patrol in patrols]
    form: dict[str, Any] = {"grid": _grid_form(ground), "patrols": len(patrols)}
    for name, reach in (("lidar", views.lidar), ("camera", views.camera)):
        times = coverage.seen_by(ground, rounds, reach).sum(axis=0)
        form[name] = {
            "share_seen": finite(_share(ground, times > 0)),
            "share_each_patrol": finite(_share(ground, times == len(patrols))),
            "times": _packed(np.minimum(times, 255).astype(np.uint8)),
        }
    return form


def _share(ground: OccupancyGrid, mask: Mask) -> float:
    """Of the free ground; NaN on a map that has none."""
    free = ground.cells == FREE
    return float(mask[free].mean()) if free.any() else math.nan


def _poses(patrol: PatrolSummary) -> FloatArray:
    located = [s for s in patrol.samples if periods.located(s)]
    poses = [(*periods.place(s), s.yaw_rad or 0.0) for s in located]
    return np.array(poses, dtype=np.float64).reshape(-1, 3)


def _heat(patrols: Sequence[PatrolSummary], grid: OccupancyGrid) -> dict[str, Any]:
    """Findings as warmth from 0 to 255, the warmest place of the week 255."""
    cells = coverage.coarse(grid, 2.0 * coverage.CELL_M)
    warmth = np.zeros(cells.cells.shape)
    rows, columns = np.indices(warmth.shape)
    spread = 2.0 * (SPREAD_M / cells.resolution_m) ** 2
    for incident in (i for patrol in patrols for i in patrol.incidents):
        if math.isfinite(incident.x_m) and math.isfinite(incident.y_m):
            row, column = cells.cells_of([[incident.x_m, incident.y_m]])[0]
            warmth += np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / spread)
    top = float(warmth.max(initial=0.0))
    scaled = np.round(255.0 * warmth / top if top > 0.0 else warmth)
    return {"grid": _grid_form(cells), "warmth": _packed(scaled.astype(np.uint8))}


def _grid_form(grid: OccupancyGrid) -> dict[str, Any]:
    rows, columns = grid.cells.shape
    return {
        "rows": rows,
        "columns": columns,
        "cell_m": grid.resolution_m,
        "x_m": grid.origin_x_m,
        "y_m": grid.origin_y_m,
    }


def _packed(values: npt.NDArray[np.uint8]) -> str:
    """Bytes row by row from the south, base64."""
    return base64.b64encode(values.tobytes()).decode("ascii")


def unpacked(grid: dict[str, Any], text: str) -> npt.NDArray[np.uint8]:
    """The values of a raster of the form, (rows, columns)."""
    values = np.frombuffer(base64.b64decode(text), dtype=np.uint8)
    return values.reshape(grid["rows"], grid["columns"])
