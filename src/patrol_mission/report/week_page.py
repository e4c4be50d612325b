"""Renders the weekly report from its form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from patrol_core.types.maps import OccupancyGrid
from patrol_mission.report.drawing import Frame, Raster, map_raster, mask_raster
from patrol_mission.report.page import SEEN_BLUE, environment, soft
from patrol_mission.report.week import unpacked

_HEAT_RED = (178, 53, 39)
_SENSORS = (("lidar", "Lidar"), ("camera", "Camera"))


def render_week(form: Mapping[str, Any], grid: OccupancyGrid) -> str:
    """The page as a string."""
    coverage, heat = form["coverage"], form["heat"]
    patrols = max(coverage["patrols"], 1)
    views = []
    for name, words in _SENSORS:
        times = unpacked(coverage["grid"], coverage[name]["times"])
        shade = np.where(times > 0, 0.12 + 0.5 * times / patrols, 0.0)
        views.append((name, words, _over(coverage["grid"], shade, SEEN_BLUE)))
    warmth = unpacked(heat["grid"], heat["warmth"]) / 255.0
    template = environment(form["site"]["timezone"]).get_template("week.html.j2")
    return template.render(
        form=dict(form) | {"nights": _nights(form["nights"])},
        frame=Frame.around(form["site"]["outline"]),
        walls=map_raster(grid),
        heat=_over(heat["grid"], 0.75 * warmth, _HEAT_RED),
        views=views,
        soft=soft,
        sums=_sums(form),
        kinds=_kinds(form["incidents"]),
        days=_days(form),
        longest_s=max([1.0, *(c["on_patrol_s"] for c in form["checkpoints"])]),
    )


def _over(
    place: Mapping[str, Any], weight: npt.NDArray[np.float64], color: tuple[int, int, int]
) -> Raster:
    cells = np.zeros((place["rows"], place["columns"]), dtype=np.int8)
    grid = OccupancyGrid(0.0, place["cell_m"], place["x_m"], place["y_m"], cells)
    return mask_raster(grid, weight, color)


def _sums(form: Mapping[str, Any]) -> dict[str, Any]:
    due = [row for row in form["scheduled"] if row["state"] not in ("to come", "blackout")]
    patrols, verdicts = form["patrols"], [i["verdict"] for i in form["incidents"]]
    return {
        "planned": len(due),
        "done": sum(row["state"] == "done" for row in due),
        "distance_m": sum(p["distance_m"] for p in patrols),
        "time_s": sum(p["end_s"] - p["start_s"] for p in patrols),
        "false": verdicts.count("false"),
        "undecided": verdicts.count(None),
        "gaps": sum(p["gaps"] for p in patrols),
    }


def _nights(nights: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With a label, and each bar's share of the longest one."""
    most = max([1, *(night["incidents"] for night in nights)])
    slowest = max([1.0, *(night["lap_median_s"] or 0.0 for night in nights)])
    return [
        night
        | {
            "label": f"{date.fromisoformat(night['date']):%a %d %b}",
            "incidents_share": night["incidents"] / most,
            "lap_share": (night["lap_median_s"] or 0.0) / slowest,
        }
        for night in nights
    ]


def _kinds(incidents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    verdicts: dict[str, list[str | None]] = {}
    for incident in incidents:
        verdicts.setdefault(incident["title"], []).append(incident["verdict"])
    rows = [
        {
            "title": title,
            "count": len(given),
            "true": given.count("true"),
            "false": given.count("false"),
            "none": given.count(None),
        }
        for title, given in verdicts.items()
    ]
    return sorted(rows, key=lambda row: (-len(verdicts[str(row["title"])]), str(row["title"])))


def _days(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    zone = ZoneInfo(form["site"]["timezone"])
    first = datetime.fromtimestamp(form["start_s"], zone).date()
    return [
        {"label": f"{first + timedelta(days=index):%a}", "seconds": seconds}
        for index, seconds in enumerate(form["presence_s"])
    ]
