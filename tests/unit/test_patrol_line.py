"""A person's line to the patrol, against a mission that is made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.topics import (
    ALARMS,
    OPERATOR_LINK,
    PATROL_COMMAND,
    PATROL_EVENTS,
    PATROL_STATUS,
    Topic,
)
from patrol_core.types.mission import (
    GoalResult,
    PatrolCommand,
    PatrolEvent,
    PatrolState,
    PatrolStatus,
    PatrolVerb,
)
from ronda_cli.live import patrol_line
from ronda_cli.live.patrol_line import PatrolLine

ON_ROUND = PatrolStatus(5.0, "p", PatrolState.PATROLLING, "lap", 1, 2, "gate", 0.2, "to the gate")
AT_HOME = replace(ON_ROUND, patrol_id="", state=PatrolState.IDLE, message="no patrol")


@dataclass
class Watcher:
    """Says `status` at every spin; takes commands, and answers them where it `obeys`."""

    status: PatrolStatus | None
    obeys: bool = True
    refusal: str = ""
    result: GoalResult | None = None
    commands: list[PatrolCommand] = field(default_factory=list)
    said: dict[str, list[Any]] = field(default_factory=dict)
    takers: dict[str, Callable[[Any], None]] = field(default_factory=dict)

    def on(self, topic: Topic[Any], take: Callable[[Any], None]) -> None:
        self.takers[topic.name] = take

    def publisher(self, topic: Topic[Any]) -> Callable[[Any], None]:
        if topic is PATROL_COMMAND:
            return self.commands.append
        return self.said.setdefault(topic.name, []).append

    def spin(self, _: float) -> None:
        if self.status is not None:
            self.takers[PATROL_STATUS.name](self.status)
        for command in self.commands if self.obeys else ():
            verb, pose = command.verb.value, Pose2(0.0, 0.0)
            event = PatrolEvent(6.0, "p", "operator_command", verb, f"by {command.who}", pose)
            self.takers[PATROL_EVENTS.name](event)

        for alarm in self.said[ALARMS.name]:
            kind = "call_taken" if alarm.alarm_id == "shed" else "alarm_unknown"
            event = PatrolEvent(6.0, "", kind, alarm.alarm_id, f"{kind} it is", Pose2(0.0, 0.0))
            self.takers[PATROL_EVENTS.name](event)

    def start_patrol(self, route_id: str, laps: int) -> None:
        if self.refusal:
            failure = Result.failure(ErrorCode.BATTERY_LOW, self.refusal)
            self.result = GoalResult("p", failure)
        elif self.obeys:
            self.status = replace(ON_ROUND, route_id=route_id, laps=laps)


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patrol_line, "ANSWER_S", 0.01)


def line_to(watcher: Watcher) -> PatrolLine:
    return PatrolLine(watcher)  # type: ignore[arg-type]


def test_a_command_is_said_and_its_effect_waited_for() -> None:
    watcher = Watcher(ON_ROUND)
    assert line_to(watcher).command(PatrolVerb.PAUSE, "Ada") is ON_ROUND
    assert watcher.commands == [PatrolCommand(5.0, PatrolVerb.PAUSE, "Ada")]


def test_where_nothing_can_be_asked_it_is_said() -> None:
    with pytest.raises(RondaError, match="no mission runs here"):
        line_to(Watcher(None)).status()
    with pytest.raises(RondaError, match="nothing to pause"):
        line_to(Watcher(AT_HOME)).command(PatrolVerb.PAUSE, "Ada")
    with pytest.raises(RondaError, match="has not taken the stop"):
        line_to(Watcher(ON_ROUND, obeys=False)).command(PatrolVerb.STOP, "Ada")


def test_a_patrol_is_started_or_the_reason_told() -> None:
    started = line_to(Watcher(AT_HOME)).start("lap", 3)
    assert (started.patrol_id, started.laps) == ("p", 3)
    with pytest.raises(RondaError, match="under way: to the gate"):
        line_to(Watcher(ON_ROUND)).start("lap", 1)
    with pytest.raises(RondaError, match="refused: battery at 20%"):
        line_to(Watcher(AT_HOME, refusal="battery at 20%")).start("lap", 1)
    with pytest.raises(RondaError, match="has not answered"):
        line_to(Watcher(AT_HOME, obeys=False)).start("lap", 1)


def test_a_call_is_answered_or_refused_with_the_reason() -> None:
    line = line_to(Watcher(AT_HOME))
    assert line.alarm("shed", "Ada").message == "call_taken it is"
    with pytest.raises(RondaError, match="refused: 'sehd': alarm_unknown it is"):
        line_to(Watcher(AT_HOME)).alarm("sehd", "Ada")
    with pytest.raises(RondaError, match="has not answered"):
        line_to(Watcher(AT_HOME)).look(1.0, 2.0, "Ada")


def test_who_watches_says_so_with_the_robots_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patrol_line, "LINK_PERIOD_S", 0.0)
    watcher, told = Watcher(ON_ROUND), list[str]()
    line_to(watcher).watch("Ada", told.append, for_s=0.01)
    assert told == ["patrolling: to the gate"]
    signs = watcher.said[OPERATOR_LINK.name]
    assert signs and {(sign.stamp_s, sign.who) for sign in signs} == {(5.0, "Ada")}
