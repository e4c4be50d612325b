"""The console of a robot in closed loop, and an operator before it: what is told, what is done.

The link, the board and the inbox are those of the served console; only the web is left out. The
inbox is read when something is stored, and every `LOOK_EVERY_S`, as the board does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from _alerts_scene import Planted

from patrol_console.alerts.documents import line_document
from patrol_console.alerts.part import LOOK_EVERY_S, Board, record_time_s
from patrol_console.alerts.severity import AlertParams, Severity
from patrol_console.assembly import Console
from patrol_console.link import RobotLink
from patrol_console.station import Robot
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.hosting import HostedProcess
from patrol_core.processes import CONSOLE
from patrol_core.topics import FINDINGS, INCIDENT_ACTS, INCIDENTS
from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.perception import REFUSED, FindingKind, Incident
from patrol_records.entries import InboxLine
from patrol_records.life_cycle import IncidentState
from patrol_records.queries_inbox import inbox
from patrol_records.reader import RecordReader, open_reader
from ronda_cli.closed_loop import ClosedLoop

GLANCE_S, ACT_EVERY_S = 1.0, 60.0
SHELVED_S = 8 * 3600.0
_MOST = 1000
_PASSING = (FindingKind.BEHAVIOUR, FindingKind.BLOCKED)
"""Nothing is left to do about these by the next hour."""
_NEW, _TAKEN = IncidentState.NEW, IncidentState.ACKNOWLEDGED


class Watch:
    """`told`: alerts as the inbox has shown them, `troubles` the robot's own, both as values for
    JSON; `heard`: findings by id and revision, `refused` those that may not be recorded.
    """

    def __init__(
        self, loop: ClosedLoop, context: ProcessContext, usual: Sequence[Planted],
        over: Sequence[Planted],
    ) -> None:  # fmt: skip
        """`usual`: vans that park there, as the operator knows; `over`: what is gone again."""
        self._loop, self._usual, self._over = loop, usual, over
        self._params = AlertParams()
        link = RobotLink("ronda", context)
        self._link, self._hosted = link, HostedProcess(CONSOLE.name, [Console(link)])
        for mailbox in self._hosted.mailboxes:
            loop.attach(mailbox, CONSOLE.name)
        self._findings = Mailbox((FINDINGS,))
        loop.attach(self._findings, "watch")
        link.serve(lambda call: call())
        link.listen(INCIDENTS, self._stored)
        self._board = Board(link, self._params, _open)
        self._is_news = True
        self._shown: dict[int, tuple[float, bool]] = {}
        self._asked: set[tuple[int, str]] = set()
        self._standing: set[str] = set()
        self._first = True
        self.told: list[dict[str, Any]] = []
        self.troubles: list[dict[str, Any]] = []
        self.heard: dict[tuple[str, int], tuple[float, str]] = {}
        self.refused: set[str] = set()
        self.acts = self.disagreements = 0

    def step(self) -> None:
        """Once after each step of the loop."""
        loop = self._loop
        for topic, value in self._hosted.tick(loop.now_s):
            loop.publish(topic, value)
        for finding in self._findings.snapshot().events(FINDINGS):
            at_s = record_time_s(self._link)
            key = finding.finding_id, finding.revision
            self.heard.setdefault(key, (at_s, finding.kind.value))
        if loop.due(GLANCE_S):
            self._glance()
        if self._is_news or loop.due(LOOK_EVERY_S):
            self._look()
        if loop.due(ACT_EVERY_S):
            self._act()

    def _stored(self, incident: Incident) -> None:
        self._is_news = True
        if incident.incident_id == REFUSED:
            self.refused.add(incident.finding_id)

    def _glance(self) -> None:
        """At the robot's own troubles."""
        now = self._board.conditions.document()
        for one in now:
            if one["key"] not in self._standing:
                self.troubles.append({**one, "s": record_time_s(self._link)})
        self._standing = {one["key"] for one in now}

    def _look(self) -> None:
        """At the inbox: what is new there, or new again, or overdue."""
        self._is_news = False
        self._board.look()
        now_s = record_time_s(self._link)
        lines = [line_document(line, self._params, now_s, "") for line in self._lines((_NEW,))]
        for line in lines:
            before_s, was_overdue = self._shown.get(line["group"], (-math.inf, False))
            again = line["since_s"] > before_s
            if again:
                self._tell(line, now_s, "again" if before_s > 0.0 else "new")
                was_overdue = False
            if line["escalated"] and not was_overdue:
                self._tell(line, now_s, "overdue")
            self._shown[line["group"]] = line["since_s"], line["escalated"]
        board = self._board.document()
        urgent = sum(Severity[line["severity"].upper()] is Severity.HIGH for line in lines)
        self.disagreements += (board["new"], board["urgent"]) != (len(lines), urgent)

    def _tell(self, line: dict[str, Any], now_s: float, how: str) -> None:
        kept = ("group", "id", "kind", "severity", "reason", "x", "y", "count")
        self.told.append({"s": now_s, "how": how} | {name: line[name] for name in kept})

    def _act(self) -> None:
        """Take what is new; put aside what parks here; settle what is over."""
        now_s = record_time_s(self._link)
        for line in self._lines((_NEW,)):
            if any(van.is_told_by(line) for van in self._usual):
                self._say(line, ActKind.SHELVE, "parks here at night", now_s, SHELVED_S)
            else:
                self._say(line, ActKind.ACKNOWLEDGE, "seen", now_s)
        if self._first:
            for line in self._lines((_TAKEN,)):
                if any(one.is_told_by(line) for one in self._over):
                    self._say(line, ActKind.RESOLVE, "as it was again", now_s)
                elif line.kind in _PASSING:
                    self._say(line, ActKind.RESOLVE, "over", now_s)
            self._first = False

    def _say(
        self, line: InboxLine, kind: ActKind, why: str, now_s: float, for_s: float = 0.0
    ) -> None:
        self.acts += 1
        name = f"{round(1000.0 * now_s)}-{line.group_id}-{kind.value}"
        act = IncidentAct(now_s, name, line.newest_id, kind, "operator", why, for_s)
        self._link.say(INCIDENT_ACTS, act)

    def _lines(self, states: Sequence[IncidentState]) -> list[InboxLine]:
        with closing(_open(self._link)) as reader:
            return inbox(reader, record_time_s(self._link), states, count=_MOST)


def _open(robot: Robot) -> RecordReader:
    return open_reader(robot.run_folder)
