"""What followers of paths work with."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_nav.control.controller import Body, Controller
from patrol_nav.navigator.way_come import WayCome
from patrol_nav.params import FollowerParams
from patrol_nav.planning.planner import Planner


@dataclass(frozen=True, slots=True)
class Tools:
    """What a follower works with."""

    body: Body
    params: FollowerParams
    planner: Planner
    controller: Controller
    came: WayCome
