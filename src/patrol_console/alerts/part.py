"""The inbox: read from the records, acted upon by rows, and shown as done once it is stored."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field
from starlette.responses import Response

from patrol_console.accounts.permissions import Permission
from patrol_console.alerts.conditions import Conditions
from patrol_console.alerts.documents import incident_document, line_document
from patrol_console.alerts.severity import AlertParams, Severity
from patrol_console.station import Robot, Station
from patrol_console.web.endpoints import Body, Call, Endpoint
from patrol_console.web.parts import Part
from patrol_core.topics import INCIDENT_ACTS, INCIDENT_VERDICTS, INCIDENTS, Topic
from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.learning import IncidentVerdict, VerdictKind
from patrol_core.types.perception import Incident
from patrol_core.web.asking import RefusalError
from patrol_records.errors import StoreError
from patrol_records.life_cycle import IncidentState
from patrol_records.queries_inbox import OPEN, Mark, counts, inbox
from patrol_records.reader import RecordReader

T = TypeVar("T")
Open = Callable[[Robot], RecordReader]
"""Opens a robot's records to read; raises StoreError."""
Said = TypeVar("Said", IncidentAct, IncidentVerdict)
LOOK_EVERY_S = 5.0
ANSWER_S, REPEAT_S, _WAIT_S = 4.0, 1.0, 0.1
MAX_SHELVE_S = 28 * 86400.0
_STATES = {
    "open": OPEN,
    "all": tuple(IncidentState),
    **{state.value: (state,) for state in IncidentState},
}
_PICTURES = ("photo", "before")
_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}
_Why = Field(min_length=1, max_length=500)


class ActBody(Body):
    """What is done about an incident and its group; `for_s`: how long it is shelved [s]."""

    act: Literal["acknowledge", "resolve", "shelve", "reopen"]
    why: str = _Why
    for_s: float = Field(0.0, ge=0.0, le=MAX_SHELVE_S, allow_inf_nan=False)


class VerdictBody(Body):
    """What an incident was: the learning loop listens. `ignore`: nothing at this place."""

    verdict: Literal["true", "false", "known", "ignore"]
    why: str = _Why


