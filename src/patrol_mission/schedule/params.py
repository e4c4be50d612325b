"""Parameters of the scheduler."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class SchedulerParams:
    """When patrols start by themselves."""

    enabled: bool = param(False, "Whether patrols start by themselves, by the site's schedules")
    folder: str = param(
        "",
        "Where it is kept what became of scheduled runs; empty: 'schedule' beside the runs' "
        "folders",
    )
    grace_s: float = param(
        300.0,
        "Delay with which a run counts as started in time, whatever its schedule says [s]",
        60.0,
        3600.0,
    )
    settle_s: float = param(
        30.0,
        "Time for which the clock must go on without a jump, and the gate be without a latched "
        "stop, before a run starts [s]",
        5.0,
        600.0,
    )
