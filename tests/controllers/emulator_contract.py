"""What every emulated motor controller keeps to, in made-up time and on a pseudo-terminal."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import serial

from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import FaultBoard, parse_fault
from tests.controllers.served import served

PATIENCE_S = 10.0
"""A busy machine is given time; no test asserts one."""


class EmulatorContract(ABC):
    """Inherited by the tests of each emulator.

    A device that never answers overrides `understood` and `asks`, to look at its motors instead.
    """

    question: bytes
    """Reads something that does not change by itself; drives both wheels where nothing is read."""
    answer: bytes
    arm_watchdog: bytes
    """Sets the serial timeout to half a second."""
    drive: bytes
    """Drives both wheels, and is acknowledged or not."""
    halt: bytes
    """Stops both wheels, as the device's driver does; what ramps down is told zero already."""
    baud = 115200

    @abstractmethod
    def make(self, now_s: float) -> Emulator: ...

    @pytest.fixture
    def port(self, tmp_path: Path) -> Iterator[tuple[serial.Serial, Emulator, FaultBoard]]:
        name = tmp_path / "port"
        with (
            served(self.make, name, self.baud) as (emulator, faults),
            serial.Serial(str(name), self.baud, timeout=0.2) as driver,
        ):
            yield driver, emulator, faults

    def understood(self, emulator: Emulator, received: bytes, now_s: float) -> bool:
        """Whether the question, of which `received` came back at `now_s`, was understood."""
        return received == self.answer

    def asks(self, driver: serial.Serial, emulator: Emulator) -> bool:
        """Ask once; whether the answer is right."""
        driver.reset_input_buffer()
        driver.write(self.question)
        return driver.read(len(self.answer)) == self.answer

    def answered(self, driver: serial.Serial, emulator: Emulator) -> bool:
        """Ask, again and again if need be, until the answer is right."""
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            if self.asks(driver, emulator):
                return True
            time.sleep(0.05)
        return False

    def ask_for_long(self, driver: serial.Serial) -> None:
        for _ in range(round(PATIENCE_S / 0.2)):
            driver.write(self.question)
            driver.read(100)

    def test_what_it_does_depends_on_bytes_and_times_alone(self) -> None:
        def outcome(pause_s: float) -> tuple[bytes, object]:
            emulator, answers = self.make(100.0), b""
            answers += emulator.receive(self.drive, 100.0)
            for k in range(1, round(1.0 / pause_s) + 1):
                answers += emulator.step(100.0 + k * pause_s)
            answers += emulator.receive(self.question, 101.0)
            return answers, emulator.snapshot()

        assert outcome(0.001) == outcome(0.25) == outcome(1.0)

    def test_a_packet_may_come_byte_by_byte(self) -> None:
        emulator = self.make(0.0)
        answers = [emulator.receive(bytes((byte,)), 0.0) for byte in self.question]
        assert self.understood(emulator, b"".join(answers), 0.0)

    def test_any_bytes_are_borne_and_quiet_mends_it(self) -> None:
        emulator, rng = self.make(0.0), np.random.default_rng(5)
        for k in range(200):
            emulator.receive(rng.bytes(int(rng.integers(40))), k * 0.003)
        emulator.reset(10.0)
        emulator.step(20.0)
        assert self.understood(emulator, emulator.receive(self.question, 20.1), 20.1)

    def test_the_watchdog_stops_the_wheels(self) -> None:
        emulator = self.make(0.0)
        emulator.receive(self.arm_watchdog, 0.0)
        emulator.receive(self.drive, 0.01)
        emulator.step(0.45)
        seen = emulator.snapshot()
        assert min(map(abs, seen.speeds_radps)) > 1.0
        assert seen.watchdog_s == pytest.approx(0.5) and not seen.watchdog_tripped
        emulator.step(3.0)
        assert emulator.snapshot().watchdog_tripped
        assert emulator.snapshot().speeds_radps == (0.0, 0.0)

    def test_it_says_whether_a_motor_is_told_to_turn(self) -> None:
        emulator = self.make(0.0)
        told = [emulator.snapshot().commanded]
        for at_s, data in ((0.0, self.arm_watchdog), (0.01, self.drive), (0.3, self.halt)):
            emulator.receive(data, at_s)
            emulator.step(at_s + 0.1)
            told.append(emulator.snapshot().commanded)
        assert told == [False, False, True, False]
        assert min(map(abs, emulator.snapshot().speeds_radps)) > 0.1, "it does not stand yet"
        emulator.receive(self.drive, 0.5)
        assert emulator.snapshot().commanded and not emulator.snapshot().watchdog_tripped
        emulator.step(2.0)
        assert emulator.snapshot().watchdog_tripped and not emulator.snapshot().commanded
        emulator.receive(self.drive, 2.1)
        emulator.reset(2.2)
        assert not emulator.snapshot().commanded

    def test_a_reset_stops_the_wheels_and_the_device_comes_back(self) -> None:
        emulator = self.make(0.0)
        emulator.receive(self.drive, 0.0)
        emulator.step(1.0)
        emulator.reset(1.0)
        assert emulator.receive(self.question, 1.001) == b""
        emulator.step(20.0)
        assert emulator.snapshot().speeds_radps == (0.0, 0.0)
        assert self.understood(emulator, emulator.receive(self.question, 20.0), 20.0)

    def test_it_answers_and_drives(self, port: tuple[serial.Serial, Emulator, FaultBoard]) -> None:
        driver, emulator, _ = port
        assert self.answered(driver, emulator)
        end_s = time.monotonic() + PATIENCE_S
        while not all(emulator.snapshot().speeds_radps) and time.monotonic() < end_s:
            driver.write(self.drive)
            time.sleep(0.05)
        assert all(emulator.snapshot().speeds_radps)

    def test_a_port_can_be_closed_and_opened_again(
        self, port: tuple[serial.Serial, Emulator, FaultBoard]
    ) -> None:
        driver, emulator, _ = port
        assert self.answered(driver, emulator)
        driver.close()
        driver.open()
        assert self.answered(driver, emulator)

    def test_a_pulled_cable_is_an_error_and_comes_back_under_its_name(
        self, port: tuple[serial.Serial, Emulator, FaultBoard]
    ) -> None:
        driver, emulator, faults = port
        assert self.answered(driver, emulator)
        faults.add(parse_fault("unplug 0.3", time.monotonic()))
        with pytest.raises((serial.SerialException, OSError)):
            self.ask_for_long(driver)
        driver.close()
        end_s = time.monotonic() + PATIENCE_S
        while not Path(str(driver.port)).exists() and time.monotonic() < end_s:
            time.sleep(0.02)
        driver.open()
        assert self.answered(driver, emulator)

    def test_another_rate_is_garbage(
        self, port: tuple[serial.Serial, Emulator, FaultBoard]
    ) -> None:
        driver, emulator, _ = port
        assert self.answered(driver, emulator)
        driver.baudrate = 2400
        assert not self.asks(driver, emulator)
        driver.baudrate = self.baud
        assert self.answered(driver, emulator)

    def test_noise_passes(self, port: tuple[serial.Serial, Emulator, FaultBoard]) -> None:
        driver, emulator, faults = port
        faults.add(parse_fault("noise 0.3 2000", time.monotonic()))
        time.sleep(0.1)
        assert driver.read(10) != b""
        assert self.answered(driver, emulator)

    def test_the_name_is_there_while_it_is_served(self, tmp_path: Path) -> None:
        name = tmp_path / "port"
        with served(self.make, name):
            assert name.is_symlink() and name.is_char_device()
        assert not name.is_symlink()
