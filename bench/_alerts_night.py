"""A night in closed loop, an hour at a time, each in a folder with all records up to its end."""

from __future__ import annotations

import dataclasses
import shutil
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from _alerts_scene import HOURS, Planted, begins_s, hour_seed, planted, scenario_of
from _alerts_watch import Watch
from _placements import outline_of
from _site_laps import setting_of

from patrol_core.component import ProcessContext
from patrol_core.site.schedules import Schedule
from patrol_records.life_cycle import IncidentState
from patrol_records.queries_inbox import inbox, incidents_of
from patrol_records.reader import RecordReader
from patrol_sim.scenario import Scenario
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop

EARLY_S = 10.0
"""The processes start so long before the hour."""
OVERRIDES = {"mission": {"scheduler.enabled": True, "scheduler.settle_s": 5.0}}
RUN = "run"


def drive_hour(site: str, seed: int, hour: int, minutes: float, home: Path) -> dict[str, Any]:
    """So many minutes from an hour on, after the hours before; what was told, for JSON.

    The robot's processes are started anew, on the records that there are: perception tells what
    it finds as if it had never seen it.
    """
    folder, before = home / f"hour-{hour}", home / f"hour-{hour - 1}"
    shutil.rmtree(folder, ignore_errors=True)
    if hour:
        shutil.copytree(before, folder)
    run = folder / RUN
    run.mkdir(parents=True, exist_ok=True)
    setting = setting_of(site)
    every_hour = Schedule(
        "hourly", setting.site.routes[0].route_id, tuple(range(7)),
        tuple(3600 * clock for clock in sorted(HOURS)), 1,
    )  # fmt: skip
    patrolled = dataclasses.replace(setting.site, schedules=(every_hour,))
    epoch_s = begins_s(site, hour) - EARLY_S
    number = hour_seed(seed, hour)
    scenario = scenario_of(site, seed, hour)
    simulator = Simulator(
        setting.world, [setting.setup()], scenario, number,
        docks=tuple(dock.pose for dock in setting.site.docks),
    )  # fmt: skip
    context = ProcessContext(patrolled, setting.robot, run, number, epoch_s)
    loop = ClosedLoop(simulator, context, OVERRIDES)
    over = [one for one in planted(site, seed) if one.ends <= hour]
    watch = Watch(loop, context, _vans(scenario), over)
    started_s = time.monotonic()
    loop.setup()
    try:
        while loop.now_s < EARLY_S + 60.0 * minutes:
            loop.step()
            watch.step()
        wall_s = time.monotonic() - started_s
    finally:
        loop.close()
        simulator.close()
    return {
        "hour": hour, "begins_s": epoch_s, "simulated_s": loop.now_s, "wall_s": wall_s,
        **_patrol(run, epoch_s, loop.now_s), "told": watch.told, "troubles": watch.troubles,
        "heard": [[s, *key, kind] for key, (s, kind) in watch.heard.items()],
        "refused": sorted(watch.refused), "acts": watch.acts,
        "disagreements": watch.disagreements, "people": len(scenario.pedestrians),
        "contacts": len(simulator.truth().contacts),
    }  # fmt: skip


def _vans(scenario: Scenario) -> list[Planted]:
    """Vans that park there as they usually do."""
    return [
        Planted(thing.name, outline_of(thing), 0, 0, thing=thing)
        for thing in scenario.objects
        if not thing.planted
    ]


def _patrol(run: Path, begins_s: float, simulated_s: float) -> dict[str, Any]:
    """How the hour's patrol ended, in words, and when: how long the robot was not just docked."""
    with closing(RecordReader(run)) as reader:
        events = reader.events_between(begins_s, begins_s + simulated_s)
    ended = next((event for event in events if event.kind == "patrol_ended"), None)
    if ended is not None:
        words = f"{ended.subject}: {ended.message}"
        return {"patrol": words, "patrol_s": ended.stamp_s - begins_s}
    started = any(event.kind == "patrol_started" for event in events)
    return {"patrol": "under way" if started else "not started", "patrol_s": simulated_s}


def after_the_night(
    site: str, seed: int, home: Path, hours: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the records hold at the end against what was heard, told and planted."""
    refused = {name for hour in hours for name in hour["refused"]}
    heard = {(one[1], one[2]) for hour in hours for one in hour["heard"] if one[1] not in refused}
    told = {one["group"] for hour in hours for one in hour["told"]}
    last = hours[-1]
    with closing(RecordReader(home / f"hour-{last['hour']}" / RUN)) as reader:
        stored = {(row["finding_id"], row["revision"])
                  for row in reader.rows("SELECT finding_id, revision FROM findings")}  # fmt: skip
        incidents = reader.incidents()
        lines = inbox(reader, last["begins_s"], tuple(IncidentState), count=10**6)
        shown = {n for line in lines for n in incidents_of(reader, line.group_id)}
    missed = [
        one.name for one in planted(site, seed)
        if one.begins <= last["hour"]
        and not any(one.is_told_by(i) and i.group_id in told for i in incidents)
    ]  # fmt: skip
    return {
        "findings": len({name for name, _ in heard}), "revisions": len(heard),
        "not_stored": sorted(map(list, heard - stored)), "incidents": len(incidents),
        "not_shown": [i.incident_id for i in incidents if i.incident_id not in shown],
        "never_told": [line.group_id for line in lines if line.group_id not in told],
        "groups": len(lines), "missed": missed,
        "planted": sum(one.begins <= last["hour"] for one in planted(site, seed)),
    }  # fmt: skip
