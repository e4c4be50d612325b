"""Parameters of the console's process."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_console.alerts.severity import AlertParams
from patrol_console.driving.params import DrivingParams
from patrol_console.foxglove.params import FoxgloveParams
from patrol_console.web.params import WebParams
from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class ConsoleParams:
    """Of everything that operators meet."""

    serve: bool = param(False, "Whether the console is served")
    state_folder: str = param(
        "", "Where accounts and whatever else outlives a run are kept; empty: beside the runs"
    )
    database_url: str = param("", "The records' database, as their process has it; empty: a file")
    robot_id: str = param("robot", "Name of this robot in that database")
    robot_name: str = param("ronda", "The robot's name on pages and in addresses")
    fleet: str = param(
        "", "YAML file of further robots that this console shows, by namespace; empty: none"
    )
    description: str = param(
        "", "The robot's xacro file, for viewers; empty: a robot_state_publisher says it"
    )
    alerts: AlertParams = field(default_factory=AlertParams)
    driving: DrivingParams = field(default_factory=DrivingParams)
    foxglove: FoxgloveParams = field(default_factory=FoxgloveParams)
    web: WebParams = field(default_factory=WebParams)
