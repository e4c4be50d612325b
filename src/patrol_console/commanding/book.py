"""The commands of one robot: what was asked, and what the robot itself has said of it.

Nothing counts as taken before the robot says so. What nobody answers within `ANSWER_S` is told as
unanswered, and stays so unless an answer comes after all.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from patrol_console.commanding.goals import ACTION_OF, goal_of
from patrol_console.commanding.previews import preview
from patrol_console.commanding.wishes import Do, Wish
from patrol_console.station import Robot
from patrol_core.topics import ALARMS, AMCL_POSE, INITIALPOSE, PATROL_COMMAND, PATROL_EVENTS
from patrol_core.types.mission import (
    Alarm,
    GoalCancel,
    GoalResult,
    PatrolCommand,
    PatrolEvent,
    PatrolVerb,
)
from patrol_core.types.motion import PoseEstimate
from patrol_core.web.asking import RefusalError

ANSWER_S = 10.0
KEPT = 20
_POSE_COVARIANCE = (0.25, 0.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0, 0.07)
"""Half a metre and 15 degrees: how well a person points at a map."""
_POSE_TAKEN_M = 1.5
_TAKEN = ("call_taken", "operator_command")
_REFUSED = ("call_refused", "call_given_up", "alarm_unknown")


class CommandState(Enum):
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    DONE = "done"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


@dataclass(slots=True)
class Command:
    """A wish that was sent: at `sent_s` of the robot, `asked_s` of a steady clock. `key`: by what
    the robot's answers name it.
    """

    command_id: str
    wish: Wish
    words: str
    who: str
    sent_s: float
    asked_s: float
    key: str
    state: CommandState = CommandState.SENT
    answer: str = ""
    is_answered: asyncio.Event = field(default_factory=asyncio.Event)

    def is_open(self) -> bool:
        return self.state in (
            CommandState.SENT, CommandState.ACKNOWLEDGED, CommandState.UNANSWERED
        )  # fmt: skip


class CommandBook:
    """Lives in the web's loop. `new_id`: a fresh 32-digit hexadecimal id at each call."""

    def __init__(self, robot: Robot, new_id: Callable[[], str], steady: Callable[[], float]):
        self._robot = robot
        self._new_id = new_id
        self._steady = steady
        self._count = itertools.count(1)
        self._commands: deque[Command] = deque(maxlen=KEPT)
        robot.listen(PATROL_EVENTS, self._hear_event)
        for action in ACTION_OF.values():
            robot.listen(action.result, self._hear_result)
            robot.listen(action.feedback, self._hear_feedback)

    def send(self, wish: Wish, who: str) -> Command:
        """Ask it of the robot. Raises RefusalError (404, 409) when it cannot be asked."""
        words = preview(wish, self._robot)
        command_id, stamp_s = str(next(self._count)), self._robot.now_s()
        key = self._say(wish, who, stamp_s)
        command = Command(command_id, wish, words, who, stamp_s, self._steady(), key)
        self._commands.append(command)
        return command

    def under_way(self, wish: Wish) -> Command | None:
        """The same wish, where it was asked before, is heard, and has not come to its end."""
        states = (CommandState.SENT, CommandState.ACKNOWLEDGED)
        return next((c for c in self._commands if c.wish == wish and c.state in states), None)

    async def answered(self, command: Command) -> CommandState:
        """What the robot says of it, once it does, or does not within `ANSWER_S`."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(command.is_answered.wait(), ANSWER_S)
        self._look_at(command)
        return command.state

    def document(self) -> list[dict[str, Any]]:
        """The last commands, newest first, as they stand now."""
        for command in self._commands:
            self._look_at(command)
        return [
            {"id": c.command_id, "do": c.wish.do.value, "words": c.words, "who": c.who,
             "state": c.state.value, "answer": c.answer, "s": round(c.sent_s, 2)}
            for c in reversed(self._commands)
        ]  # fmt: skip

    def _say(self, wish: Wish, who: str, stamp_s: float) -> str:
        """Say it on its row; by what its answers are known."""
        robot = self._robot
        if wish.do in ACTION_OF:
            goal_id = self._new_id()
            robot.say(ACTION_OF[wish.do].goal, goal_of(wish, goal_id))
            return goal_id
        if wish.do is Do.CANCEL:
            return self._cancel(wish.subject)
        if wish.do is Do.ALARM:
            robot.say(ALARMS, Alarm(stamp_s, wish.subject, who))
            return f"{wish.subject}-{stamp_s:.3f}"
        if wish.do is Do.SET_POSE:
            assert wish.pose is not None
            robot.say(INITIALPOSE, PoseEstimate(stamp_s, wish.pose, _POSE_COVARIANCE))
            return ""
        verb = PatrolVerb(wish.do.value)
        x_m, y_m = (wish.pose.x_m, wish.pose.y_m) if wish.pose else (math.nan, math.nan)
        robot.say(PATROL_COMMAND, PatrolCommand(stamp_s, verb, who, x_m, y_m))
        return f"look-{stamp_s:.3f}" if verb is PatrolVerb.LOOK else verb.value

    def _cancel(self, command_id: str) -> str:
        ended = next((c for c in self._commands if c.command_id == command_id), None)
        if ended is None or ended.wish.do not in ACTION_OF or not ended.is_open():
            raise RefusalError(409, "That command is not under way, or has no end of its own.")
        self._robot.say(ACTION_OF[ended.wish.do].cancel, GoalCancel(ended.key))
        return ended.key

    def _hear_event(self, event: PatrolEvent) -> None:
        for command in self._commands:
            if event.stamp_s < command.sent_s or event.subject != command.key:
                continue
            if event.kind in _REFUSED and command.is_open():
                self._end(command, CommandState.REFUSED, event.message)
            elif event.kind == "call_answered" and command.is_open():
                self._end(command, CommandState.DONE, event.message)
            elif event.kind in _TAKEN and command.state in _WAITING:
                is_all = event.kind == "operator_command"
                state = CommandState.DONE if is_all else CommandState.ACKNOWLEDGED
                self._end(command, state, event.message)

    def _hear_feedback(self, feedback: Any) -> None:
        command = self._under_way(feedback.goal_id)
        if command is not None:
            self._end(command, CommandState.ACKNOWLEDGED, getattr(feedback, "message", ""))

    def _hear_result(self, outcome: GoalResult) -> None:
        for command in self._commands:
            if command.key == outcome.goal_id and command.is_open():
                ok = outcome.result.ok or command.wish.do is Do.CANCEL
                state = CommandState.DONE if ok else CommandState.REFUSED
                code = "" if ok else f"{outcome.result.code.name.lower()}: "
                self._end(command, state, f"{code}{outcome.result.message}")

    def _under_way(self, goal_id: str) -> Command | None:
        found = (c for c in self._commands if c.key == goal_id and c.wish.do is not Do.CANCEL)
        command = next(found, None)
        return command if command is not None and command.is_open() else None

    def _look_at(self, command: Command) -> None:
        """What follows from time, and from rows that answer nobody in particular."""
        if command.wish.do is Do.SET_POSE and command.state in _WAITING:
            estimate, asked = self._robot.newest(AMCL_POSE), command.wish.pose
            assert asked is not None
            if estimate is not None and estimate.value.stamp_s > command.sent_s:
                at = estimate.value.pose
                if at.distance_to(asked) < _POSE_TAKEN_M:
                    self._end(command, CommandState.DONE, "the robot takes itself to be there")
        waited_s = self._steady() - command.asked_s
        if command.state is CommandState.SENT and waited_s > ANSWER_S:
            self._end(command, CommandState.UNANSWERED,
                      f"the robot has not answered within {ANSWER_S:.0f} s")  # fmt: skip

    @staticmethod
    def _end(command: Command, state: CommandState, answer: str) -> None:
        command.state, command.answer = state, answer
        command.is_answered.set()


_WAITING = (CommandState.SENT, CommandState.UNANSWERED)
