"""The RoboClaw driver on a real port: a pseudo-terminal with the fake controller behind it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest
from tests.controllers.fake import FakeClock
from tests.controllers.roboclaw_fake import WRITES, FakeRoboClaw

from patrol_drivers.link import SerialLink
from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams

PATIENCE_S = 20.0
"""On a busy machine a command can be too old before it is sent, and is a stop then."""


class Far:
    """Serves the fake controller on one end of a pseudo-terminal, in a thread."""

    def __init__(self) -> None:
        self._far, self._near = os.openpty()
        self.port = os.ttyname(self._near)
        self.fake = FakeRoboClaw(FakeClock())
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            head = self._take(2)
            data = WRITES.get(head[1])
            packet = head if data is None else head + self._take(data + 2)
            if len(packet) < 2 or head[0] == 0:
                return
            reply = self.fake.answer(packet)
            os.write(self._far, reply[:1])
            os.write(self._far, reply[1:])

    def _take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            taken += os.read(self._far, count - len(taken))
        return taken

    def close(self) -> None:
        os.write(self._near, b"\x00\x00")
        self._thread.join(timeout=5.0)
        os.close(self._near)
        os.close(self._far)


@pytest.fixture
def far() -> Iterator[Far]:
    far = Far()
    yield far
    far.close()


def test_start_drive_and_stop_over_a_port(far: Far) -> None:
    params = RoboClawParams(port=far.port, reply_timeout_s=0.1)
    driver = RoboClawDriver(params, SerialLink(params.port, params.baud), time.monotonic)
    assert driver.start() == "RoboClaw 2x30A v4.1.34"
    end_s = time.monotonic() + PATIENCE_S
    told: set[float | None] = set()
    while (far.fake.speeds != [652, -652] or 24.5 not in told) and time.monotonic() < end_s:
        cycle = driver.cycle(WheelSpeeds(time.monotonic(), 1.0, -1.0, 5.0))
        told.add(None if cycle.readings is None else cycle.readings.battery_v)
    assert far.fake.speeds == [652, -652] and 24.5 in told
    assert cycle.sent is not None and cycle.sent.left_radps in (0.0, pytest.approx(1.0, abs=0.01))
    driver.close()
    assert far.fake.speeds == [0, 0]
