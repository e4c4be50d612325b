"""Parameters of guiding."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class GuideParams:
    """Visitors follow at 3 to 4 m: nearer than that the gate holds the robot again and again, as
    it does before anybody who walks towards it."""

    speed_mps: float = param(0.9, "Pace at which a visitor is led [m/s]", 0.2, 1.5)
    least_battery_fraction: float = param(
        0.3, "Charge below which nobody is guided any farther", 0.05, 0.9
    )
    meet_m: float = param(5.0, "The visitor is looked for so near the robot [m]", 1.0, 15.0)
    meet_s: float = param(10.0, "Time to see the visitor at the start [s]", 1.0, 60.0)
    pause_s: float = param(5.0, "Time for the patrol to pause [s]", 1.0, 30.0)
    lag_m: float = param(6.0, "The robot waits when the visitor is farther behind [m]", 1.5, 15.0)
    close_m: float = param(
        3.0, "Who is nearer while the gate holds is asked for more room [m]", 0.5, 5.0
    )
    held_s: float = param(3.0, "... when it has held for so long [s]", 0.5, 30.0)
    come_m: float = param(4.5, "It goes on when the visitor is as near as that [m]", 1.0, 10.0)
    unseen_s: float = param(
        2.0, "It waits when it has not seen the visitor for so long [s]", 0.5, 20.0
    )
    again_m: float = param(
        1.5, "Who appears so near to where the visitor should be is the visitor [m]", 0.3, 5.0
    )
    remind_s: float = param(6.0, "After waiting so long it says that it waits [s]", 1.0, 60.0)
    gone_s: float = param(25.0, "Not seen for so long, the visitor is gone [s]", 5.0, 300.0)
    gone_m: float = param(12.0, "So far behind, the visitor is gone [m]", 3.0, 50.0)
    patience_s: float = param(45.0, "It waits no longer for who does not come [s]", 5.0, 600.0)
    short_of_m: float = param(1.0, "It stops so far before the place [m]", 0.0, 5.0)
    near_enough_m: float = param(
        3.0, "Where the place itself is taken, so near is there [m]", 0.5, 10.0
    )
    border_m: float = param(
        5.0, "A walk may begin so far outside of where visitors may be [m]", 0.0, 20.0
    )
    urgent_m: float = param(
        20.0, "What people do against the rules so near the robot ends a walk [m]", 0.0, 100.0
    )
