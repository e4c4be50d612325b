"""A console with nothing but the editing of a site, for its tests."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from patrol_console.accounts.keys import Keys
from patrol_console.accounts.permissions import Role
from patrol_console.accounts.sessions import Sessions
from patrol_console.accounts.store import AccountStore, User
from patrol_console.editing.part import editing_part
from patrol_console.station import Station
from patrol_console.web.guard import Guard
from patrol_console.web.mounting import Mounting
from patrol_console.web.params import WebParams
from patrol_core.web.asking import RefusalError
from patrol_core.web.rates import Limiter
from tests.asgi_call import Answer, ask
from tests.console_robot import LinkedRobot
from tests.simulated import ROOT

EDITING = "/api/robots/ronda/editing"


class Desk:
    """The yard, its robot, and somebody of each role who asks."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "yard"
        shutil.copytree(ROOT / "sites" / "yard", self.site)
        self.robot = LinkedRobot(folder / "run", self.site)
        self.acts: list[tuple[str, ...]] = []
        self.store = AccountStore(folder / "accounts.db")
        sessions = Sessions(self.store, lambda: 0.0, 1e6, 1e6)
        self.tokens: dict[Role, str] = {}
        for role in Role:
            user = User(role.value, role, ("*",), "", 0.0)
            self.store.put(user)
            self.tokens[role], _ = sessions.begin(user)
        robots = {"ronda": self.robot.link}
        self.station = Station(
            robots, folder, lambda *act: self.acts.append(act), lambda: 1000.0, lambda: 0.0
        )
        guard = Guard(
            sessions, Keys(self.store), robots, "s", Limiter(1e6, 1e6, 10**6), lambda: 0.0
        )
        mounting = Mounting(guard, robots, WebParams())
        part = editing_part(self.station)
        self.app: ASGIApp = Starlette(
            routes=mounting.routes(part.endpoints, ()), exception_handlers={RefusalError: refused}
        )

    def ask(
        self, method: str, more: str = "", value: Any = None, role: Role = Role.SUPERVISOR
    ) -> Answer:
        headers = {"cookie": f"s={self.tokens[role]}", "x-ronda": "1"}
        headers["content-type"] = "application/json"
        return ask(self.app, method, EDITING + more, json.dumps(value).encode(), headers=headers)

    def load(self) -> Any:
        answer = self.ask("GET")
        assert answer.status == 200
        return answer.json()

    def save(self, documents: Any, base: int = 1, **more: Any) -> Answer:
        body = {"base": base, "documents": documents, "words": "tried", **more}
        return self.ask("PUT", value=body)

    def text(self, name: str) -> str:
        return (self.site / name).read_text(encoding="utf-8")


async def refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return JSONResponse({"error": error.sentence}, error.status)
