"""The form that a replay plays: what is packed can be unpacked; no words of visitors."""

from __future__ import annotations

import base64
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report_records import OPERATOR, SITE, START_S, VISITORS_WORDS, sample
from tests.unit.report.conftest import HOSTILE
from tests.unit.report.test_patrol_form import Elements

from patrol_core.types.maps import OccupancyGrid
from patrol_mission.report import periods
from patrol_mission.report.replay import (
    REPLAY_FORM,
    REPLAY_VERSION,
    packed_samples,
    render_replay,
    replay_form,
)
from patrol_mission.report.summary import PatrolSummary
from patrol_records.reader import RecordReader

KINDS = {"time": "<u4", "x": "<i4", "y": "<i4", "yaw": "<i2", "speed": "<i2", "battery": "u1",
         "state": "u1", "reason": "<u2"}  # fmt: skip
SPAN_S = (START_S - 30.0, START_S + 18200.0)


def columns(packed: dict[str, Any]) -> dict[str, npt.NDArray[np.int64]]:
    return {
        name: np.frombuffer(base64.b64decode(packed[name]), dtype=kind).astype(np.int64)
        for name, kind in KINDS.items()
    }


def form_of(folder: Path, patrols: tuple[PatrolSummary, ...]) -> dict[str, Any]:
    reader = RecordReader(folder)
    samples, incidents = reader.samples(*SPAN_S), reader.incidents()
    reader.close()
    return replay_form(patrols, samples, incidents, SITE, SPAN_S)


def test_a_night(night: Path, patrols: tuple[PatrolSummary, PatrolSummary]) -> None:
    form = form_of(night, patrols)
    assert json.loads(json.dumps(form, allow_nan=False)) == form
    assert (form["format"], form["version"]) == (REPLAY_FORM, REPLAY_VERSION)
    assert VISITORS_WORDS not in json.dumps(form) and OPERATOR not in json.dumps(form)
    assert [e["kind"] for e in form["events"]][:2] == ["patrol_started", "lap_started"]
    read = columns(form["samples"])
    begins = np.flatnonzero(read["state"] > 127)
    assert (read["time"][begins] / 10.0 - 30.0).tolist() == [0.0, 180.0]
    held = (read["state"] & 127) == form["samples"]["states"].index("held")
    reasons = {form["samples"]["reasons"][i] for i in read["reason"][held]}
    assert reasons == {"obstacle at … m; plain words"}
    assert form["samples"]["count"] < 420, "of a robot that stands, one sample in ten seconds"


@given(
    st.lists(
        st.tuples(
            st.integers(1, 40), st.floats(-500.0, 500.0), st.floats(-9.0, 9.0),
            st.sampled_from(["passing", "hold", "limited"]), st.booleans(),
        ),
        min_size=1, max_size=40,
    )
)  # fmt: skip
@settings(max_examples=25)
def test_what_is_left_out_lies_on_what_is_kept(
    steps: list[tuple[int, float, float, str, bool]],
) -> None:
    now, samples = 0.0, []
    for lasted, x_m, yaw, state, known in steps:
        now += lasted / 10.0
        x = round(x_m / 100.0) if known else None
        samples.append(sample(now, "p", x_m=x, yaw_rad=round(yaw), gate_state=state))
    packed = packed_samples(samples, START_S)
    read = columns(packed)
    assert packed["count"] == len(read["time"]) <= len(samples)
    assert (np.diff(read["time"]) > 0).all()
    kept = {int(t): i for i, t in enumerate(read["time"])}
    for one in samples:
        tick = round(10.0 * (one.stamp_s - START_S))
        index = int(np.searchsorted(read["time"], tick, side="right")) - 1
        if tick in kept:
            assert (read["state"][index] & 127 == 0) == (not periods.located(one))
        if periods.located(one):
            assert abs(read["x"][index] / 100.0 - (one.x_m or 0.0)) <= 0.03
            turned = read["yaw"][index] / 1000.0 - (one.yaw_rad or 0.0)
            assert abs(math.remainder(turned, math.tau)) <= 0.03
    stretches = periods.stretches(samples)
    assert int((read["state"] > 127).sum()) == len(stretches)
    assert all(b - a <= 101 or read["state"][i + 1] > 127 or read["state"][i] == 0
               for i, (a, b) in enumerate(pairwise(read["time"].tolist())))  # fmt: skip


def test_hostile_text_ends_no_script(
    hostile_night: Path, hostile_patrols: tuple[PatrolSummary, PatrolSummary],
    grid: OccupancyGrid,
) -> None:  # fmt: skip
    form = form_of(hostile_night, hostile_patrols)
    form["site"]["name"] = HOSTILE
    page = render_replay(form, grid, hostile_night / "photos")
    read = Elements(page)
    assert read.tags.count("script") == 3 and HOSTILE not in page
    data = page.split('id="data">')[1].split("</script>")[0]
    assert json.loads(data) == form
