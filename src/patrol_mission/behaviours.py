"""The leaves of the mission tree. Each reads and changes the board, nothing else."""

from __future__ import annotations

import math
from typing import Any

from py_trees.behaviour import Behaviour
from py_trees.common import Status

from patrol_core.action_client import ActionClient
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode
from patrol_core.site.model import Checkpoint
from patrol_core.topics import CAMERA_BLURRED
from patrol_core.types.mission import DockGoal, FollowRouteGoal, NavigateGoal, PatrolState
from patrol_core.types.perception import Finding, FindingKind
from patrol_mission.board import Board
from patrol_mission.failing import count_failure, fail
from patrol_mission.run import Run

JOIN_M = 2.0
JOIN_ON_POSES = 16
"""Where something stands at the route's next pose, the next try is so much (4 m) farther on."""
ANNOUNCED_S, ANNOUNCED_AFTER_S = 2.0, 10.0
"""So long does the gate announce a movement after standing so long: it is part of the dwell."""
SENDS = 6
"""A goal whose server died is sent anew to its successor, so many times in all."""
LAST_POSES = 20
"""So many poses (5 m) before its end a leg has all but been driven."""
NEARER_M = 0.25
BLOCKED_AHEAD_M = 1.0
"""What blocks the way is about so far ahead of base_link."""


class Leaf(Behaviour):
    """A behaviour with the board at hand."""

    def __init__(self, name: str, board: Board) -> None:
        super().__init__(name)
        self.board = board

    @property
    def run(self) -> Run:
        return self.board.active

    def say(self, state: PatrolState, message: str) -> None:
        self.run.state, self.run.message = state, message


class UnderWay(Leaf):
    """Succeeds until there is a reason to go home."""

    def update(self) -> Status:
        return Status.FAILURE if self.run.return_reason else Status.SUCCESS


class GoalLeaf(Leaf):
    """Sends one goal when it starts, and cancels it when something more important comes up."""

    def __init__(self, name: str, board: Board, client: ActionClient) -> None:
        super().__init__(name, board)
        self.client = client
        self._sent_id = ""

    def goal(self) -> Any | None:
        """The goal to send, or None when there is nothing left to do."""
        raise NotImplementedError

    def initialise(self) -> None:
        self._sends = 0
        self._send()

    def _send(self) -> None:
        goal = self.goal()
        self._idle = goal is None
        self._sent_id = "" if goal is None else str(goal.goal_id)
        self._sends += 1
        if goal is not None:
            self.client.send(goal, self.board.outputs, self.board.now_s)

    def update(self) -> Status:
        if self._idle:
            return Status.SUCCESS
        result = self.client.result
        if result is None:
            return Status.RUNNING
        if result.code is ErrorCode.SERVER_RESTARTED and self._sends < SENDS:
            self.board.record("goal_resent", self.name, result.message)
            self._send()
            return Status.RUNNING
        if self.good_enough(result.code):
            return Status.SUCCESS
        self.failed(result.code, result.message)
        return Status.FAILURE

    def good_enough(self, code: ErrorCode) -> bool:
        """Whether the patrol may go on as if the goal had been reached."""
        return code is ErrorCode.NONE

    def failed(self, code: ErrorCode, message: str) -> None:
        """Called once when the goal did not succeed."""

    def terminate(self, new_status: Status) -> None:
        """Whoever interrupts this leaf may have sent a goal of its own by now: that one stays."""
        if new_status is Status.INVALID and self._sent_id and self.client.goal_id == self._sent_id:
            self.client.cancel(self.board.outputs)


class Undock(GoalLeaf):
    """Backs off the dock where the robot stands on it."""

    def goal(self) -> DockGoal | None:
        if not self.board.at_dock():
            return None
        self.say(PatrolState.UNDOCKING, "leaving the dock")
        return DockGoal(self.client.new_id(), self.board.home.dock_id, undock=True)

    def failed(self, code: ErrorCode, message: str) -> None:
        self.board.record("undock_failed", code.name.lower(), message)
        count_failure(self.board, code)


