"""The Sabertooth driver on a real port: a pseudo-terminal, of which the other end is read."""

from __future__ import annotations

import os
import time

import pytest
from tests.controllers.fake import FakeClock
from tests.controllers.sabertooth_fake import FakeSabertooth

from patrol_drivers.link import SerialLink
from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.sabertooth.driver import SabertoothDriver
from patrol_drivers.sabertooth.params import SabertoothParams

BURST = 12
"""Bytes of one cycle."""


def taken(far: int, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += os.read(far, count - len(data))
    return data


def test_start_drive_and_stop_over_a_port() -> None:
    far, near = os.openpty()
    params = SabertoothParams(port=os.ttyname(near), baud=115200, watchdog_declared=True)
    driver = SabertoothDriver(params, SerialLink(params.port, params.baud), time.monotonic)
    fake = FakeSabertooth(FakeClock())
    assert "128" in driver.start()
    fake.answer(taken(far, BURST))
    for _ in range(100):  # a busy machine is given time: a pause makes the ramp begin anew
        cycle = driver.cycle(WheelSpeeds(time.monotonic(), 12.0, -12.0, 10.0))
        assert cycle.sent is not None
        fake.answer(taken(far, BURST))
        assert cycle.sent.left_radps == pytest.approx(fake.steps[0] * params.radps_per_step)
        if fake.steps[0] > 5:
            break
        time.sleep(0.005)
    assert fake.steps[0] == -fake.steps[1] > 0
    driver.close()
    fake.answer(taken(far, 3 * BURST))
    assert fake.steps == [0, 0] and fake.timeout == 1 and fake.rejected == 0
    os.close(near)
    os.close(far)
