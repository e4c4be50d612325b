"""Builds the components of the mission process."""

from __future__ import annotations

import secrets
from pathlib import Path

from patrol_core.component import Component, ProcessContext
from patrol_mission.executive import PatrolExecutive
from patrol_mission.params import MissionParams
from patrol_mission.schedule.lap_time import lap_times_s
from patrol_mission.schedule.memory_file import memory_path
from patrol_mission.schedule.starter import ScheduleStarter

PARAMS = MissionParams


def build(context: ProcessContext, params: MissionParams) -> list[Component]:
    """The schedules, and the patrol executive, which hears from them at the same tick."""
    prefix = f"{context.run_folder.name}-{context.seed}"
    starter = _starter(context, params)
    return [starter, PatrolExecutive(context.site, params.executive, prefix)]


def _starter(context: ProcessContext, params: MissionParams) -> ScheduleStarter:
    """What became of scheduled runs outlives a run: it lies beside the runs' folders."""
    site, scheduler = context.site, params.scheduler
    folder = Path(scheduler.folder) if scheduler.folder else context.run_folder.parent / "schedule"
    return ScheduleStarter(
        site,
        scheduler,
        memory_path(folder, site.folder),
        context.epoch_s,
        lap_times_s(site) if scheduler.enabled else {},
        params.executive.start_battery_fraction,
        lambda: secrets.randbits(63),
    )
