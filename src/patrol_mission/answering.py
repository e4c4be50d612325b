"""Where calls come from, and the leaf that leaves the route to answer one."""

from __future__ import annotations

import math

from py_trees.common import Status

from patrol_core.result import ErrorCode
from patrol_core.site.model import AlarmSensor, Site
from patrol_core.topics import ALARMS, BATTERY_STATE, FINDINGS, GATE_STATUS, PATROL_COMMAND
from patrol_core.types.mission import InspectGoal, PatrolState, PatrolVerb
from patrol_core.types.perception import FindingKind
from patrol_core.types.status import Authority, GateState
from patrol_mission.behaviours import GoalLeaf, Leaf
from patrol_mission.board import Board
from patrol_mission.calls import Call
from patrol_mission.route import answer_legs
from patrol_mission.run import Run

_HELD_BY = (Authority.TELEOP, Authority.ESTOP)
OPERATOR_PRIORITY, REPORT_PRIORITY = 90, 50
_SEEN = (ErrorCode.NONE, ErrorCode.TOO_FEW_VIEWS)
"""Something was seen of it, if not from all sides."""


def take_calls(board: Board) -> None:
    """Note who asks for a look at this tick, and give up what has waited for too long."""
    inputs, now_s = board.inputs, board.now_s
    for command in inputs.events(PATROL_COMMAND):
        if command.verb is PatrolVerb.LOOK:
            name = f"({command.x_m:.1f}, {command.y_m:.1f}), asked for by {command.who}"
            place = f"look-{command.stamp_s:.3f}"
            _add(board, Call(
                place, place, name, OPERATOR_PRIORITY, command.x_m, command.y_m, now_s
            ))  # fmt: skip
    for alarm in inputs.events(ALARMS):
        known = _sensor(board.site, alarm.alarm_id)
        if known is None:
            board.record("alarm_unknown", alarm.alarm_id, "the site knows no such alarm")
            continue
        name = f"alarm of {known.name}"
        call_id = f"{alarm.alarm_id}-{alarm.stamp_s:.3f}"
        x_m, y_m = known.at_m
        _add(board, Call(call_id, call_id, name, known.priority, x_m, y_m, now_s))
    for finding in inputs.events(FINDINGS):
        if finding.kind is FindingKind.REPORT and math.isfinite(finding.x_m + finding.y_m):
            name = "what a visitor has reported"
            _add(board, Call(
                finding.finding_id, finding.finding_id, name, REPORT_PRIORITY, finding.x_m,
                finding.y_m, now_s,
            ))  # fmt: skip
    for late in board.calls.expire(board.params.call_expires_s, now_s):
        board.record("call_given_up", late.subject, f"{late.name}: it has waited for too long")


def _add(board: Board, call: Call) -> None:
    if not math.isfinite(call.x_m + call.y_m):
        board.record("call_refused", call.subject, f"{call.name}: no place was given")
    elif board.calls.add(call):
        told = f"{call.name} at ({call.x_m:.1f}, {call.y_m:.1f}), priority {call.priority}"
        board.record("call_taken", call.subject, told)


def _sensor(site: Site, alarm_id: str) -> AlarmSensor | None:
    return next((alarm for alarm in site.alarms if alarm.alarm_id == alarm_id), None)


def begin_answer(board: Board) -> None:
    """Leave the dock for an urgent call, where the battery allows it and nobody holds the robot.

    A robot that stands elsewhere stands there for a reason: nothing but a person moves it.
    """
    call, now_s = board.calls.next(board.now_s), board.now_s
    if call is None or call.priority < board.params.leave_dock_priority or not board.charging:
        return
    battery = board.inputs.fresh(BATTERY_STATE, now_s)
    gate = board.inputs.fresh(GATE_STATUS, now_s)
    is_held = gate is None or gate.state is GateState.LATCHED or gate.authority in _HELD_BY
    if battery is None or is_held:
        return
    if battery.charge_fraction >= board.params.start_battery_fraction:
        board.run = Run(call.call_id, "", 1.0, 1, answer_legs(board.site), now_s)
        board.record("answer_started", call.subject, call.name)


class CallWaiting(Leaf):
    """Succeeds where a call waits for an answer."""

    def update(self) -> Status:
        waits = self.board.calls.next(self.board.now_s) is not None and not self.run.dry_run
        return Status.SUCCESS if waits else Status.FAILURE


class AnswerCall(GoalLeaf):
    """Leaves the route and goes round what it was called to, the most urgent call first."""

    def goal(self) -> InspectGoal | None:
        self._call = self.board.calls.next(self.board.now_s)
        if self._call is None:
            return None
        call = self._call
        self.say(PatrolState.LOOKING, f"going to look: {call.name}")
        return InspectGoal(self.client.new_id(), call.subject, call.x_m, call.y_m)

    def update(self) -> Status:
        if self._idle or self._call is None:
            return Status.FAILURE
        first = self.board.calls.next(self.board.now_s)
        if first is not None and first.priority > self._call.priority:
            self.board.record("call_put_off", self._call.subject, f"{first.name} comes first")
            self.client.cancel(self.board.outputs)
            self.initialise()
        status = super().update()
        if status is Status.SUCCESS:
            result = self.client.result
            told = "" if result is None else result.message
            self.board.calls.done(self._call)
            self.board.record("call_answered", self._call.subject, f"{self._call.name}. {told}")
        return status

    def good_enough(self, code: ErrorCode) -> bool:
        return code in _SEEN

    def failed(self, code: ErrorCode, message: str) -> None:
        assert self._call is not None
        given_up = self.board.calls.failed(self._call, self.board.now_s)
        kind = "call_given_up" if given_up else "call_not_answered"
        told = f"{self._call.name}: {code.name.lower()}: {message}"
        self.board.record(kind, self._call.subject, told)
