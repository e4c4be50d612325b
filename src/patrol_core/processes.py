"""The process table: what runs, where its parts are built, and how often it ticks.

The launch files start exactly these; the health monitor and the tests read the same table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """One operating system process of the deployed system.

    `assembly` is the module whose `PARAMS` (dataclass type) and `build(context, params)` make its
    components; empty for the base, the simulator and the gate, whose nodes are written by hand.
    `upstream`: losing it must stop the robot. `patient`: where processors are short it leaves
    them to the others.
    """

    name: str
    rate_hz: float
    assembly: str = ""
    upstream: bool = False
    patient: bool = False
    doc: str = ""


BASE = Process(
    "base", 50.0, upstream=True, doc="Motors, encoders, IMU, battery, sensors; or the simulator"
)
GATE = Process(
    "gate", 50.0, upstream=True, doc="Authority, emergency stop, collision gate, limits, watchdogs"
)
NAV = Process(
    "nav",
    20.0,
    "patrol_nav.assembly",
    True,
    doc="Map server, localisation, planner, controller",
)
PERCEPTION = Process(
    "perception", 10.0, "patrol_perception.assembly", doc="Tracks, anomalies, blurred camera"
)
MISSION = Process("mission", 10.0, "patrol_mission.assembly", doc="Patrol executive, report")
RECORDS = Process("records", 10.0, "patrol_records.assembly", doc="Incidents, evidence, log")
HRI = Process(
    "hri", 10.0, "patrol_hri.assembly", patient=True,
    doc="Visitors: dialogue, kiosk, guided walks",
)  # fmt: skip
CONSOLE = Process("console", 50.0, "patrol_console.assembly", doc="Operators' web application")

PROCESSES: tuple[Process, ...] = (BASE, GATE, NAV, PERCEPTION, MISSION, RECORDS, HRI, CONSOLE)
