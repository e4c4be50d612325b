"""What the behaviours share: this tick's inputs and outputs, and the patrol's progress."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.action_client import ActionClient
from patrol_core.actions import DOCK, FOLLOW_ROUTE, INSPECT, NAVIGATE_TO_POSE
from patrol_core.component import Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.site.elements import Element, RouteCare
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Dock, Site
from patrol_core.topics import AMCL_POSE, BATTERY_STATE, LOCALIZATION_STATUS, OPERATOR_LINK
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.status import LocalizationLevel
from patrol_core.unstored import Unstored
from patrol_mission.calls import Calls
from patrol_mission.energy import EnergyModel
from patrol_mission.link import LinkLadder, LinkStep
from patrol_mission.outbox import EventOutbox, tell
from patrol_mission.params import ExecutiveParams
from patrol_mission.run import Run
from patrol_mission.trail import FARTHEST_STEP_M, Trail

_MARK_M = 0.1
"""Poses nearer together than that are taken for standing."""


@dataclass(frozen=True, slots=True)
class LookTarget:
    """A finding that still has no picture."""

    finding_id: str
    x_m: float
    y_m: float
    since_s: float


class Board:
    """The blackboard. `begin` is called before every tick of the tree."""

    def __init__(
        self,
        site: Site,
        params: ExecutiveParams,
        prefix: str,
        local_time: LocalTime,
        outbox: EventOutbox | None = None,
    ) -> None:
        self._outbox = outbox
        self.site = site
        self.params = params
        self.local_time = local_time
        self.follow = ActionClient(FOLLOW_ROUTE, prefix)
        self.navigate = ActionClient(NAVIGATE_TO_POSE, prefix)
        self.dock = ActionClient(DOCK, prefix)
        self.inspect = ActionClient(INSPECT, f"{prefix}-called")
        self.calls = Calls()
        self.inspected_for = ""
        self.run: Run | None = None
        self.look_targets: dict[str, LookTarget] = {}
        self.unstored = Unstored()
        self.trail = Trail()
        self.energy = EnergyModel()
        self.link = LinkStep.HEARD
        self._ladder = LinkLadder(params.link)
        self._marked: Pose2 | None = None
        self.recorded = 0
        self.now_s = 0.0
        self.inputs = Inputs({}, {})
        self.outputs = Outputs()

    def begin(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        self.inputs, self.outputs, self.now_s = inputs, outputs, now_s
        for client in (self.follow, self.navigate, self.dock, self.inspect):
            client.update(inputs, outputs, now_s, self.params.goal_timeout_s)
        self.unstored.step(inputs, outputs, now_s)
        heard = inputs.latest(OPERATOR_LINK)
        self.link = self._ladder.step(None if heard is None else heard.stamp_s, now_s)
        self._note_way()
        self._note_inspections()

    def _note_inspections(self) -> None:
        """While somebody else's inspection is under way, the robot is the inspector's."""
        for goal in self.inputs.events(INSPECT.goal):
            if goal.goal_id != self.inspect.goal_id:
                self.inspected_for = goal.goal_id
        for result in self.inputs.events(INSPECT.result):
            if result.goal_id == self.inspected_for:
                self.inspected_for = ""

    def _note_way(self) -> None:
        """The trail grows, and the battery's model learns."""
        pose, battery, moved_m = self.pose, self.inputs.latest(BATTERY_STATE), 0.0
        if pose is not None:
            marked = self._marked or pose
            moved_m = marked.distance_to(pose)
            if moved_m > FARTHEST_STEP_M:
                self.trail.forget_last()
            if self._marked is None or moved_m >= _MARK_M:
                self._marked = pose
                self.trail.note(pose)
            if not _MARK_M <= moved_m <= FARTHEST_STEP_M:
                moved_m = 0.0
        if battery is not None:
            self.energy.note(battery.charge_fraction, moved_m, battery.charging, self.now_s)

    def is_due(self, element: Element) -> bool:
        """Whether a stop is done at this hour."""
        return element.valid_at(*self.local_time(self.now_s))

    @property
    def active(self) -> Run:
        """The patrol under way, where there is one."""
        assert self.run is not None
        return self.run

    @property
    def pose(self) -> Pose2 | None:
        """Where the robot is in `map`, if known."""
        estimate = self.inputs.latest(AMCL_POSE)
        return None if estimate is None else estimate.pose

    @property
    def is_lost(self) -> bool:
        """Whether `pose` is said not to be trusted."""
        status = self.inputs.latest(LOCALIZATION_STATUS)
        return status is not None and status.level is LocalizationLevel.LOST

    @property
    def charging(self) -> bool:
        battery = self.inputs.latest(BATTERY_STATE)
        return battery is not None and battery.charging

    @property
    def home(self) -> Dock:
        """The dock that the robot has chosen to go to, or the nearest one."""
        if self.run is not None and self.run.dock_id:
            return self.site.dock(self.run.dock_id)
        return min(self.site.docks, key=lambda dock: self._away_m(dock.pose))

    def choose_dock(self) -> None:
        """Keep to the nearest dock from now on; where that one was tried in vain, to the next."""
        run = self.active
        untried = [d for d in self.site.docks if d.dock_id not in run.tried_docks]
        if not untried:
            run.tried_docks.clear()
            untried = list(self.site.docks)
        run.dock_id = min(untried, key=lambda dock: self._away_m(dock.pose)).dock_id

    def _away_m(self, pose: Pose2) -> float:
        return 0.0 if self.pose is None else self.pose.distance_to(pose)

    def home_m(self) -> float:
        """How far it is to the dock over ground that was driven before; where that is not known,
        twice the straight line."""
        pose = self.pose
        if pose is None:
            return math.inf
        known_m = self.trail.length_m(pose, self.home.pose)
        return 2.0 * pose.distance_to(self.home.pose) if known_m is None else known_m

    def start_charge(self, care: RouteCare) -> float:
        """Below it a route is not begun."""
        return self.params.start_battery_fraction if care.start_at is None else care.start_at

    def at_dock(self) -> bool:
        """Whether the robot stands on a dock, by charging current or by place."""
        near = self.pose is not None and self._away_m(self.home.pose) < 0.35
        return self.charging or near

    def record(self, kind: str, subject: str, message: str) -> None:
        """Write one patrol event."""
        pose = self.pose or Pose2(float("nan"), float("nan"), float("nan"))
        patrol_id = "" if self.run is None else self.run.patrol_id
        event = PatrolEvent(self.now_s, patrol_id, kind, subject, message, pose)
        tell(event, self.outputs, self._outbox)
        self.recorded += 1
