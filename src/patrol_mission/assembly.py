"""Builds the components of the mission process."""

from __future__ import annotations

import secrets
from pathlib import Path

from patrol_core.component import Component, ProcessContext
from patrol_mission.executive import PatrolExecutive
from patrol_mission.inspecting.inspector import Inspector
from patrol_mission.journal import Journal
from patrol_mission.outbox import EventOutbox
from patrol_mission.params import MissionParams
from patrol_mission.planned import Planner
from patrol_mission.schedule.lap_time import lap_times_s
from patrol_mission.schedule.memory_file import memory_path
from patrol_mission.schedule.starter import ScheduleStarter

PARAMS = MissionParams
INSPECTION = "inspection.json"
"""Name of the file that is in the run's folder while something is inspected."""


def build(context: ProcessContext, params: MissionParams) -> list[Component]:
    """The schedules; the patrol executive, which hears from them at the same tick; and the
    inspector, which goes where the executive lets it.

    The executive's journal is the run's, or that of all runs on the robot.
    """
    run_name = context.run_folder.name
    folder = Path(params.journal_folder) if params.journal_folder else context.run_folder
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / "mission.json", context.site, run_name, context.epoch_s)
    outbox = EventOutbox(folder / "events.jsonl")
    prefix = f"{run_name}-{context.seed}"
    return [
        _starter(context, params, outbox),
        PatrolExecutive(
            context.site, params.executive, prefix, context.epoch_s, journal,
            outbox, Planner(context.site, params.policy, context.run_folder, _secret),
        ),
        Inspector(
            context.site, context.robot, params.inspecting, prefix,
            context.run_folder / INSPECTION, context.epoch_s, outbox,
        ),
    ]  # fmt: skip


def _secret() -> int:
    """Whoever knew it knew every turn of a patrol."""
    return secrets.randbits(63)


def _starter(
    context: ProcessContext, params: MissionParams, outbox: EventOutbox
) -> ScheduleStarter:
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
        _secret,
        outbox,
    )
