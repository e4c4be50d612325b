"""Builds the components of the mission process."""

from __future__ import annotations

from patrol_core.component import Component, ProcessContext
from patrol_mission.executive import PatrolExecutive
from patrol_mission.params import MissionParams

PARAMS = MissionParams


def build(context: ProcessContext, params: MissionParams) -> list[Component]:
    """The patrol executive."""
    prefix = f"{context.run_folder.name}-{context.seed}"
    return [PatrolExecutive(context.site, params.executive, prefix)]
