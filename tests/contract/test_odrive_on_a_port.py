"""The ODrive driver on a real port: a pseudo-terminal with the fake controller behind it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest
from tests.controllers.fake import FakeClock
from tests.controllers.odrive_fake import FakeODrive

from patrol_drivers.link import SerialLink
from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.odrive.driver import ODriveDriver
from patrol_drivers.odrive.params import ODriveParams


class Far:
    """Serves the fake controller on one end of a pseudo-terminal, in a thread."""

    def __init__(self) -> None:
        self._far, self._near = os.openpty()
        self.port = os.ttyname(self._near)
        self.fake = FakeODrive(FakeClock())
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        received = b""
        while b"\x00" not in received:
            received += os.read(self._far, 64)
            *lines, received = received.split(b"\n")
            for line in lines:
                reply = self.fake.answer(line + b"\n")
                os.write(self._far, reply[:1])
                os.write(self._far, reply[1:])

    def close(self) -> None:
        os.write(self._near, b"\x00")
        self._thread.join(timeout=5.0)
        os.close(self._near)
        os.close(self._far)


@pytest.fixture
def far() -> Iterator[Far]:
    far = Far()
    yield far
    far.close()


def test_start_drive_and_stop_over_a_port(far: Far) -> None:
    params = ODriveParams(port=far.port, reply_timeout_s=0.1)
    driver = ODriveDriver(params, SerialLink(params.port, params.baud), time.monotonic)
    assert driver.start() == "ODrive v3.6-56V firmware 0.5.6"
    for _ in range(10):
        cycle = driver.cycle(WheelSpeeds(time.monotonic(), 1.0, -1.0, 5.0))
    assert cycle.sent is not None and cycle.sent.left_radps == pytest.approx(1.0, abs=0.001)
    assert cycle.readings is not None and cycle.readings.battery_v == 24.5
    driver.close()
    last = far.fake.driven[-1]
    assert last.turns_per_s == 0.0
    assert {driven.turns_per_s for driven in far.fake.driven} == {0.0, 0.1592, -0.1592}
