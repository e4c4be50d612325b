"""Requests that change a site."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field
from starlette.responses import JSONResponse, Response

from patrol_console.accounts.permissions import Permission
from patrol_console.editing.editor import Change, Editor, MistakesError
from patrol_console.station import Robot, Station
from patrol_console.web.endpoints import Body, Call, Endpoint
from patrol_console.web.parts import Part
from patrol_core.errors import ConfigError
from patrol_core.site.history import ConflictError, Version
from patrol_core.site.model import Site
from patrol_core.web.asking import RefusalError

LOOK_EVERY_S = 5.0
_Base = Field(ge=1, le=10**9)
_Words = Field(min_length=1, max_length=200, pattern=r"\S")
_Items = Field(max_length=1000)


class SiteLists(Body):
    """Features of `zones.geojson`, entries of `site.yaml` (docs/SITES.md)."""

    zones: list[dict[str, Any]] = _Items
    checkpoints: list[dict[str, Any]] = _Items
    routes: list[dict[str, Any]] = _Items
    schedules: list[dict[str, Any]] = _Items


class CheckBody(Body):
    documents: SiteLists


class SaveBody(Body):
    """`base`: the version that was changed. `although`: warnings have been read."""

    base: int = _Base
    documents: SiteLists
    words: str = _Words
    although: bool = False


class UndoBody(Body):
    """Back to `version`, by a new version that is equal to it."""

    base: int = _Base
    version: int = _Base
    words: str = _Words
    although: bool = False


class SiteNumber:
    """Grows when a robot's site changes: who has drawn it asks for it again."""

    def __init__(self, robot: Robot) -> None:
        self._robot, self._number = robot, 1
        self._site: Site = robot.site

    def __call__(self) -> int:
        if self._robot.site is not self._site:
            self._site, self._number = self._robot.site, self._number + 1
        return self._number


def editing_part(station: Station) -> Part:
    """One editor for each robot."""
    editors = {name: Editor(robot, station) for name, robot in station.robots.items()}
    desk = _Desk(editors)
    root, edit = "/robots/{robot}/editing", Permission.EDIT
    return Part(
        (
            Endpoint("GET", root, "What of the site can be changed, and its versions", edit,
                     desk.show),
            Endpoint("POST", f"{root}/check", "What would be wrong with a change", edit,
                     desk.check, CheckBody),
            Endpoint("PUT", root, "Change the site", edit, desk.save, SaveBody),
            Endpoint("POST", f"{root}/undo", "Go back to an older version", edit, desk.undo,
                     UndoBody),
        ),
        background=tuple(_look(editor) for editor in editors.values()),
    )  # fmt: skip


def _look(editor: Editor) -> Callable[[], Any]:
    async def run() -> None:
        while True:
            await asyncio.to_thread(editor.look)
            await asyncio.sleep(LOOK_EVERY_S)

    return run


class _Desk:
    def __init__(self, editors: Mapping[str, Editor]) -> None:
        self._editors = editors

    async def show(self, call: Call) -> Any:
        return await _done(self._of(call).document)

    async def check(self, call: Call) -> Any:
        lists = dict(call.body(CheckBody).documents)
        return await _done(lambda: self._of(call).check(lists))

    async def save(self, call: Call) -> Any:
        body = call.body(SaveBody)
        change = _change(call, body.base, body.words, body.although)
        lists = dict(body.documents)
        return await _done(lambda: _saved(self._of(call).save(change, lists)))

    async def undo(self, call: Call) -> Any:
        body = call.body(UndoBody)
        change = _change(call, body.base, body.words, body.although)
        return await _done(lambda: _saved(self._of(call).undo(change, body.version)))

    def _of(self, call: Call) -> Editor:
        return self._editors[call.robot.name]


def _change(call: Call, base: int, words: str, although: bool) -> Change:
    return Change(call.who.user, call.who.role.value, base, words, although)


def _saved(version: Version) -> dict[str, Any]:
    return {"version": version.number, "sha256": version.digest}


async def _done(work: Callable[[], dict[str, Any]]) -> Response | dict[str, Any]:
    """In a thread, so that nobody else waits. Raises RefusalError."""
    try:
        return await asyncio.to_thread(work)
    except MistakesError as error:
        told = {"error": error.problem, "problems": error.problems, "warnings": error.warnings}
        return JSONResponse(told, 422)
    except ConflictError as error:
        raise RefusalError(409, f"Not saved: {error.problem}. Load it anew.") from error
    except ConfigError as error:
        raise RefusalError(422, f"{error}.") from error
    except OSError as error:
        raise RefusalError(503, f"The disk refuses: {error.strerror}.") from error
