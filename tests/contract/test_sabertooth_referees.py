"""The Sabertooth emulator before a driver that others wrote, over a real pseudo-terminal.

pysabertooth 0.4.0 was written for the 2x60, and for the 2x32. Where it errs, a test says so, with
what the guides ("Sabertooth 2x25 User's Guide", July 2007, and "Sabertooth 2x25 V2 User's Guide",
April 2012) have to say.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pysabertooth import Sabertooth as Referee
from tests.controllers.served import served

from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import FaultBoard, parse_fault
from patrol_emulators.sabertooth.controller import Sabertooth
from patrol_emulators.sabertooth.unit import BOOT_S, SabertoothParams

PATIENCE_S = 10.0
RESTART_S = 0.5
"""How long the maker's own library waits after command 15."""


def becomes(is_so: Callable[[], bool]) -> bool:
    end_s = time.monotonic() + PATIENCE_S
    while not is_so() and time.monotonic() < end_s:
        time.sleep(0.02)
    return is_so()


@contextmanager
def referee(name: Path, address: int = 128) -> Iterator[Referee]:
    driver = Referee(str(name), baudrate=9600, address=address)
    try:
        yield driver
    finally:
        driver.close()
        # Its destructor drives once more, whether the port is open or not.
        driver.saber = io.BytesIO()


class Served:
    """An emulator, its faults and its port."""

    def __init__(self, emulator: Emulator, faults: FaultBoard, name: Path) -> None:
        self.emulator = emulator
        self.faults = faults
        self.name = name

    def signs(self) -> tuple[int, ...]:
        """Which way each wheel turns: 1, 0 or -1."""
        speeds = self.emulator.snapshot().speeds_radps
        return tuple((speed > 0.0) - (speed < 0.0) for speed in speeds)


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Served]:
    with served(lambda now_s: Sabertooth(SabertoothParams(), now_s), tmp_path / "st0", 9600) as s:
        yield Served(*s, tmp_path / "st0")


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Served]:
    params = SabertoothParams(version=1)
    with served(lambda now_s: Sabertooth(params, now_s), tmp_path / "st0", 9600) as s:
        yield Served(*s, tmp_path / "st0")


def test_drives_version_2(second: Served) -> None:
    with referee(second.name) as driver:
        time.sleep(RESTART_S)
        driver.drive(1, 50)
        driver.drive(2, -75)
        assert becomes(lambda: second.signs() == (1, -1))
        driver.driveBoth(-100, 100)
        assert becomes(lambda: second.signs() == (-1, 1))
        driver.stop()
        assert becomes(lambda: second.signs() == (0, 0))
        assert second.emulator.snapshot().rejected == 0


def test_drives_version_1_after_its_bauding_byte(first: Served) -> None:
    with referee(first.name) as driver:
        driver.driveBoth(50, -50)
        assert becomes(lambda: first.signs() == (1, -1))
        assert first.emulator.snapshot().rejected == 1


def test_mixes(second: Served) -> None:
    with referee(second.name) as driver:
        time.sleep(RESTART_S)
        driver.sendCommand(driver.FORWARD_MIXED, 0)
        driver.sendCommand(driver.RIGHT_MIXED, 64)
        assert becomes(lambda: second.signs() == (1, -1))
        driver.sendCommand(driver.LEFT_MIXED, 64)
        assert becomes(lambda: second.signs() == (-1, 1))
        driver.sendCommand(driver.REVERSE_MIXED, 127)
        driver.sendCommand(driver.LEFT_MIXED, 0)
        assert becomes(lambda: second.signs() == (-1, -1))


def test_sets_the_timeout_and_is_stopped_by_it(second: Served) -> None:
    with referee(second.name) as driver:
        time.sleep(RESTART_S)
        driver.sendCommand(14, 5)
        driver.driveBoth(50, 50)
        assert becomes(lambda: second.signs() == (1, 1))
        assert becomes(lambda: second.emulator.snapshot().watchdog_tripped)
        assert becomes(lambda: second.signs() == (0, 0))


def test_errs_in_not_waiting_for_power(first: Served) -> None:
    """It sends the bauding byte at once. The guide of 2007 wants two seconds after power first."""
    first.faults.add(parse_fault("reset 0", time.monotonic()))
    time.sleep(0.1)
    with referee(first.name) as driver:
        time.sleep(BOOT_S[1])
        driver.driveBoth(50, 50)
        time.sleep(0.3)
        assert first.emulator.snapshot().packets == 0 and first.signs() == (0, 0)
        driver.saber.write(b"\xaa")
        driver.driveBoth(50, 50)
        assert becomes(lambda: first.signs() == (1, 1))


def test_errs_in_the_rate_115200(second: Served) -> None:
    """It sends 5 for it. The guide of 2012 has 1 to 4, up to 38400 baud (15, "Baud Rate")."""
    with referee(second.name) as driver:
        time.sleep(RESTART_S)
        driver.setBaudrate(115200)
        assert becomes(lambda: second.emulator.snapshot().rejected == 1)


def test_errs_in_staying_at_the_old_rate(second: Served) -> None:
    """It changes the unit's rate and not its own. The guide: the value "remains until changed"."""
    with referee(second.name) as driver:
        time.sleep(RESTART_S)
        driver.setBaudrate(38400)
        time.sleep(RESTART_S)
        driver.driveBoth(50, 50)
        time.sleep(0.3)
        assert second.emulator.snapshot().packets == 2 and second.signs() == (0, 0)
        assert driver.saber.baudrate == 9600


def test_errs_in_letting_any_address_pass(second: Served) -> None:
    """Its check of 128 to 135 never fails; to the unit 136 is another's address."""
    with referee(second.name, address=136) as driver:
        driver.driveBoth(50, 50)
        time.sleep(0.3)
        seen = second.emulator.snapshot()
        assert (seen.packets, seen.rejected) == (0, 0)


def test_errs_in_asking(second: Served) -> None:
    """It has text commands, of the 2x32; the 2x25 has no line back, and skips them."""
    with referee(second.name) as driver:
        time.sleep(RESTART_S)
        assert driver.textGet(b"m1: getb") == b""
        driver.driveBoth(50, 50)
        assert becomes(lambda: second.signs() == (1, 1))
