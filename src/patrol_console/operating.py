"""What an operator sees of a robot and asks of it: pages' requests and sockets for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ConfigDict, Field
from starlette.responses import Response
from starlette.websockets import WebSocket

from patrol_console.accounts.accounts import Accounts
from patrol_console.accounts.permissions import Permission
from patrol_console.accounts.sessions import OpenSession
from patrol_console.commanding.book import CommandBook, CommandState
from patrol_console.commanding.previews import preview
from patrol_console.commanding.wishes import Do, read_wish
from patrol_console.live.camera import Camera
from patrol_console.live.feed import Feed
from patrol_console.live.site_document import map_document, map_picture, site_document
from patrol_console.live.viewing import Gallery
from patrol_console.station import Robot, Station
from patrol_console.stopping.switch import StopSwitch
from patrol_console.talking.switchboard import Switchboard
from patrol_console.web.endpoints import Body, Call, Endpoint, Socket
from patrol_console.web.parts import Part
from patrol_core.site import load_map
from patrol_core.topics import MAP, OPERATOR_LINK
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.status import OperatorLink
from patrol_core.web.asking import RefusalError

LINK_EVERY_S = 1.0
_Why = Field(min_length=1, max_length=200)
Tell = Callable[[Robot], Callable[[], Any]]


class CommandBody(Body):
    """A command; its other fields depend on `do` (docs/CONSOLE.md). With `preview` nothing is
    sent.
    """

    model_config = ConfigDict(extra="allow", strict=True)
    do: str = Field(max_length=20)
    preview: bool = False


class ClearBody(Body):
    why: str = _Why


class LineBody(Body):
    text: str = Field(min_length=1, max_length=500)


class Post:
    """One robot's: everything that is kept of it while the web runs."""

    def __init__(
        self, robot: Robot, station: Station, new_id: Callable[[], str],
        told: Mapping[str, Callable[[], Any]],
    ) -> None:  # fmt: skip
        self.robot = robot
        self.commands = CommandBook(robot, new_id, station.steady)
        self.stop = StopSwitch(robot, station.steady)
        self.talk = Switchboard(robot)
        self.camera = Camera(robot, station.steady)
        self.feed = Feed(robot, {
            "stop": self.stop.document,
            "commands": self.commands.document,
            "talk": self.talk.document,
            "viewers": lambda: self.gallery.count,
            **told,
        })  # fmt: skip
        self.gallery = Gallery(self.feed)

    async def say_who_is_there(self) -> None:
        """`operator_link`, once a second while somebody looks."""
        while True:
            if self.gallery.count:
                self.robot.say(OPERATOR_LINK, OperatorLink(self.robot.now_s(), "console"))
            await asyncio.sleep(LINK_EVERY_S)

    def map(self) -> OccupancyGrid:
        """As the robot publishes it; before it does, as the site's files have it."""
        sample = self.robot.newest(MAP)
        return sample.value if sample is not None else load_map(self.robot.site.map_file)


def operating_part(
    station: Station, accounts: Accounts, new_id: Callable[[], str], told: Mapping[str, Tell]
) -> Part:
    """`told`: what other parts tell in the live document, by key, for each robot."""
    posts = {
        name: Post(robot, station, new_id, {key: tell(robot) for key, tell in told.items()})
        for name, robot in station.robots.items()
    }
    desk = _Desk(station, accounts, posts)
    root, p = "/robots/{robot}", Permission
    return Part(
        (
            Endpoint("GET", f"{root}/site", "What is drawn of the site", p.VIEW, desk.site),
            Endpoint("GET", f"{root}/map", "Where the map's picture lies", p.VIEW, desk.map),
            Endpoint("GET", f"{root}/map.png", "The map as a picture", p.VIEW, desk.map_picture),
            Endpoint("POST", f"{root}/commands", "Ask something of the robot", p.COMMAND,
                     desk.command, CommandBody),
            Endpoint("POST", f"{root}/alarms/{{alarm}}", "Tell the robot that a sensor has gone "
                     "off; answered when it has taken that up", None, desk.alarm,
                     by_key=True),
            Endpoint("POST", f"{root}/stop", "Stop the robot at once", p.STOP, desk.press),
            Endpoint("POST", f"{root}/stop/clear", "End a stop; it moves nothing. The password "
                     "was given within the last minute", p.CLEAR_STOP, desk.clear, ClearBody),
            Endpoint("GET", f"{root}/talk/{{session}}", "What was said in a conversation", p.TALK,
                     desk.lines),
            Endpoint("POST", f"{root}/talk/{{session}}/take", "Speak in the robot's place",
                     p.TALK, desk.take),
            Endpoint("POST", f"{root}/talk/{{session}}/say", "Say a line", p.TALK, desk.say,
                     LineBody),
            Endpoint("POST", f"{root}/talk/{{session}}/release", "Give a conversation back",
                     p.TALK, desk.release),
            Endpoint("POST", f"{root}/announce", "Say something to everybody near the robot",
                     p.TALK, desk.announce, LineBody),
        ),
        (
            Socket(f"{root}/live", p.VIEW, desk.live),
            Socket(f"{root}/camera", p.VIEW, desk.camera),
        ),
        tuple(
            task
            for post in posts.values()
            for task in (post.stop.run, post.say_who_is_there)
        ),
    )  # fmt: skip


