"""Builds the components of the mission process."""

from __future__ import annotations

from pathlib import Path

from patrol_core.component import Component, ProcessContext
from patrol_mission.executive import PatrolExecutive
from patrol_mission.journal import Journal
from patrol_mission.params import MissionParams

PARAMS = MissionParams


def build(context: ProcessContext, params: MissionParams) -> list[Component]:
    """The patrol executive. Its journal is the run's, or that of all runs on the robot."""
    run_name = context.run_folder.name
    folder = Path(params.journal_folder) if params.journal_folder else context.run_folder
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / "mission.json", context.site, run_name, context.epoch_s)
    prefix = f"{run_name}-{context.seed}"
    return [
        PatrolExecutive(context.site, params.executive, prefix, context.epoch_s, journal),
    ]
