"""Parameters of unpredictable patrols."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param

WATCHER, SEER = "watcher", "seer"


@dataclass(frozen=True, slots=True)
class PolicyParams:
    """How patrols are drawn on routes that are `unpredictable`."""

    level: float = param(
        0.75,
        "Unpredictability: the share of the best possible chance of meeting somebody who knows "
        "the policy and all that the robot did until it left him; 0: a fixed lap. More of it: "
        "places are left alone for longer, by turns, up to idleness_laps. Who knows only how long "
        "the robot has been away is met most often at about 0.75",
        0.0,
        1.0,
    )
    against: str = param(
        WATCHER,
        "Who is met: a watcher sees the robot at his own place, a seer sees it everywhere (one "
        "robot never meets him in less than half a lap)",
        choices=(WATCHER, SEER),
    )
    stay_fraction: float = param(
        0.75, "What a seer needs at his place, by the time of a lap", 0.5, 0.95
    )
    idleness_laps: float = param(
        10.0, "Longest time for which a place is left alone, in laps", 1.5, 50.0
    )
    dwell_spread: float = param(
        0.5, "At level 1 a stop is longer than the site asks for by up to this share", 0.0, 3.0
    )
    start_jitter_s: float = param(
        300.0, "At level 1 a patrol starts later than asked for by up to this [s]", 0.0, 3600.0
    )
    cells: int = param(40, "Places at which the robot may turn round, about so many", 8, 120)
    turn_s: float = param(6.0, "Time to stop, turn round and drive off [s]", 0.0, 60.0)
