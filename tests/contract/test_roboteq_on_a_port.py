"""The Roboteq driver on a real port: a pseudo-terminal with the fake controller behind it."""

from __future__ import annotations

import os
import threading
import time
import tty
from collections.abc import Iterator

import pytest
from tests.controllers.fake import FakeClock
from tests.controllers.roboteq_fake import FakeRoboteq

from patrol_drivers.link import SerialLink
from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.roboteq.driver import RoboteqDriver
from patrol_drivers.roboteq.params import RoboteqParams


class Far:
    """Serves the fake controller on one end of a pseudo-terminal, in a thread."""

    def __init__(self) -> None:
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        self.port = os.ttyname(self._near)
        self.fake = FakeRoboteq(FakeClock())
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            heard = os.read(self._far, 100)
            if b"\x00" in heard:
                return
            answer = self.fake.answer(heard)
            os.write(self._far, answer[:3])
            os.write(self._far, answer[3:])

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
    params = RoboteqParams(port=far.port, reply_timeout_s=0.1, watchdog_s=1.0)
    driver = RoboteqDriver(params, SerialLink(params.port, params.baud), time.monotonic)
    assert driver.start() == "HDC2460, Roboteq v1.8 RCB500 08/28/2017"
    for _ in range(10):
        cycle = driver.cycle(WheelSpeeds(time.monotonic(), 1.0, -1.0, 5.0))
    assert cycle.sent is not None and cycle.sent.left_radps == pytest.approx(1.0, abs=0.01)
    assert cycle.readings is not None and cycle.readings.battery_v == 24.5
    assert far.fake.stored == [191, -191]
    driver.close()
    assert far.fake.stored == [0, 0]
