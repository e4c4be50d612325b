"""Renders pages from their forms: one file each, without a request to anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from patrol_core.types.maps import OccupancyGrid
from patrol_mission.report import coverage, words
from patrol_mission.report.coverage import Reach
from patrol_mission.report.drawing import Frame, Raster, map_raster, mask_raster, photo_link

SEEN_BLUE = (31, 100, 173)
_SOFT = ("obstruction", "blocked", "change", "report", "behaviour")
_PHOTO_PX = 960


@dataclass(frozen=True, slots=True)
class _Line:
    """A piece of the track in one state."""

    state: str
    points: list[list[float]]


def environment(timezone: str) -> jinja2.Environment:
    """Templates that escape everything, with the filters that they use."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def clock(stamp_s: float, form: str = "%H:%M:%S") -> str:
        return words.local_words(stamp_s, timezone, form)

    def measure(value: float | None) -> str:
        return "" if value is None else f"{value:.3g}"

    made.filters |= {
        "clock": clock, "duration": words.duration_words, "svg": svg_points, "measure": measure,
        "count": words.count_words,
    }  # fmt: skip
    return made


def svg_points(points: Sequence[Sequence[float]]) -> str:
    """Points of the map for a drawing, whose y counts downwards."""
    return " ".join(f"{x:g},{-y:g}" for x, y in points)


def render_patrol(
    form: Mapping[str, Any], grid: OccupancyGrid, photos: Path, seen: Reach | None = None
) -> str:
    """The report of one patrol; `seen`: what the map shows as having been in view."""
    patrol = form["patrol"]
    start_s, end_s = patrol["start_s"], patrol["end_s"]

    def along(stamp_s: float) -> float:
        share: float = (stamp_s - start_s) / max(end_s - start_s, 1e-3)
        return 100.0 * min(max(share, 0.0), 1.0)

    def span(from_s: float, to_s: float, width: str = "") -> str:
        wide = width or f"{along(to_s) - along(from_s):.2f}%"
        return f"left:{along(from_s):.2f}%;width:{wide}"

    series = form["series"]
    top_speed = max([1.0, *(abs(v) for v in series["speed_mps"] if v is not None)])
    heights = [None if v is None else abs(v) / top_speed for v in series["speed_mps"]]
    across = [along(stamp_s) for stamp_s in series["stamp_s"]]
    template = environment(form["site"]["timezone"]).get_template("patrol.html.j2")
    return template.render(
        form=form,
        frame=Frame.around(form["site"]["outline"]),
        rasters=_rasters(form, grid, seen),
        lines=track_lines(form["track"]),
        places={c["id"]: c for c in form["site"]["checkpoints"]},
        photos={
            i["number"]: (
                photo_link(photos, i["photo"], _PHOTO_PX),
                photo_link(photos, i["before"], _PHOTO_PX),
            )
            for i in form["incidents"]
        },
        done=sum(visit["state"] == "done" for visit in form["visits"]),
        soft=soft,
        along=along,
        span=span,
        ticks=[start_s + share * (end_s - start_s) for share in (0.0, 0.25, 0.5, 0.75, 1.0)],
        top_speed=top_speed,
        speed_lines=_polylines(across, heights),
        battery_lines=_polylines(across, series["battery_fraction"]),
        hold_reasons=_hold_reasons(form["holds"]),
    )


def soft(incident: Mapping[str, Any]) -> str:
    """How an incident is marked: what only differs is not marked like what should not be."""
    return "soft" if incident["kind"] in _SOFT else ""


def track_lines(track: Sequence[Mapping[str, Any]]) -> list[_Line]:
    """Stretches cut where the state changes, each piece beginning where the last one ended."""
    lines: list[_Line] = []
    for stretch in track:
        begin = 0
        for state, run in groupby(stretch["state"]):
            end = begin + len(list(run))
            lines.append(_Line(state, stretch["points"][max(begin - 1, 0) : end]))
            begin = end
    return lines


def _rasters(
    form: Mapping[str, Any], grid: OccupancyGrid, seen: Reach | None
) -> list[tuple[Raster, str]]:
    shown = [(map_raster(grid), "walls")]
    if seen is not None:
        ground = coverage.coarse(grid)
        points = [point for stretch in form["track"] for point in stretch["points"]]
        (mask,) = coverage.seen_by(ground, [np.array(points).reshape(-1, 2)], seen)
        shown.insert(0, (mask_raster(ground, 0.16 * mask, SEEN_BLUE), "seen"))
    return shown


def _polylines(across: Sequence[float], shares: Sequence[float | None]) -> list[str]:
    """Lines in a box of 1000 by 100, broken where nothing is known."""
    lines: list[str] = []
    pairs = list(zip(across, shares, strict=True))
    for known, run in groupby(pairs, key=lambda pair: pair[1] is not None):
        if known:
            lines.append(" ".join(f"{10 * a:.1f},{100 - 100 * (s or 0.0):.1f}" for a, s in run))
    return lines


def _hold_reasons(holds: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Times and seconds by reason, the longest first; a hold counts for each of its reasons."""
    found: dict[str, dict[str, Any]] = {}
    for hold in holds:
        for reason in hold["reasons"]:
            row = found.setdefault(reason, {"reason": reason, "times": 0, "seconds": 0.0})
            row["times"] += 1
            row["seconds"] += hold["end_s"] - hold["start_s"]
    return sorted(found.values(), key=lambda row: -row["seconds"])