class JoinRoute(GoalLeaf):
    """Drives to the nearest pose of what is left of the leg, where the robot is far from it."""

    def goal(self) -> NavigateGoal | None:
        pose = self.board.pose
        entry = Pose2(*self.run.leg_left[0].tolist())
        if pose is None or pose.distance_to(entry) < JOIN_M:
            return None
        self.say(PatrolState.PATROLLING, "driving to the route")
        return NavigateGoal(self.client.new_id(), entry)

    def good_enough(self, code: ErrorCode) -> bool:
        tries_again = bool(self.run.second)
        return super().good_enough(code) or (tries_again and _near_enough(self.board, code))

    def failed(self, code: ErrorCode, message: str) -> None:
        run = self.run
        last = len(run.leg.poses) - 1
        if not run.second:
            self.board.record("join_failed", code.name.lower(), message)
        if run.second or (code is ErrorCode.GOAL_OCCUPIED and run.leg_progress == last):
            fail(self.board, code, message)
            return
        if code in (ErrorCode.GOAL_OCCUPIED, ErrorCode.BLOCKED):
            run.leg_progress = min(run.leg_progress + JOIN_ON_POSES, last)
        count_failure(self.board, code)


class FollowLeg(GoalLeaf):
    """Drives what is left of the leg. What follows where it fails is the site's to say.

    Who lingers near a checkpoint keeps nobody from watching it: see `_comes_no_nearer`.
    """

    def initialise(self) -> None:
        self._nearest_m, self._nearest_s = math.inf, self.board.now_s
        super().initialise()

    def goal(self) -> FollowRouteGoal | None:
        run = self.run
        if run.laps_begun < run.lap:
            run.laps_begun = run.lap
            self.board.record("lap_started", str(run.lap), run.lap_words)
        poses = run.leg_left
        self.say(PatrolState.PATROLLING, f"driving to {run.stop_name}")
        if len(poses) < 2:
            return None
        corridor_m = run.element.corridor_m or 0.0
        return FollowRouteGoal(self.client.new_id(), poses, run.leg_speed_mps, corridor_m)

    def update(self) -> Status:
        status = super().update()
        if status is Status.SUCCESS:
            self.run.failed_legs = 0
            self.run.leg_progress = len(self.run.leg.poses) - 1
        elif self.board.pose is not None:
            self.run.note_progress(self.board.pose)
        if status is Status.RUNNING and self._comes_no_nearer():
            self.run.apart = True
            self.client.cancel(self.board.outputs)
            return Status.SUCCESS
        return status

    def _comes_no_nearer(self) -> bool:
        """Whether the robot is so near to the checkpoint that it could watch it from here, and
        has not come nearer for long."""
        board, checkpoint = self.board, self.run.leg.checkpoint
        if checkpoint is None or board.pose is None or len(self.run.leg_left) > LAST_POSES:
            return False
        distance_m = board.pose.distance_to(checkpoint.pose)
        if distance_m < self._nearest_m - NEARER_M or board.is_lost:
            self._nearest_m, self._nearest_s = distance_m, board.now_s
        late = board.now_s - self._nearest_s > board.params.checkpoint_patience_s
        return late and distance_m <= board.params.checkpoint_within_m

    def good_enough(self, code: ErrorCode) -> bool:
        return super().good_enough(code) or _near_enough(self.board, code)

    def failed(self, code: ErrorCode, message: str) -> None:
        subject = self.run.stop_id
        if code in (ErrorCode.BLOCKED, ErrorCode.STUCK, ErrorCode.NO_PATH):
            _report_blocked(self.board, subject, message)
        self.board.record("leg_failed", subject, f"{code.name.lower()}: {message}")
        fail(self.board, code, message)


def _report_blocked(board: Board, subject: str, message: str) -> None:
    """An incident for the segment, with a picture of what is ahead."""
    pose = board.pose
    if pose is None:
        return
    now_s, place = board.now_s, pose.compose(Pose2(BLOCKED_AHEAD_M, 0.0))
    finding = Finding(
        f"{round(now_s * 1000):010d}-blocked", 1, now_s, FindingKind.BLOCKED, place.x_m, place.y_m,
        0.0, 0.0, 1.0, now_s, f"The way to '{subject}' could not be driven: {message}.", (),
        board.inputs.fresh(CAMERA_BLURRED, now_s),
    )  # fmt: skip
    board.unstored.add(finding)


