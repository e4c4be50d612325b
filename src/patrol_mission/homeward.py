"""The leaves that bring the robot home, and let it rest there where the patrol goes on."""

from __future__ import annotations

from py_trees.common import Status

from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode
from patrol_core.topics import BATTERY_STATE
from patrol_core.types.mission import DockGoal, FollowRouteGoal, NavigateGoal, PatrolState
from patrol_mission.behaviours import GoalLeaf, Leaf
from patrol_mission.link import LinkStep


class GoBack(GoalLeaf):
    """Out of touch, the robot goes home along ground that it has driven: nothing new is tried."""

    def goal(self) -> FollowRouteGoal | None:
        board, run = self.board, self.run
        if run.rest is None or not run.rest.for_link or board.at_dock() or board.pose is None:
            return None
        dock = board.home
        approach = dock.pose.compose(Pose2(-dock.approach_m, 0.0, 0.0))
        way = board.trail.way(board.pose, approach)
        if way is None or len(way) < 2:
            return None
        self.say(PatrolState.RETURNING, f"back along the way come: {run.return_reason}")
        return FollowRouteGoal(self.client.new_id(), way, run.speed_mps)

    def failed(self, code: ErrorCode, message: str) -> None:
        self.board.record("return_failed", code.name.lower(), message)


class DriveHome(GoalLeaf):
    """Drives to the place from which the dock is approached."""

    def goal(self) -> NavigateGoal | None:
        if self.board.at_dock():
            return None
        if not self.run.dock_id:
            self.board.choose_dock()
        dock = self.board.home
        self.say(PatrolState.RETURNING, f"returning to the dock: {self.run.return_reason}")
        approach = dock.pose.compose(Pose2(-dock.approach_m, 0.0, 0.0))
        return NavigateGoal(self.client.new_id(), approach)

    def failed(self, code: ErrorCode, message: str) -> None:
        self.board.record("return_failed", code.name.lower(), message)


class DockOn(GoalLeaf):
    """Drives onto the dock until it charges."""

    def goal(self) -> DockGoal | None:
        if self.board.charging:
            return None
        self.say(PatrolState.DOCKING, "driving onto the dock")
        return DockGoal(self.client.new_id(), self.board.home.dock_id)

    def failed(self, code: ErrorCode, message: str) -> None:
        self.board.record("dock_failed", code.name.lower(), message)
        self.run.tried_docks.append(self.board.home.dock_id)
        self.board.choose_dock()


class RestOnDock(Leaf):
    """Stays until what the robot came home for is over, where the patrol is to go on after it."""

    def update(self) -> Status:
        board, rest = self.board, self.run.rest
        if rest is None:
            return Status.SUCCESS
        battery = board.inputs.latest(BATTERY_STATE)
        charge = 0.0 if battery is None else battery.charge_fraction
        waits = [
            f"charging, {charge:.0%} of {rest.charge:.0%}" if charge < rest.charge else "",
            "until it is tried again" if board.now_s < rest.until_s else "",
            "until operators are heard"
            if rest.for_link and board.link is not LinkStep.HEARD
            else "",
        ]
        waiting = ", ".join(wait for wait in waits if wait)
        if waiting:
            self.say(PatrolState.RESTING, f"on the dock: {waiting}")
            return Status.RUNNING
        board.record("patrol_goes_on", self.run.return_reason, f"with {charge:.0%} of the battery")
        self.run.go_on()
        return Status.SUCCESS
