"""The RoboClaw emulator before two drivers that others wrote, over a real pseudo-terminal.

basicmicro 2.0.10 is the maker's library of today, tcr-roboclaw 0.1.5 carries the maker's first
one. Where a referee errs, a test says so, with what the manual ("RoboClaw Series Brushed DC Motor
Controllers User Manual") has to say. roboclaw_python 0.10.2 can be no referee: it sets a modem
line that no pseudo-terminal has, and takes the CRC of an answer into the CRC that it compares.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from basicmicro import Basicmicro
from basicmicro.exceptions import PacketTimeoutError
from tcr_roboclaw import Roboclaw as TcrRoboclaw
from tests.controllers.roboclaw_emulated import ADDRESS
from tests.controllers.served import served

from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import FaultBoard, parse_fault
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.unit import RoboclawParams

PATIENCE_S = 10.0
BETWEEN_BYTES_S = 0.2


class Served:
    """An emulator, its faults, and a referee that talks to it."""

    def __init__(self, emulator: Emulator, faults: FaultBoard, name: Path) -> None:
        self.emulator = emulator
        self.faults = faults
        self.name = name

    def wait_for(self, is_so: Callable[[], bool]) -> bool:
        end_s = time.monotonic() + PATIENCE_S
        while not is_so() and time.monotonic() < end_s:
            time.sleep(0.02)
        return is_so()

    def both_turn(self) -> bool:
        return self.wait_for(
            lambda: min(abs(speed) for speed in self.emulator.snapshot().speeds_radps) > 2.0
        )

    def both_stand(self) -> bool:
        return self.wait_for(lambda: self.emulator.snapshot().speeds_radps == (0.0, 0.0))


@pytest.fixture
def claw(tmp_path: Path) -> Iterator[Served]:
    name = tmp_path / "rc0"
    with served(lambda now_s: Roboclaw(RoboclawParams(), now_s), name) as (emulator, faults):
        yield Served(emulator, faults, name)


@pytest.fixture
def maker(claw: Served) -> Iterator[Any]:
    driver = Basicmicro(str(claw.name), 115200, timeout=BETWEEN_BYTES_S, retries=5)
    assert driver.Open()
    yield driver
    driver.close()


@pytest.fixture
def tcr(claw: Served) -> Iterator[Any]:
    driver = TcrRoboclaw(str(claw.name), 115200, ADDRESS, BETWEEN_BYTES_S, retries=5)
    assert driver.open()
    yield driver
    driver._port.close()


class TestBasicmicro:
    def test_reads(self, maker: Any) -> None:
        assert maker.ReadVersion(ADDRESS) == (True, "RoboClaw 2x30A v4.2.4\n")
        assert maker.ReadMainBatteryVoltage(ADDRESS) == (1, 255)
        assert maker.ReadLogicBatteryVoltage(ADDRESS) == (1, 255)
        assert maker.ReadCurrents(ADDRESS) == (True, 0, 0)
        assert maker.ReadPWMs(ADDRESS) == (True, 0, 0)
        assert maker.ReadTemp(ADDRESS) == maker.ReadTemp2(ADDRESS) == (1, 250)
        assert maker.ReadBuffers(ADDRESS) == (1, 0x80, 0x80)
        assert maker.GetEncoders(ADDRESS) == (1, 0, 0)
        assert maker.ReadError(ADDRESS) == (1, 0)

    def test_settings_come_back(self, maker: Any) -> None:
        assert maker.ReadM1VelocityPID(ADDRESS) == (True, 1.0, 0.5, 0.25, 44000)
        assert maker.SetM1VelocityPID(ADDRESS, 2.0, 0.75, 0.125, 12345)
        assert maker.SetM2VelocityPID(ADDRESS, 3.0, 0.5, 0.0, 54321)
        assert maker.ReadM1VelocityPID(ADDRESS) == (True, 2.0, 0.75, 0.125, 12345)
        assert maker.ReadM2VelocityPID(ADDRESS) == (True, 3.0, 0.5, 0.0, 54321)
        assert maker.SetTimeout(ADDRESS, 2.5) and maker.GetTimeout(ADDRESS) == (True, 2.5)
        assert maker.SetEncM1(ADDRESS, 4000000000) and maker.SetEncM2(ADDRESS, 7)
        assert maker.GetEncoders(ADDRESS) == (1, 4000000000, 7)
        assert maker.ReadEncM1(ADDRESS) == (1, 4000000000, 0)
        assert maker.ResetEncoders(ADDRESS) and maker.GetEncoders(ADDRESS) == (1, 0, 0)
        assert maker.WriteNVM(ADDRESS)

    def test_drives(self, claw: Served, maker: Any) -> None:
        assert maker.DutyM1M2(ADDRESS, 12000, -12000)
        assert claw.both_turn()
        assert maker.ReadPWMs(ADDRESS) == (True, 12000, -12000)
        assert maker.ReadEncM2(ADDRESS)[1:] > (2**31, 0b010)
        assert maker.DutyM1(ADDRESS, 0) and maker.DutyM2(ADDRESS, 0)
        assert claw.both_stand()
        assert maker.SpeedAccelM1M2(ADDRESS, 60000, 9000, 9000)
        assert claw.both_turn()
        assert maker.SpeedM1M2(ADDRESS, 0, 0)
        assert maker.DutyAccelM1M2(ADDRESS, 655359, 9000, 655359, 9000)
        assert claw.both_turn()
        assert maker.SpeedDistanceM1M2(ADDRESS, 9000, 10**6, 9000, 10**6, 1)
        assert maker.SpeedDistanceM1(ADDRESS, 0, 0, 0)
        assert maker.ReadBuffers(ADDRESS) == (1, 1, 0)

    def test_sees_faults_and_the_watchdog(self, claw: Served, maker: Any) -> None:
        claw.faults.add(parse_fault("overheat 60 90", time.monotonic()))
        claw.faults.add(parse_fault("estop 60", time.monotonic()))
        both = Basicmicro.ERROR_ESTOP | Basicmicro.WARN_TEMP << 16
        assert claw.wait_for(lambda: maker.ReadError(ADDRESS) == (1, both))
        assert maker.ReadTemp(ADDRESS) == (1, 900)
        assert maker.SetTimeout(ADDRESS, 0.1)
        assert claw.wait_for(lambda: claw.emulator.snapshot().watchdog_tripped)

    def test_errs_in_the_sign_of_speeds(self, claw: Served, maker: Any) -> None:
        """It reads every speed as unsigned. Commands 79 and 108 have no direction byte (p. 89).

        So the sign can only be in the number.
        """
        assert maker.DutyM1M2(ADDRESS, -12000, -12000)
        assert claw.both_turn()
        for read in (maker.GetISpeeds, maker.GetSpeeds):
            assert read(ADDRESS)[1] - 2**32 < 0
        speed, direction = maker.ReadSpeedM1(ADDRESS)[1:]
        assert speed - 2**32 < 0 and direction == 1

    def test_errs_in_commands_0_to_7(self, claw: Served, maker: Any) -> None:
        """It sends 52 instead, with a broken number, and stops in the middle of the packet.

        The manual (p. 63) has them take one byte of 0 to 127, as tcr-roboclaw sends it.
        """
        with pytest.raises(PacketTimeoutError):
            maker.ForwardM1(ADDRESS, 64)
        assert claw.emulator.snapshot().packets == 0

    def test_errs_in_taking_any_byte_for_an_acknowledgement(
        self, claw: Served, maker: Any
    ) -> None:
        """The acknowledgement is 0xFF, and a wrong packet has none (p. 59).

        On a line with an echo its own first byte satisfies it: command 133 is not emulated.
        """
        claw.faults.add(parse_fault("echo 60", time.monotonic()))
        assert maker.SetM1MaxCurrent(ADDRESS, 1000, 0)
        assert claw.emulator.snapshot().packets == 0

    def test_knows_only_the_newer_status(self, tmp_path: Path) -> None:
        """It reads 32 bits. The older edition of the manual has 16 (p. 74)."""
        params, name = RoboclawParams(wide_status=False), tmp_path / "rc0"
        with served(lambda now_s: Roboclaw(params, now_s), name):
            driver = Basicmicro(str(name), 115200, timeout=BETWEEN_BYTES_S, retries=1)
            assert driver.Open()
            with pytest.raises(PacketTimeoutError):
                driver.ReadError(ADDRESS)
            driver.close()


class TestTcrRoboclaw:
    def test_reads(self, tcr: Any) -> None:
        assert tcr.ReadVersion() == (1, "RoboClaw 2x30A v4.2.4\n")
        assert tcr.ReadMainBatteryVoltage() == tcr.ReadLogicBatteryVoltage() == (1, 255)
        assert tcr.ReadCurrents() == tcr.ReadPWMs() == (1, 0, 0)
        assert tcr.ReadTemp() == tcr.ReadTemp2() == (1, 250)
        assert tcr.ReadBufferLengths() == (1, 0x80, 0x80)
        assert tcr.GetEncoderCounters() == [1, 0, 0]
        assert tcr.ReadError() == (1, 0)

    def test_settings_come_back(self, tcr: Any) -> None:
        assert tcr.SetM1VelocityPID(2.0, 0.75, 0.125, 12345)
        assert tcr.ReadM1VelocityPID() == [1, 2.0, 0.75, 0.125, 12345]
        assert tcr.SetSerialTimeout(25) and tcr.ReadSerialTimeout() == (1, 25)
        assert tcr.SetEncM2(7) and tcr.ReadEncM2() == (1, 7, 0)

    def test_drives_by_commands_0_to_7(self, claw: Served, tcr: Any) -> None:
        assert tcr.ForwardM1(64) and tcr.BackwardM2(64)
        assert claw.both_turn()
        assert tcr.ReadPWMs() == (1, 16513, -16513)
        assert tcr.ForwardBackwardM1(64) and tcr.ForwardBackwardM2(64)
        assert claw.both_stand()

    def test_drives_by_speed_and_reads_its_sign(self, claw: Served, tcr: Any) -> None:
        assert tcr.SpeedM1M2(9000, -9000)
        assert claw.wait_for(lambda: tcr.ReadSpeedM1()[1] > 8000)
        assert tcr.ReadSpeedM1()[2] == 0
        assert claw.wait_for(lambda: tcr.ReadSpeedM2()[1] < -8000)
        assert tcr.ReadISpeedM2()[2] == 1
        assert tcr.ReadISpeedM2()[1] < -8000
        assert claw.wait_for(lambda: tcr.GetMotorAverageSpeeds()[2] < -8000)

    def test_errs_in_the_sign_of_command_79(self, claw: Served, tcr: Any) -> None:
        """It reads 79 as unsigned, but 108, which has the same answer (p. 89), as signed."""
        assert tcr.DutyM1M2(-12000, -12000)
        assert claw.both_turn()
        assert claw.wait_for(lambda: tcr.GetMotorAverageSpeeds()[1] < 0)
        assert tcr.GetISpeedCounters()[1] - 2**32 < 0