def _near_enough(board: Board, code: ErrorCode) -> bool:
    """Whether the leg's end is taken, and so near that it will do: a checkpoint is watched from
    beside it."""
    run, pose = board.active, board.pose
    checkpoint = run.leg.checkpoint
    end = Pose2(*run.leg.poses[-1].tolist()) if checkpoint is None else checkpoint.pose
    run.apart = (
        pose is not None
        and code is ErrorCode.GOAL_OCCUPIED
        and pose.distance_to(end) <= board.params.checkpoint_within_m
    )
    return run.apart


class FaceCheckpoint(GoalLeaf):
    """Takes up the checkpoint's own pose; its heading only, where somebody stands there or
    does not let the robot come for long; and stays as it is where it may not even turn.
    """

    def initialise(self) -> None:
        self._since_s = self.board.now_s
        super().initialise()

    def goal(self) -> NavigateGoal | None:
        checkpoint, pose = self.run.leg.checkpoint, self.board.pose
        if checkpoint is None or pose is None or _dwelt(self.board):
            return None
        if self.run.apart:
            here = Pose2(pose.x_m, pose.y_m, checkpoint.pose.yaw_rad)
            return NavigateGoal(self.client.new_id(), here)
        return NavigateGoal(self.client.new_id(), checkpoint.pose)

    def update(self) -> Status:
        status = super().update()
        if self.board.is_lost:
            self._since_s = self.board.now_s
        patience_s = self.board.params.checkpoint_patience_s
        if status is not Status.RUNNING or self.board.now_s - self._since_s <= patience_s:
            return status
        self.client.cancel(self.board.outputs)
        if self.run.apart:
            return Status.SUCCESS
        self.run.apart = True
        self.initialise()
        return Status.RUNNING

    def good_enough(self, code: ErrorCode) -> bool:
        return super().good_enough(code) or _near_enough(self.board, code)

    def failed(self, code: ErrorCode, message: str) -> None:
        fail(self.board, code, message)


def _dwell_s(board: Board) -> float:
    """How long the robot stays at the leg's checkpoint: not at all on a dry run, or at an hour
    at which nothing is done there."""
    run = board.active
    if run.leg.checkpoint is None or run.dry_run or not board.is_due(run.element):
        return 0.0
    return run.leg.checkpoint.dwell_s


def _dwelt(board: Board) -> bool:
    """Whether there is nothing left of the dwell at the leg's checkpoint."""
    run, dwell_s = board.active, _dwell_s(board)
    if dwell_s <= 0.0 or run.reached_s is None:
        return dwell_s <= 0.0
    announced_s = ANNOUNCED_S if dwell_s >= ANNOUNCED_AFTER_S + ANNOUNCED_S else 0.0
    return board.now_s - run.reached_s >= dwell_s - announced_s


class Dwell(Leaf):
    """Stands at the checkpoint for its dwell time, then goes on to the next leg.

    What interrupts it (a pause, a look at a finding) is part of that time.
    """

    def initialise(self) -> None:
        run, checkpoint = self.run, self.run.leg.checkpoint
        if checkpoint is None:
            return
        if run.reached_s is None:
            self._arrive(checkpoint)
            if run.second and checkpoint.checkpoint_id in run.skipped:
                run.skipped.remove(checkpoint.checkpoint_id)
        if _dwell_s(self.board) > 0.0:
            self.say(PatrolState.DWELLING, f"watching at {checkpoint.name}")

    def _arrive(self, checkpoint: Checkpoint) -> None:
        board, run = self.board, self.run
        kind, pose, told = "checkpoint_reached", board.pose, checkpoint.name
        if not board.is_due(run.element):
            kind, told = "checkpoint_passed", f"{checkpoint.name}: not done at this hour"
        elif run.apart and pose is not None:
            away_m = pose.distance_to(checkpoint.pose)
            told += f", from {away_m:.1f} m away: the way to it was not free"
        board.record(kind, checkpoint.checkpoint_id, told)
        run.reached_s = board.now_s

    def update(self) -> Status:
        run = self.run
        if not _dwelt(self.board):
            return Status.RUNNING
        lap, words = run.lap, run.lap_words
        run.advance(self.board.now_s)
        if run.lap > lap or run.return_reason:
            self.board.record("lap_completed", str(lap), words)
        return Status.SUCCESS
