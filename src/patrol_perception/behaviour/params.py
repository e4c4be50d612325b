"""Every number that the judging of behaviour may be tuned by, beside the site's own rules."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class BehaviourParams:
    """How sure the robot must be of where people are, and when something has ended."""

    most_std_m: float = param(0.5, "With a worse pose nothing is judged [m]", 0.05, 5.0)
    sigmas: float = param(
        2.0, "So many deviations of the pose inside a zone, to be in it", 0.0, 5.0
    )
    bridge_s: float = param(
        20.0, "Who stood and was hidden for no longer is the same [s]", 0.0, 120.0
    )
    clear_s: float = param(8.0, "What has not been seen for so long has ended [s]", 1.0, 300.0)
    again_s: float = param(
        120.0, "What begins anew within so long is no new finding [s]", 0.0, 3600.0
    )
    low_m: float = param(0.6, "Who lies is no higher than this [m]", 0.3, 1.0)
    low_unseen_m: float = param(
        0.4, "The same, where nobody was seen to walk before: benches are higher [m]", 0.2, 1.0
    )
    shortest_m: float = param(1.15, "Who lies is at least so long [m]", 0.6, 2.0)
    longest_m: float = param(2.2, "Longer things are nobody who lies [m]", 1.5, 3.0)
    widest_m: float = param(0.95, "Wider things are nobody who lies [m]", 0.4, 1.5)
