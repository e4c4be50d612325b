"""Builds the components of the mission process."""

from __future__ import annotations

from pathlib import Path

from patrol_core.component import Component, ProcessContext
from patrol_mission.executive import PatrolExecutive
from patrol_mission.inspecting.inspector import Inspector
from patrol_mission.journal import Journal
from patrol_mission.params import MissionParams

PARAMS = MissionParams
INSPECTION = "inspection.json"
"""Name of the file that is in the run's folder while something is inspected."""


def build(context: ProcessContext, params: MissionParams) -> list[Component]:
    """The patrol executive and the inspector, which goes where the executive lets it.

    The executive's journal is the run's, or that of all runs on the robot.
    """
    run_name = context.run_folder.name
    folder = Path(params.journal_folder) if params.journal_folder else context.run_folder
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / "mission.json", context.site, run_name, context.epoch_s)
    prefix = f"{run_name}-{context.seed}"
    return [
        PatrolExecutive(context.site, params.executive, prefix, context.epoch_s, journal),
        Inspector(
            context.site, context.robot, params.inspecting, prefix,
            context.run_folder / INSPECTION, context.epoch_s,
        ),
    ]  # fmt: skip
