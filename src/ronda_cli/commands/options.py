"""Options that several commands have in common."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Navigator(str, Enum):
    """Who plans and drives."""

    RONDA = "ronda"
    NAV2 = "nav2"


class Simulator(str, Enum):
    """Simulators."""

    EMBEDDED = "embedded"
    GAZEBO = "gazebo"
    GAZEBO_CLASSIC = "gazebo_classic"


RobotFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The robot's numbers; default: the rover.")
]
Headless = Annotated[bool, typer.Option("--headless", help="Plain lines, no view.")]
LearnViews = Annotated[
    bool, typer.Option("--learn-views", help="Keep pictures as reference views of the site.")
]
KioskPort = Annotated[
    int, typer.Option(min=0, max=65535, help="Port of the visitors' page; 0: none.")
]
ConsolePort = Annotated[
    int, typer.Option(min=0, max=65535, help="Port of the operators' console; 0: none.")
]
Foxglove = Annotated[
    bool, typer.Option("--foxglove", help="Let Foxglove look in (docs/FOXGLOVE.md).")
]
NoMap = Annotated[bool, typer.Option("--no-map", help="Dead reckoning from the start, no map.")]
WhoDrives = Annotated[
    Navigator, typer.Option(help="Who drives; nav2: where it is installed (docs/TOOLS.md).")
]
RViz = Annotated[bool, typer.Option("--rviz", help="Start RViz where it is installed.")]