class _Desk:
    def __init__(self, station: Station, accounts: Accounts, posts: Mapping[str, Post]) -> None:
        self._station, self._accounts, self._posts = station, accounts, posts

    async def site(self, call: Call) -> Any:
        return site_document(call.robot.site, call.robot.model)

    async def map(self, call: Call) -> Any:
        return map_document(self._post(call).map())

    async def map_picture(self, call: Call) -> Response:
        return Response(map_picture(self._post(call).map()), media_type="image/png")

    async def command(self, call: Call) -> Any:
        body = call.body(CommandBody)
        wish = read_wish(body.model_dump(), call.robot.site)
        if body.preview:
            return {"words": preview(wish, call.robot)}
        command = self._post(call).commands.send(wish, call.who.user)
        self._audit(call, "command", wish.do.value, command.words)
        return {"id": command.command_id, "words": command.words}

    async def alarm(self, call: Call) -> Any:
        """The same alarm, told again while the robot has not dealt with it, is told once."""
        wish = read_wish({"do": Do.ALARM.value, "alarm": call.path("alarm")}, call.robot.site)
        book = self._post(call).commands
        command = book.under_way(wish)
        if command is None:
            command = book.send(wish, call.key)
            subject = f"{call.robot.name}: {wish.do.value}"
            self._station.audit(call.key, "key", "command", subject, command.words)
        state = await book.answered(command)
        if state is CommandState.REFUSED:
            raise RefusalError(409, f"The robot does not: {command.answer}.")
        if state is CommandState.UNANSWERED:
            raise RefusalError(503, f"It was told, but {command.answer}.")
        return {"id": command.command_id, "state": state.value, "answer": command.answer}

    async def press(self, call: Call) -> Any:
        switch = self._post(call).stop
        switch.press(call.who.user)
        self._audit(call, "stop_pressed", "console")
        return switch.document()

    async def clear(self, call: Call) -> Any:
        if not self._accounts.is_confirmed(call.who):
            raise RefusalError(403, "Give your password again first: it is good for a minute.")
        why, switch = call.body(ClearBody).why, self._post(call).stop
        switch.clear(call.who.user, why)
        self._audit(call, "stop_cleared", "console", why)
        return switch.document()

    async def lines(self, call: Call) -> Any:
        return {"lines": self._post(call).talk.lines(call.path("session"), call.who.user)}

    async def take(self, call: Call) -> Any:
        self._post(call).talk.take(call.path("session"), call.who.user)
        self._audit(call, "talk_taken", call.path("session")[:8])
        return {}

    async def say(self, call: Call) -> Any:
        text = call.body(LineBody).text
        self._post(call).talk.say(call.path("session"), call.who.user, text)
        return {}

    async def release(self, call: Call) -> Any:
        self._post(call).talk.release(call.path("session"), call.who.user)
        self._audit(call, "talk_given_back", call.path("session")[:8])
        return {}

    async def announce(self, call: Call) -> Any:
        text = call.body(LineBody).text
        self._post(call).talk.announce(call.who.user, text)
        self._audit(call, "announced", "everybody", text)
        return {}

    async def live(self, socket: WebSocket, _: OpenSession, robot: Robot) -> None:
        await self._posts[robot.name].gallery.show(socket)

    async def camera(self, socket: WebSocket, _: OpenSession, robot: Robot) -> None:
        await self._posts[robot.name].camera.show(socket)

    def _post(self, call: Call) -> Post:
        return self._posts[call.robot.name]

    def _audit(self, call: Call, kind: str, subject: str, details: str = "") -> None:
        robot = f"{call.robot.name}: {subject}"
        self._station.audit(call.who.user, call.who.role.value, kind, robot, details)
