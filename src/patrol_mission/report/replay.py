"""The record of a night as a versioned JSON form that a page can play."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from patrol_core.site.model import Site
from patrol_core.types.maps import OccupancyGrid
from patrol_mission.report import periods
from patrol_mission.report.drawing import Frame, map_raster, photo_link
from patrol_mission.report.exports import event_message, public_reason
from patrol_mission.report.form import event_form, incident_form, sample_state, site_form
from patrol_mission.report.page import environment
from patrol_mission.report.summary import PatrolSummary
from patrol_records.entries import RunSample, StoredIncident

REPLAY_FORM, REPLAY_VERSION = "ronda.replay", 1
STATES = ("no place", "driving", "limited", "held", "unsure")
UNKNOWN = 255
_STILL_S, _STILL_M, _STILL_RAD = 10.0, 0.02, 0.02
_PHOTO_PX = 320


def replay_form(
    patrols: Sequence[PatrolSummary],
    samples: Sequence[RunSample],
    incidents: Sequence[StoredIncident],
    site: Site,
    span_s: tuple[float, float],
) -> dict[str, Any]:
    """A span of time [start, end] with the patrols in it. Visitors' words are not in it."""
    events = sorted(chain.from_iterable(p.events for p in patrols), key=lambda e: e.stamp_s)
    return {
        "format": REPLAY_FORM,
        "version": REPLAY_VERSION,
        "site": site_form(site),
        "start_s": span_s[0],
        "end_s": span_s[1],
        "patrols": [
            {"patrol_id": p.patrol_id, "start_s": p.start_s, "end_s": p.end_s,
             "outcome": p.outcome}
            for p in patrols
        ],
        "gaps": [
            {"start_s": gap.start_s, "end_s": gap.end_s, "why": gap.why}
            for gap in periods.gaps(samples, site, *span_s)
        ],
        "samples": packed_samples(samples, span_s[0]),
        "events": [
            event_form(event) | {"message": event_message(event)} for event in events
        ],
        "incidents": [_incident(i) for i in incidents],
    }  # fmt: skip


def packed_samples(samples: Sequence[RunSample], start_s: float) -> dict[str, Any]:
    """Columns of the samples as little-endian bytes, base64; those between which nothing changes
    are left out for up to 10 s.

    `time` uint32 [0.1 s] since the start; `x`, `y` int32 [cm]; `yaw` int16 [mrad]; `speed` int16
    [cm/s]; `battery` uint8 [%], 255 unknown; `state` uint8, an index in `states`, 128 added where
    a stretch of the record begins; `reason` uint16, an index in `reasons`.
    """
    begins = {id(piece[0]) for piece in periods.stretches(samples)}
    kept = _changing(samples, begins)
    reasons = {"": 0}
    columns: dict[str, list[int]] = {
        name: [] for name in ("time", "x", "y", "yaw", "speed", "battery", "state", "reason")
    }
    for sample in kept:
        here, charge = periods.located(sample), sample.battery_fraction
        x_m, y_m = periods.place(sample) if here else (0.0, 0.0)
        state = STATES.index(sample_state(sample)) if here else 0
        reason = "; ".join(periods.plain_reasons(sample.gate_reasons or ""))
        columns["time"].append(max(0, round(10.0 * (sample.stamp_s - start_s))))
        columns["x"].append(round(100.0 * x_m))
        columns["y"].append(round(100.0 * y_m))
        columns["yaw"].append(round(1000.0 * math.remainder(sample.yaw_rad or 0.0, math.tau)))
        columns["speed"].append(round(100.0 * min(max(sample.speed_mps or 0.0, -300.0), 300.0)))
        columns["battery"].append(UNKNOWN if charge is None else round(100.0 * charge))
        columns["state"].append(state + 128 * (id(sample) in begins))
        columns["reason"].append(min(reasons.setdefault(reason, len(reasons)), 65535))
    kinds = {"time": "<u4", "x": "<i4", "y": "<i4", "yaw": "<i2", "speed": "<i2", "battery": "u1",
             "state": "u1", "reason": "<u2"}  # fmt: skip
    return {
        "count": len(kept),
        "states": list(STATES),
        "reasons": list(reasons),
        **{name: _packed(np.array(columns[name], dtype=kind)) for name, kind in kinds.items()},
    }


def _changing(samples: Sequence[RunSample], begins: set[int]) -> list[RunSample]:
    kept: list[RunSample] = []
    for index, sample in enumerate(samples):
        last = kept[-1] if kept else None
        ends = index + 1 == len(samples) or id(samples[index + 1]) in begins
        if last is None or ends or id(sample) in begins or _changed(last, sample):
            kept.append(sample)
    return kept


def _changed(last: RunSample, sample: RunSample) -> bool:
    if sample.stamp_s - last.stamp_s >= _STILL_S or not periods.located(sample):
        return True
    turned = math.remainder((sample.yaw_rad or 0.0) - (last.yaw_rad or 0.0), math.tau)
    return (
        not periods.located(last)
        or math.dist(periods.place(last), periods.place(sample)) > _STILL_M
        or abs(turned) > _STILL_RAD
        or sample_state(last) != sample_state(sample)
        or last.gate_reasons != sample.gate_reasons
    )


def _packed(values: npt.NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")


def _incident(incident: StoredIncident) -> dict[str, Any]:
    form = incident_form(incident)
    names = ("number", "kind", "title", "first_seen_s", "x_m", "y_m", "photo")
    return {name: form[name] for name in names} | {"reason": public_reason(incident)}


def render_replay(form: Mapping[str, Any], grid: OccupancyGrid, photos: Path) -> str:
    """The page that plays it, one file without a request to anybody."""
    frame, raster = Frame.around(form["site"]["outline"]), map_raster(grid)
    pictures = {
        str(i["number"]): link
        for i in form["incidents"]
        if (link := photo_link(photos, i["photo"], _PHOTO_PX)) is not None
    }
    drawing = {
        "frame": [frame.x_m, frame.y_m, frame.width_m, frame.height_m],
        "walls": [raster.link, raster.x_m, raster.top_m, raster.width_m, raster.height_m],
        "pictures": pictures,
    }
    template = environment(form["site"]["timezone"]).get_template("replay.html.j2")
    return template.render(form=form, data=_script_json(form), drawing=_script_json(drawing))


def _script_json(value: Mapping[str, Any]) -> str:
    """JSON that ends no script element and begins no comment in it."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
