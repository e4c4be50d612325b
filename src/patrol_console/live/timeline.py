"""The stops of a patrol's route and how each came out, from the patrol's events."""

from __future__ import annotations

from patrol_console.station import Robot
from patrol_core.types.mission import PatrolEvent, PatrolStatus

_OUTCOMES = {
    "checkpoint_reached": "done",
    "checkpoint_passed": "passed",
    "checkpoint_skipped": "skipped",
    "checkpoint_left_for_later": "later",
    "leg_failed": "failed",
}


class TimeLine:
    """One robot's. Events of a patrol that began before this process are heard late (the row is
    latched), as far back as the row remembers.
    """

    def __init__(self, robot: Robot) -> None:
        self._robot = robot
        self._patrol_id = ""
        self._outcomes: dict[str, tuple[str, float]] = {}

    def hear(self, event: PatrolEvent) -> None:
        """Take in an event; a new patrol or lap begins anew."""
        if event.kind == "lap_started" or event.patrol_id != self._patrol_id:
            self._patrol_id, self._outcomes = event.patrol_id, {}
        outcome = _OUTCOMES.get(event.kind)
        if outcome is not None:
            self._outcomes[event.subject] = outcome, event.stamp_s

    def document(self, status: PatrolStatus) -> list[dict[str, object]]:
        """The stops in order: id, name, `state` (done, passed, skipped, later, failed, now,
        ahead), and when [s]; empty for a route that the site does not know.
        """
        site = self._robot.site
        route = next((r for r in site.routes if r.route_id == status.route_id), None)
        if route is None:
            return []
        known = self._outcomes if self._patrol_id == status.patrol_id else {}
        stops: list[dict[str, object]] = []
        for checkpoint_id in route.checkpoint_ids:
            state, stamp_s = known.get(checkpoint_id, ("ahead", None))
            if checkpoint_id == status.next_checkpoint and state in ("ahead", "later"):
                state = "now"
            name = site.checkpoint(checkpoint_id).name
            stops.append({"checkpoint": checkpoint_id, "name": name, "state": state, "s": stamp_s})
        return stops
