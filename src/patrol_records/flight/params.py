"""Parameters of the flight recorder."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class FlightParams:
    """What the flight recorder keeps, in memory and on the disk."""

    before_s: float = param(60.0, "How long before an incident a recording begins [s]", 1.0, 300.0)
    after_s: float = param(30.0, "How long after an incident it ends [s]", 1.0, 300.0)
    longest_s: float = param(
        600.0, "Longest recording [s]; what goes on longer gets another", 60.0, 7200.0
    )
    memory_mib: int = param(64, "Messages kept in memory at most, of all rows [MiB]", 4, 2048)
    waiting_mib: int = param(
        32,
        "Messages that may wait for a slow disk [MiB]; what is more is lost, and counted",
        1,
        512,
    )
    disk_mib: int = param(
        4096, "Recordings kept on the disk at most [MiB]; the oldest go first", 64, 10_000_000
    )
    description: str = param(
        "", "The robot's xacro file, for the head of each recording; empty: none"
    )
