"""Parameters of the records process."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_core.types.perception import FindingKind
from patrol_records.flight.params import FlightParams

MAX_RADIUS_M = 2.0


@dataclass(frozen=True, slots=True)
class GroupingParams:
    """When incidents have one cause: of one kind, near each other, and not long apart."""

    radius_m: float = param(
        1.5, "Farthest that an incident lies from where the first of its group was seen [m]",
        0.05, MAX_RADIUS_M,
    )  # fmt: skip
    check_radius_m: float = param(
        0.05, "The same for checks, whose places are exact [m]", 0.01, MAX_RADIUS_M
    )
    things_s: float = param(
        604800.0, "Longest time without seeing a thing that is still the same cause [s]", 60.0
    )
    people_s: float = param(
        3600.0, "The same for what people do or report [s]; a call for help is never grouped", 60.0
    )
    reopen_after_s: float = param(
        120.0,
        "A resolved cause opens again when it is seen this long after that [s]",
        0.0,
        86400.0,
    )

    def reach(self, kind: FindingKind) -> tuple[float, float]:
        """Radius [m] and time [s]; nothing is in reach of a call for help."""
        if kind is FindingKind.EMERGENCY:
            return 0.0, 0.0
        radius_m = self.check_radius_m if kind is FindingKind.CHECK else self.radius_m
        people = kind in (FindingKind.BEHAVIOUR, FindingKind.REPORT)
        return radius_m, self.people_s if people else self.things_s


@dataclass(frozen=True, slots=True)
class RecordsParams:
    sample_period_s: float = param(0.5, "Time between two samples of the robot [s]", 0.05, 10.0)
    commit_period_s: float = param(
        2.0, "Longest time that samples wait to be written together [s]", 0.0, 60.0
    )
    database_url: str = param(
        "", "PostgreSQL database that several robots share (postgresql://...); empty: a file"
    )
    robot_id: str = param("robot", "Name of this robot in a shared database")
    log_folder: str = param(
        "", "Where the tamper-evident log is, over all runs; empty: in the run's folder"
    )
    grouping: GroupingParams = field(default_factory=GroupingParams)
    flight: FlightParams = field(default_factory=FlightParams)
