"""The line for driving: a WebSocket of its own, so that nothing else delays it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket

from patrol_console.accounts.permissions import Permission
from patrol_console.accounts.sessions import OpenSession
from patrol_console.driving.wheel import PERIOD_S, Grip, Wheel
from patrol_console.station import Robot, Station
from patrol_console.web.endpoints import Socket
from patrol_console.web.lines import object_of, texts
from patrol_console.web.parts import Part
from patrol_core.web.asking import RefusalError

MAX_MESSAGE = 400
_WHY_LENGTH = 200


def driving_part(station: Station, wheels: Mapping[str, Wheel]) -> Part:
    """`wheels`: one a robot, by name."""

    async def serve(socket: WebSocket, session: OpenSession, robot: Robot) -> None:
        await _Line(station, socket, session, robot, wheels[robot.name]).serve()

    async def tick() -> None:
        while True:
            for name, wheel in wheels.items():
                away = wheel.tick(station.steady())
                if away:
                    station.audit(away, "", "drive_given_back", name, "was away for too long")
            await asyncio.sleep(PERIOD_S)

    return Part((), (Socket("/robots/{robot}/drive", Permission.DRIVE, serve),), (tick,))


class _Line:
    """One page's."""

    def __init__(
        self, station: Station, socket: WebSocket, session: OpenSession, robot: Robot, wheel: Wheel
    ) -> None:
        self._station, self._socket, self._session = station, socket, session
        self._robot, self._wheel = robot, wheel
        self._grip: Grip | None = None

    async def serve(self) -> None:
        telling = asyncio.create_task(self._tell())
        try:
            async for text in texts(self._socket, MAX_MESSAGE):
                await self._take(object_of(text))
        finally:
            telling.cancel()
            if self._grip is not None:
                self._wheel.lose(self._grip, self._station.steady())

    async def _take(self, said: dict[str, Any]) -> None:
        now_s = self._station.steady()
        if said.get("take") is True:
            await self._begin(said)
        elif said.get("give_back") is True:
            if self._grip is not None and self._wheel.has(self._grip):
                self._wheel.give_back(now_s)
                self._audit("drive_given_back")
        elif "override" in said:
            self._override(said, now_s)
        elif self._grip is not None:
            held = said.get("held") is True
            linear, angular = _deflection(said.get("v", 0.0)), _deflection(said.get("w", 0.0))
            number = said.get("n")
            if not isinstance(number, int) or isinstance(number, bool):
                raise RefusalError(400, "'n' is the newest number that came.")
            self._wheel.hear(self._grip, number, linear, angular, held, now_s)

    async def _begin(self, said: dict[str, Any]) -> None:
        over = said.get("take_over") is True
        why = _why(said) if over else ""
        try:
            self._grip, before = self._wheel.take(self._session.user, over, why)
        except RefusalError as refusal:
            await self._socket.send_text(json.dumps({"refused": refusal.sentence}))
            return
        if before not in ("", self._session.user):
            self._audit("drive_taken_over", f"from {before}: {why}")
        elif before == "":
            self._audit("drive_taken")

    def _override(self, said: dict[str, Any], now_s: float) -> None:
        """Raises RefusalError: for supervisors alone, and with a reason."""
        asked = said["override"] is True
        if asked and Permission.OVERRIDE not in self._session.permissions:
            raise RefusalError(403, "Creeping past the fence is for supervisors.")
        why = _why(said) if asked else ""
        if self._grip is not None and self._wheel.override(self._grip, asked, now_s):
            self._audit("override" if asked else "override_ended", why)

    async def _tell(self) -> None:
        """Twenty times a second a number, and how it stands."""
        while True:
            now_s = self._station.steady()
            if self._grip is not None:
                document = self._wheel.document(self._grip, now_s)
            else:
                document = {"holder": self._wheel.holder, "mine": False}
            await self._socket.send_text(json.dumps(document))
            await asyncio.sleep(PERIOD_S)

    def _audit(self, kind: str, details: str = "") -> None:
        session = self._session
        self._station.audit(session.user, session.role.value, kind, self._robot.name, details)


def _why(said: dict[str, Any]) -> str:
    """Raises RefusalError where there is no reason, or too long a one."""
    why = said.get("why")
    if not isinstance(why, str) or not 0 < len(why.strip()) <= _WHY_LENGTH:
        raise RefusalError(400, f"'why' says why, in {_WHY_LENGTH} letters.")
    return why.strip()


def _deflection(value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or abs(value) > 1.0:
        raise RefusalError(400, "'v' and 'w' are numbers from -1 to 1.")
    return float(value)
