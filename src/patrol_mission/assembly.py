"""Builds the components of the mission process."""

from __future__ import annotations

from patrol_core.component import Component, ProcessContext
from patrol_mission.executive import PatrolExecutive
from patrol_mission.inspecting.inspector import Inspector
from patrol_mission.params import MissionParams

PARAMS = MissionParams
INSPECTION = "inspection.json"
"""Name of the file that is in the run's folder while something is inspected."""


def build(context: ProcessContext, params: MissionParams) -> list[Component]:
    """The patrol executive and the inspector, which goes where the executive lets it."""
    prefix = f"{context.run_folder.name}-{context.seed}"
    return [
        PatrolExecutive(context.site, params.executive, prefix),
        Inspector(
            context.site, context.robot, params.inspecting, prefix,
            context.run_folder / INSPECTION, context.epoch_s,
        ),
    ]  # fmt: skip
