"""The ODrive's driver on a line that takes its time: byte after byte, both ways at once."""

from __future__ import annotations

import pytest
from tests.controllers.fake import FakeClock
from tests.controllers.odrive_fake import FakeODrive

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.odrive.driver import ODriveDriver
from patrol_drivers.odrive.params import ODriveParams

PERIOD_S = 0.02
ADAPTER_S = 0.001
"""How long a USB adapter keeps what came."""


class PacedLine:
    """A `patrol_drivers.link.Link` to a fake controller. `write` does not wait."""

    def __init__(self, fake: FakeODrive, clock: FakeClock, byte_s: float) -> None:
        self._fake = fake
        self._clock = clock
        self._byte_s = byte_s
        self._there: list[tuple[float, bytes]] = []
        self._back: list[tuple[float, int]] = []
        self._out_s = self._in_s = 0.0

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def write(self, data: bytes) -> None:
        for line in data.splitlines(keepends=True):
            self._out_s = max(self._out_s, self._clock()) + len(line) * self._byte_s
            self._there.append((self._out_s, line))

    def read(self, count: int, timeout_s: float) -> bytes:
        end_s = self._clock() + timeout_s
        while True:
            self._carry()
            came = [byte for arrived_s, byte in self._back if arrived_s <= self._clock()][:count]
            if len(came) == count or self._clock() >= end_s:
                del self._back[: len(came)]
                return bytes(came)
            self._clock.advance(min(0.0001, end_s - self._clock()))

    def flush_input(self) -> None:
        self._carry()
        self._back = [(at_s, byte) for at_s, byte in self._back if at_s > self._clock()]

    def _carry(self) -> None:
        while self._there and self._there[0][0] <= self._clock():
            arrived_s, line = self._there.pop(0)
            for byte in self._fake.answer(line):
                self._in_s = max(self._in_s, arrived_s) + self._byte_s
                self._back.append((self._in_s + ADAPTER_S, byte))


@pytest.mark.parametrize("baud", [115200, 921600])
def test_a_cycle_fits_the_period(baud: int) -> None:
    """At full speed, far from zero, so that numbers are long; also when the ramp changes, and when
    a stop comes right behind a change."""
    clock = FakeClock()
    fake = FakeODrive(clock)
    line = PacedLine(fake, clock, 10.0 / baud)
    driver = ODriveDriver(ODriveParams(baud=baud), line, clock)
    driver.start()
    for axis in fake.axes:
        axis.numbers["encoder.pos_estimate"] = -1000.123456
    driver.cycle(None)
    clock.advance(PERIOD_S)
    longest_s = 0.0
    for number in range(100):
        begun_s = clock()
        acceleration = 5.0 if number % 20 < 10 else 8.0
        going = WheelSpeeds(clock(), -11.9, 11.9, acceleration)
        cycle = driver.cycle(None if number % 30 in {21, 22} else going)
        longest_s = max(longest_s, clock() - begun_s)
        assert cycle.events == () and cycle.readings is not None
        clock.advance(max(begun_s + PERIOD_S - clock(), 0.0))
    assert longest_s < PERIOD_S
    assert fake.axes[1].turns_per_s == pytest.approx(11.9 / 6.2832, abs=1e-3)


def test_the_start_takes_a_fraction_of_a_second_and_no_watchdog_expires() -> None:
    clock = FakeClock()
    fake = FakeODrive(clock)
    line = PacedLine(fake, clock, 10.0 / 115200)
    driver = ODriveDriver(ODriveParams(), line, clock)
    driver.start()
    assert clock() - 100.0 < 0.3
    assert fake.trips == 0
    assert all(axis.armed for axis in fake.axes)
