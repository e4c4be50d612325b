"""Every driver on a real port: a pseudo-terminal with its emulator behind it, in real time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from _controllers import PAIRS, Pair
from tests.controllers.served import served

from patrol_drivers.errors import DriverError
from patrol_drivers.link import SerialLink
from patrol_drivers.motors import WheelSpeeds

PATIENCE_S = 20.0
"""On a busy machine answers come late and commands are stops; the driver then begins anew."""


def comes_true(fact: Callable[[], bool], meanwhile: Callable[[], object]) -> bool:
    end_s = time.monotonic() + PATIENCE_S
    while not fact() and time.monotonic() < end_s:
        meanwhile()
    return fact()


def rest() -> None:
    time.sleep(0.01)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_start_drive_and_stop_over_a_port(pair: Pair, tmp_path: Path) -> None:
    name = tmp_path / "port"
    with served(pair.make_emulator, name, pair.baud) as (emulator, _):
        driver = pair.make_driver(str(name), SerialLink(str(name), pair.baud), time.monotonic)
        with contextlib.suppress(DriverError):
            driver.start()
        read = []

        def drive() -> None:
            cycle = driver.cycle(WheelSpeeds(time.monotonic(), 3.0, -3.0, 10.0))
            read.append(cycle.readings is not None)
            rest()

        def is_driven() -> bool:
            left, right = emulator.snapshot().speeds_radps
            return left > 2.0 and right < -2.0

        assert comes_true(is_driven, drive)
        assert any(read)
        driver.close()
        assert comes_true(lambda: not any(emulator.snapshot().speeds_radps), rest)
