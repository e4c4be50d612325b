"""The navigator where Nav2 drives: it docks, and does nothing else.

The gate lets the robot touch a dock only while `dock_approach` says so, which Nav2 does not.
"""

from __future__ import annotations

from patrol_core import actions, topics
from patrol_core.component import Inputs, Outputs
from patrol_nav.navigator.navigator import ACTIONS, CLEARING, Navigator

_DRIVING = tuple(action for action in ACTIONS if action is not actions.DOCK)
_BY_NAV2 = (
    topics.GOAL_POSE, topics.PLAN, topics.OPTIMAL_TRAJECTORY, topics.LOCAL_COSTMAP,
    topics.GLOBAL_COSTMAP, topics.TRAJECTORIES,
    *(row for service in CLEARING for row in (service.request, service.response)),
    *(row for a in _DRIVING for row in (a.goal, a.cancel, a.feedback, a.result)),
)  # fmt: skip
"""What Nav2 takes and says under the same names."""


class Docker(Navigator):
    """Takes goals on `dock` alone, and leaves to Nav2 what it publishes itself."""

    name = "docker"
    reads = tuple(row for row in Navigator.reads if row not in _BY_NAV2)
    writes = tuple(row for row in Navigator.writes if row not in _BY_NAV2)

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        """See Component."""
        outputs = Outputs()
        for topic, value in super().step(inputs, now_s):
            if topic in self.writes:
                outputs.put(topic, value)
        return outputs