class Board:
    """One robot's alerts at a glance, for its live document."""

    def __init__(self, robot: Robot, params: AlertParams, open_records: Open) -> None:
        self.robot, self._params, self._open = robot, params, open_records
        self.conditions = Conditions(robot, params)
        self._news = asyncio.Event()
        self._counts: dict[str, Any] = {"new": 0, "open": 0, "overdue": 0, "urgent": 0, "top": []}
        robot.listen(INCIDENTS, self._hear)

    def document(self) -> dict[str, Any]:
        return self._counts

    def look_now(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Count again whenever something is stored, and every few seconds."""
        while True:
            await asyncio.to_thread(self.look)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_EVERY_S)
            self._news.clear()

    def look(self) -> None:
        """Count now. Reads the records: not for the web's thread."""
        try:
            self._counts = self._count()
        except StoreError:
            self._counts = {**self._counts, "words": "the records cannot be read"}

    def _count(self) -> dict[str, Any]:
        now_s = record_time_s(self.robot)
        with closing(self._open(self.robot)) as reader:
            found = counts(reader, now_s)
            new = inbox(reader, now_s, (IncidentState.NEW,), count=found[IncidentState.NEW])
        root = f"/api/robots/{self.robot.name}/incidents"
        lines = [line_document(line, self._params, now_s, root) for line in new]
        lines.sort(key=lambda one: (not one["escalated"], -Severity[one["severity"].upper()]))
        return {
            "new": found[IncidentState.NEW],
            "open": sum(found[state] for state in OPEN),
            "overdue": sum(line["escalated"] for line in lines),
            "urgent": sum(line["severity"] == "high" for line in lines),
            "top": lines[:3],
        }

    def _hear(self, _: Incident) -> None:
        self._news.set()


def alerts_part(
    station: Station, boards: Mapping[str, Board], params: AlertParams, new_id: Callable[[], str],
    open_records: Open,
) -> Part:  # fmt: skip
    """`boards`: one a robot, by name."""
    desk = _Desk(station, boards, params, new_id, open_records)
    root, p = "/robots/{robot}/incidents", Permission
    query = {
        "state": "open (default), all, or one state", "limit": "at most so many",
        "before": "the mark of the last one of the page before",
    }  # fmt: skip
    return Part(
        (
            Endpoint("GET", root, "A page of the inbox", p.VIEW, desk.page, query=query),
            Endpoint("GET", f"{root}/{{incident:int}}", "An incident with its evidence", p.VIEW,
                     desk.incident),
            Endpoint("GET", f"{root}/{{incident:int}}/{{picture}}", "Its photo, or the one from "
                     "before", p.VIEW, desk.picture),
            Endpoint("POST", f"{root}/{{incident:int}}/acts", "Do something about it", p.ACT,
                     desk.act, ActBody),
            Endpoint("POST", f"{root}/{{incident:int}}/verdicts", "Say what it was", p.VERDICT,
                     desk.judge, VerdictBody),
        ),
        background=tuple(board.run for board in boards.values()),
    )  # fmt: skip


class _Desk:
    def __init__(
        self, station: Station, boards: Mapping[str, Board], params: AlertParams,
        new_id: Callable[[], str], open_records: Open,
    ) -> None:  # fmt: skip
        self._station, self._boards = station, boards
        self._params, self._new_id, self._open = params, new_id, open_records

    async def page(self, call: Call) -> Any:
        states = _STATES[call.word("state", tuple(_STATES), "open")]
        limit = call.number("limit", 50, 1, 200)
        mark = _mark(call.request.query_params.get("before", ""))
        now_s = record_time_s(call.robot)
        lines = await self._read(
            call, lambda reader: inbox(reader, now_s, states, None, mark, limit + 1)
        )
        root = _root(call)
        return {
            "incidents": [
                line_document(line, self._params, now_s, root) for line in lines[:limit]
            ],
            "more": len(lines) > limit,
        }

    async def incident(self, call: Call) -> Any:
        number, now_s, root = _number(call), record_time_s(call.robot), _root(call)

        def read(reader: RecordReader) -> Any:
            found = reader.incident(number)
            if found is None:
                return None
            return incident_document(reader, found, self._params, now_s, root)

        return _there(await self._read(call, read))

    async def picture(self, call: Call) -> Response:
        which, number = call.path("picture"), _number(call)
        if which not in _PICTURES:
            raise RefusalError(404, f"Pictures are: {', '.join(_PICTURES)}.")

        def read(reader: RecordReader) -> tuple[bytes, str] | None:
            found = reader.incident(number)
            name = None if found is None else getattr(found, which)
            if name is None:
                return None
            file: Path = reader.photos / name
            return file.read_bytes(), _TYPES.get(file.suffix, "application/octet-stream")

        try:
            data, kind = _there(await self._read(call, read))
        except OSError as error:
            raise RefusalError(404, "That picture was removed: retention is over.") from error
        return Response(data, media_type=kind)

    async def act(self, call: Call) -> Any:
        body, number = call.body(ActBody), _number(call)
        kind = ActKind(body.act)
        if (kind is ActKind.SHELVE) != (body.for_s > 0.0):
            raise RefusalError(400, "'for_s' says how long it is shelved, and only then.")
        state = (await self.incident(call))["state"]
        if kind is ActKind.SHELVE and state == IncidentState.RESOLVED.value:
            raise RefusalError(409, "It is resolved: there is nothing to shelve.")
        why, who = body.why.strip(), call.who.user
        act = IncidentAct(
            record_time_s(call.robot), self._new_id(), number, kind, who, why, body.for_s
        )
        self._audit(call, "incident_act", f"{number}: {kind.value} asked: {why}")
        await self._say_until_stored(call, INCIDENT_ACTS, act)
        return await self.incident(call)

    async def judge(self, call: Call) -> Any:
        body, number = call.body(VerdictBody), _number(call)
        found = _there(await self._read(call, lambda reader: reader.incident(number)))
        verdict = IncidentVerdict(
            record_time_s(call.robot), self._new_id(), number, VerdictKind(body.verdict),
            call.who.user, body.why.strip(), found.x_m, found.y_m,
        )  # fmt: skip
        self._audit(call, "verdict", f"{number}: {body.verdict} asked: {verdict.why}")
        await self._say_until_stored(call, INCIDENT_VERDICTS, verdict)
        return await self.incident(call)

    async def _say_until_stored(self, call: Call, topic: Topic[Said], said: Said) -> None:
        """Say it again and again until the records have it. Raises RefusalError (503) if not."""
        begun_s = said_s = self._station.steady()
        call.robot.say(topic, said)
        while not await self._read(call, lambda reader: reader.has(said)):
            now_s = self._station.steady()
            if now_s - begun_s > ANSWER_S:
                raise RefusalError(503, "The records have not confirmed it: look again, or retry.")
            if now_s - said_s > REPEAT_S:
                said_s = now_s
                call.robot.say(topic, said)
            await asyncio.sleep(_WAIT_S)
        self._boards[call.robot.name].look_now()

    async def _read(self, call: Call, ask: Callable[[RecordReader], T]) -> T:
        """Raises RefusalError (503) where the records cannot be read."""

        def read() -> T:
            with closing(self._open(call.robot)) as reader:
                return ask(reader)

        try:
            return await asyncio.to_thread(read)
        except StoreError as error:
            raise RefusalError(503, "The records cannot be read now.") from error

    def _audit(self, call: Call, kind: str, details: str) -> None:
        session = call.who
        self._station.audit(session.user, session.role.value, kind, call.robot.name, details)


def record_time_s(robot: Robot) -> float:
    """The records' time: Unix time, which in a simulation is the simulation's."""
    return robot.now_s() + robot.epoch_s


def _root(call: Call) -> str:
    return f"/api/robots/{call.robot.name}/incidents"


def _mark(text: str) -> Mark | None:
    """Where the page before ended; None for the first. Raises RefusalError (400)."""
    if not text:
        return None
    last_seen, _, group = text.partition("/")
    try:
        mark = Mark(float(last_seen), int(group))
    except ValueError as error:
        raise RefusalError(400, "'before' is the 'mark' of an incident.") from error
    if not math.isfinite(mark.last_seen_s) or not 0 < mark.group_id < 2**31:
        raise RefusalError(400, "'before' is the 'mark' of an incident.")
    return mark


def _number(call: Call) -> int:
    number = int(call.path("incident"))
    if not 0 < number < 2**31:
        raise RefusalError(404, "There is no such incident.")
    return number


def _there(found: T | None) -> T:
    if found is None:
        raise RefusalError(404, "There is no such incident, or no such picture of it.")
    return found
