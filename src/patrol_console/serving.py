"""From parameters to a console that is served: files, accounts, parts, server."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from patrol_console.accounts.accounts import Accounts
from patrol_console.accounts.endpoints import accounts_part
from patrol_console.accounts.keys import Keys
from patrol_console.accounts.sessions import Sessions
from patrol_console.accounts.store import AccountStore
from patrol_console.acts import ActOutbox
from patrol_console.alerts.part import Board, alerts_part
from patrol_console.driving.part import driving_part
from patrol_console.driving.wheel import Wheel
from patrol_console.editing.part import SiteNumber, editing_part
from patrol_console.files import ACCOUNTS, ACTS
from patrol_console.link import RobotLink
from patrol_console.logbook.part import logbook_part
from patrol_console.operating import Tell, operating_part
from patrol_console.params import ConsoleParams
from patrol_console.replaying.part import replaying_part
from patrol_console.station import Robot, Station
from patrol_console.web import tls
from patrol_console.web.app import create_app
from patrol_console.web.guard import Guard
from patrol_console.web.mounting import Mounting
from patrol_console.web.parts import Part
from patrol_console.web.server import console_server
from patrol_core.web.rates import Limiter
from patrol_core.web.server import PageServer
from patrol_records.reader import RecordReader, open_reader

_HOUR_S = 3600.0
_SAY_ACTS_S = 0.5
_log = logging.getLogger(__name__)


class Serving:
    """A console of one robot, whose log it uses, and of `others`.

    `clock`: Unix time [s]; `steady`: a time that never jumps [s].
    """

    def __init__(
        self, link: RobotLink, others: Sequence[RobotLink], folder: Path, params: ConsoleParams,
        clock: Callable[[], float], steady: Callable[[], float],
    ) -> None:  # fmt: skip
        self._link, self._folder, self._params = link, folder, params
        self._links = (link, *others)
        self._clock, self._steady = clock, steady
        self._server: PageServer | None = None
        self._outbox: ActOutbox | None = None
        self._accounts: Accounts | None = None
        self._store: AccountStore | None = None

    def open(self) -> str:
        """Begin to serve; the address. Raises ConsoleError, ListenError."""
        web = self._params.web
        self._store = store = AccountStore(self._folder / ACCOUNTS)
        files, fingerprint = self._certificate()
        self._outbox = outbox = ActOutbox(self._folder / ACTS, self._link, _new_id)
        robots = {one.name: one for one in self._links}
        station = Station(robots, self._folder, outbox, self._clock, self._steady)
        sessions = Sessions(
            store, self._clock, web.session_hours * _HOUR_S, web.idle_hours * _HOUR_S
        )
        accounts = Accounts(store, sessions, outbox, self._clock, self._folder)
        self._accounts = accounts
        cookie = "__Host-ronda" if web.speaks_tls else f"ronda-{web.port}"
        limiter = Limiter(web.requests_per_s, web.client_requests_per_s, web.client_requests_burst)
        guard = Guard(
            sessions, Keys(store), station.robots, cookie, limiter, self._steady,
            (*web.names, web.host), tls=web.speaks_tls,
        )  # fmt: skip
        mounting = Mounting(guard, station.robots, web)
        wheels = {
            name: Wheel(robot, self._params.driving) for name, robot in station.robots.items()
        }
        boards = {
            name: Board(robot, self._params.alerts, self._open_records)
            for name, robot in station.robots.items()
        }
        told: dict[str, Tell] = {
            "drive": lambda robot: wheels[robot.name].state,
            "alerts": lambda robot: boards[robot.name].document,
            "conditions": lambda robot: boards[robot.name].conditions.document,
            "site": SiteNumber,
        }
        parts = (
            accounts_part(accounts, station, cookie, tls=web.speaks_tls),
            operating_part(station, accounts, _new_id, told),
            driving_part(station, wheels),
            editing_part(station),
            logbook_part(self._log_folder),
            replaying_part(station, self._log_folder, self._open_records),
            alerts_part(station, boards, self._params.alerts, _new_id, self._open_records),
            Part(background=(self._say_acts,)),
        )
        app = create_app(guard, mounting, parts, speaks_tls=web.speaks_tls)
        self._server = console_server(app, web, files)
        for one in self._links:
            one.serve(self._server.in_loop)
        address = self._server.start()
        _log.warning("operators sign in at %s", address)
        if fingerprint:
            _log.warning("its certificate is the robot's own, SHA-256 %s", fingerprint)
        if accounts.is_first_start:
            _log.warning(
                "the first administrator signs in with the code %s", accounts.first_code()
            )
        return address

    def close(self) -> None:
        """Safe to call more than once, and after `open` has failed."""
        if self._server is not None:
            self._server.stop()
        for opened in (self._accounts, self._outbox, self._store):
            if opened is not None:
                opened.close()
        self._server = self._accounts = self._outbox = self._store = None

    def _open_records(self, robot: Robot) -> RecordReader:
        """As the records process writes them. Raises StoreError."""
        own = robot.name == self._link.name
        robot_id = self._params.robot_id if own else robot.name
        return open_reader(robot.run_folder, self._params.database_url, robot_id)

    def _log_folder(self, robot: Robot) -> Path:
        """As `launch/records.launch.xml` tells the records process."""
        state = self._params.state_folder if robot.name == self._link.name else ""
        return Path(state) if state else robot.run_folder

    def _certificate(self) -> tuple[tuple[Path, Path] | None, str]:
        web = self._params.web
        if not web.speaks_tls:
            return None, ""
        if web.certificate:
            return (Path(web.certificate), Path(web.key or web.certificate)), ""
        every = web.host in ("0.0.0.0", "::")  # noqa: S104
        names = web.names if every else (*web.names, web.host)
        certificate, key, fingerprint = tls.certificate(self._folder, names, self._clock())
        return (certificate, key), fingerprint

    async def _say_acts(self) -> None:
        while self._outbox is not None:
            self._outbox.say(self._steady())
            await asyncio.sleep(_SAY_ACTS_S)


def _new_id() -> str:
    return secrets.token_hex(16)
