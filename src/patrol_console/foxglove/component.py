"""The component that shows engineers' tools what the robot says, while somebody looks.

Listens to nothing that no client wants. Takes nothing from them: there is no way from here to
any row.
"""

from __future__ import annotations

import logging
from typing import Any

from patrol_console.foxglove.hub import Hub
from patrol_console.foxglove.outbox import Message
from patrol_console.foxglove.params import FoxgloveParams
from patrol_console.foxglove.protocol import Channel
from patrol_console.foxglove.rows import SHOWN, nameless
from patrol_console.foxglove.server import FoxgloveServer
from patrol_core.component import Inputs, Outputs, ProcessContext
from patrol_core.errors import RondaError
from patrol_core.topics import AMCL_POSE, Topic
from patrol_core.wire import Wire, WireComponent
from patrol_records.flight.privacy import Veil
from patrol_records.flight.rows import WORDED

TIME_PERIOD_S = 0.1
_NUMBERS = {topic.name: number for number, topic in enumerate(SHOWN, 1)}
_log = logging.getLogger(__name__)


class FoxgloveBridge(WireComponent):
    """Stands after the console's link. A bridge that cannot be served is said, and harms nothing
    else; where messages are not bytes it does nothing.
    """

    name = "foxglove"
    rate_hz = 50.0
    reads = (AMCL_POSE,)
    writes = ()

    def __init__(self, robot_name: str, context: ProcessContext, params: FoxgloveParams) -> None:
        self.hears = ()
        self._robot_name, self._params = robot_name, params
        self._session = context.run_folder.name
        self._veil = Veil(context.site, context.robot, context.epoch_s)
        self._wire: Wire | None = None
        self._hub: Hub | None = None
        self._server: FoxgloveServer | None = None
        self._wanted: frozenset[int] = frozenset()
        self._time_s = float("-inf")

    def connect(self, wire: Wire) -> None:
        self._wire = wire

    def setup(self) -> None:
        if self._wire is None:
            return
        try:
            hub = self._make_hub(self._wire)
            server = FoxgloveServer(hub, self._params)
            server.start()
        except (RondaError, FileNotFoundError) as error:
            _log.error("the Foxglove bridge is not served: %s", error)
            return
        self._hub, self._server = hub, server

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._hub = self._server = None

    def _make_hub(self, wire: Wire) -> Hub:
        channels = [
            Channel(_NUMBERS[topic.name], f"/{topic.name}", topic.ros_type, wire.schema(topic))
            for topic in SHOWN
        ]
        latched = frozenset(_NUMBERS[topic.name] for topic in SHOWN if topic.latched)
        return Hub(self._robot_name, self._session, channels, latched)

    def hear(self, topic: Topic[Any], message: bytes, received_s: float) -> None:
        if self._hub is None or self._wire is None:
            return
        try:
            shown = self._shown(topic, message, self._wire)
        except ValueError:
            return
        if shown is not None:
            self._hub.publish(_NUMBERS[topic.name], Message(received_s, shown))

    def _shown(self, topic: Topic[Any], message: bytes, wire: Wire) -> bytes | None:
        """A message as it may be shown; None: not at all. Raises ValueError for no message."""
        if topic.name in WORDED:
            value = nameless(wire.decode(topic, message))
            if value is None:
                return None
            message = wire.encode(topic, value)
        return self._veil.passes(topic, message, wire)

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        if self._hub is not None:
            self._look(self._hub, inputs, now_s)
        return Outputs()

    def _look(self, hub: Hub, inputs: Inputs, now_s: float) -> None:
        wanted = hub.wanted()
        if wanted != self._wanted:
            self._wanted = wanted
            self.hears = tuple(topic for topic in SHOWN if _NUMBERS[topic.name] in wanted)
        if wanted:
            self._veil.refresh(inputs.fresh(AMCL_POSE, now_s), now_s)
        if abs(now_s - self._time_s) >= TIME_PERIOD_S - 1e-9:
            self._time_s = now_s
            hub.tell_time(now_s)
