"""A bridge that is really served, and a client of the Foxglove protocol of our own."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets import ConnectionClosed, Subprotocol
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from patrol_console.foxglove.component import FoxgloveBridge
from patrol_console.foxglove.params import FoxgloveParams
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.site.model import Zone
from patrol_core.topics import Topic
from patrol_core.wire import Wire
from tests.flight_rig import PickleWire
from tests.gate_world import ROBOT, make_site

PATIENCE_S = 20.0
_HEAD = struct.Struct("<BIQ")


class Client:
    """One connection. `channels`: by topic; `infos`: the server's info; `said`: statuses."""

    def __init__(
        self, address: str, protocol: str = "foxglove.sdk.v1", origin: str | None = None
    ) -> None:
        self.socket: Connection = connect(
            address, subprotocols=[Subprotocol(protocol)], origin=origin,  # type: ignore[arg-type]
            compression=None, max_size=None, open_timeout=PATIENCE_S, close_timeout=1.0,
        )  # fmt: skip
        self.info: dict[str, Any] = {}
        self.channels: dict[str, dict[str, Any]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.times_s: list[float] = []
        self.messages: list[tuple[int, float, bytes]] = []
        """Subscription, robot's time [s], data."""
        self.until(lambda: bool(self.channels))

    def ask(self, document: object) -> None:
        self.socket.send(json.dumps(document))

    def subscribe(self, *topics: str, first: int = 0) -> None:
        """Subscriptions are numbered from `first`."""
        pairs = [
            {"id": first + n, "channelId": self.channels[topic]["id"]}
            for n, topic in enumerate(topics)
        ]
        self.ask({"op": "subscribe", "subscriptions": pairs})

    def take(self, timeout_s: float = PATIENCE_S) -> None:
        """Take one frame in. Raises TimeoutError."""
        frame = self.socket.recv(timeout=timeout_s)
        if isinstance(frame, bytes):
            if frame[0] == 1:
                _, subscription, at = _HEAD.unpack_from(frame)
                self.messages.append((subscription, at * 1e-9, frame[_HEAD.size :]))
            else:
                code, at = struct.unpack("<BQ", frame)
                assert code == 2
                self.times_s.append(at * 1e-9)
            return
        document = json.loads(frame)
        if document["op"] == "serverInfo":
            self.info = document
        elif document["op"] == "advertise":
            self.channels = {channel["topic"]: channel for channel in document["channels"]}
        else:
            assert document["op"] == "status"
            self.statuses.append(document)

    def until(self, happened: Callable[[], bool]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < end_s, "it did not happen"
            self.take()

    def until_closed(self) -> int:
        """Read on until the server closes; its code, 1006 where it has cut the line."""
        try:
            self.until(lambda: False)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError


class Bridge:
    """A bridge in the hands of a test, which is its host: messages are pickled values."""

    def __init__(
        self, folder: Path, params: FoxgloveParams | None = None, zones: tuple[Zone, ...] = (),
        wire: Wire | None = None,
    ) -> None:  # fmt: skip
        self.wire = wire or PickleWire()
        context = ProcessContext(make_site(zones=zones), ROBOT, folder)
        params = params or FoxgloveParams(enabled=True, port=0)
        self.component = FoxgloveBridge("r7", context, params)
        self.component.connect(self.wire)
        self.component.setup()
        self.mailbox = Mailbox(self.component.reads)
        self.now_s = 100.0

    @property
    def address(self) -> str:
        """Empty: it is not served."""
        server = self.component._server
        return "" if server is None else server.address

    def read(self, topic: Topic[Any], value: Any) -> None:
        """Another process publishes a row that the bridge reads."""
        self.mailbox.store(topic, value, self.now_s)

    def hear(self, topic: Topic[Any], message: bytes) -> None:
        """A host hands on what DDS has delivered, of rows that are asked for."""
        if topic in self.component.hears:
            self.component.hear(topic, message, self.now_s)

    def step(self, seconds: float = 0.02) -> None:
        self.now_s += seconds
        assert not list(self.component.step(self.mailbox.snapshot(), self.now_s))

    def until(self, happened: Callable[[], bool]) -> None:
        """Step until something has happened that another thread does."""
        end_s = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < end_s, "it did not happen"
            self.step()
            time.sleep(0.005)

    def until_heard(self, *topics: Topic[Any]) -> None:
        """Until exactly these rows are asked for."""
        self.until(lambda: {t.name for t in self.component.hears} == {t.name for t in topics})


@contextmanager
def bridge(folder: Path, **more: Any) -> Iterator[Bridge]:
    """A served bridge, closed afterwards."""
    made = Bridge(folder, **more)
    try:
        yield made
    finally:
        made.component.close()
