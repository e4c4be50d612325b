"""A site is edited while its robot patrols, in closed loop: it goes by what is saved."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.simulated import ROOT

from patrol_console.editing.documents import Documents, read_documents, with_documents
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.geometry import FloatArray
from patrol_core.site import load_site
from patrol_core.site.history import History, Note
from patrol_core.topics import AMCL_POSE, PATROL_EVENTS
from patrol_sim.scenario import Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import STEP_S, ClosedLoop
from ronda_cli.setting import load_setting

TEN_S = datetime(2026, 6, 2, 20, 0, tzinfo=timezone.utc).timestamp()
"""Ten at night on the yard's clock."""
ZONE_AT_S = 60.0
EAST, WEST, SOUTH, NORTH = 7.3, 5.8, -0.6, 0.6
POND = {
    "type": "Feature",
    "properties": {"id": "pond", "kind": "keep_out"},
    "geometry": {"type": "Polygon", "coordinates": [[
        [WEST, SOUTH], [EAST, SOUTH], [EAST, NORTH], [WEST, NORTH], [WEST, SOUTH]
    ]]},
}  # fmt: skip


def edit(folder: Path, change: Callable[[Documents], Documents]) -> None:
    """As the console saves a change."""
    history = History(folder)
    version = history.newest(0.0)
    documents = change(read_documents(version.files, folder))
    files = with_documents(version.files, documents, folder)
    history.save(version.number, files, Note("ada", "supervisor", 0.0, "tried"))


def at_ten(documents: Documents) -> Documents:
    (nightly,) = documents.schedules
    return replace(documents, schedules=({**nightly, "start": "22:00", "laps": 1},))


def with_pond(documents: Documents) -> Documents:
    return replace(documents, zones=(*documents.zones, POND))


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], FloatArray]:
    """The events, and time, x, y; shape (N, 3), of a robot whose schedule is moved to now, and
    that is kept out of a place on its route when it is under way."""
    folder = tmp_path_factory.mktemp("edited")
    shutil.copytree(ROOT / "sites" / "yard", folder / "yard")
    late = folder / "yard" / "site.yaml"
    late.write_text(late.read_text(encoding="utf-8").replace("22:00", "23:00"), encoding="utf-8")
    setting = load_setting("yard")
    docks = tuple(dock.pose for dock in setting.site.docks)
    simulator = Simulator(
        setting.world, [setting.setup()], Scenario("night", (Start(docks[0]),)), 7,
        docks=docks, camera=False,
    )  # fmt: skip
    context = ProcessContext(
        load_site(folder / "yard"), setting.robot, folder / "run", 7, TEN_S - 40.0
    )
    context.run_folder.mkdir()
    loop = ClosedLoop(simulator, context, {"mission": {"scheduler.enabled": True}})
    ear = Mailbox((PATROL_EVENTS, AMCL_POSE))
    kinds: list[str] = []
    rows: list[tuple[float, float, float]] = []
    loop.attach(ear, "cli")
    loop.setup()
    try:
        for step in range(round(500.0 / STEP_S)):
            now_s = step * STEP_S
            if now_s in (20.0, ZONE_AT_S):
                edit(folder / "yard", at_ten if now_s == 20.0 else with_pond)
            loop.step()
            heard: Any = ear.snapshot()
            kinds += [event.kind for event in heard.events(PATROL_EVENTS)]
            estimate = heard.latest(AMCL_POSE)
            if estimate is not None:
                rows.append((now_s, estimate.pose.x_m, estimate.pose.y_m))
            if "schedule_done" in kinds or "schedule_ended_early" in kinds:
                break
    finally:
        loop.close()
        simulator.close()
    return kinds, np.array(rows)


def test_a_schedule_that_was_moved_starts_at_its_new_time(
    way: tuple[list[str], FloatArray],
) -> None:
    kinds, _ = way
    assert kinds.index("site_changed") < kinds.index("patrol_started")
    assert "schedule_started" in kinds and "schedule_done" in kinds


def test_a_zone_that_was_added_is_kept_out_of_and_gone_round(
    way: tuple[list[str], FloatArray],
) -> None:
    _, (times, x, y) = way[0], way[1].T
    beside = (times > ZONE_AT_S) & (y > SOUTH) & (y < NORTH) & (x > 4.0)
    assert beside.any() and x[beside].max() < WEST - 0.2
