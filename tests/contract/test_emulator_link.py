"""The cable and its faults, in made-up time."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from tests.controllers.roboclaw_emulated import question, request

from patrol_emulators.errors import FaultTextError
from patrol_emulators.faults import FaultBoard, FaultKind, parse_fault, parse_timed_fault
from patrol_emulators.link import Link, SerialLine
from patrol_emulators.port import Orders, PtyPort, Server
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.unit import RoboclawParams

BAUD = 115200
BYTE_S = 10.0 / BAUD
TIMEOUT = question(15)
ANSWER = b"\x00\x2b\x64"


class Cable:
    """A link whose clock goes in short steps, as a port's loop would drive it."""

    def __init__(self, *faults: str, baud: int = BAUD) -> None:
        self.claw = Roboclaw(RoboclawParams(), 0.0)
        self.board = FaultBoard(parse_timed_fault(text, 0.0) for text in faults)
        self.link = Link(self.claw, baud, self.board, np.random.default_rng(3))
        self.now_s = 0.0
        self.arrivals: list[tuple[float, bytes]] = []

    def run(self, seconds: float, data: bytes = b"", step_s: float = 1e-3) -> bytes:
        """Send `data` now, wait, and say what has come by then."""
        end_s, got = self.now_s + seconds, b""
        while self.now_s < end_s - 1e-9:
            sent_s, self.now_s = self.now_s, self.now_s + step_s
            some = self.link.exchange(data, sent_s, self.now_s)
            data = b""
            if some:
                self.arrivals.append((self.now_s, some))
                got += some
        return got


def test_bytes_take_ten_bits_each_both_ways() -> None:
    cable = Cable(baud=9600)
    assert cable.run(0.020, TIMEOUT, 1e-4) == ANSWER
    expected = [(2 + k) * 10.0 / 9600 for k in (1, 2, 3)]
    assert [at for at, _ in cable.arrivals] == pytest.approx(expected, abs=1.1e-4)
    assert not cable.link.busy


def test_a_line_sends_one_byte_after_the_other() -> None:
    line = SerialLine(1000)
    line.push(b"ab", 1.0)
    line.push(b"c", 1.005)
    assert line.pop(1.0099) == []
    assert line.pop(1.0301) == [
        (pytest.approx(t), b) for t, b in ((1.01, 97), (1.02, 98), (1.03, 99))
    ]
    assert not line.busy


def test_a_slow_line_does_not_time_out_a_packet() -> None:
    packet = request(14, "B", 7)
    assert Cable(baud=1200).run(0.1, packet) == b"\xff"


@pytest.mark.parametrize("kind", [kind.value for kind in FaultKind])
def test_every_fault_comes_and_goes(kind: str) -> None:
    cable = Cable(f"0.05 {kind} 0.1")
    assert cable.run(0.04, TIMEOUT) == ANSWER
    cable.run(0.05, request(14, "B", 0))
    assert kind == "reset" or [f.kind.value for f in cable.board.active] == [kind]
    cable.run(0.8)
    assert cable.board.active == ()
    assert cable.run(0.05, TIMEOUT) == ANSWER


def test_silence_swallows_both_ways_and_the_watchdog_sees_to_it() -> None:
    cable = Cable("0.1 silence 1.0")
    cable.run(0.05, request(14, "B", 2) + request(34, "hh", 9000, 9000))
    cable.run(0.1)
    assert cable.run(0.2, TIMEOUT) == b""
    assert cable.claw.snapshot().watchdog_tripped


def test_a_cable_that_is_pulled_loses_what_is_on_it() -> None:
    cable = Cable("0.002 unplug 0.5", baud=1200)
    assert cable.run(1.0, TIMEOUT) == b""


def test_noise_is_spread_over_its_time_and_moves_nothing() -> None:
    cable = Cable("0.0 noise 1.0 1000")
    assert 850 < len(cable.run(1.0)) < 1150
    assert cable.run(0.5) == b""
    assert cable.claw.snapshot().speeds_radps == (0.0, 0.0)


def test_flipped_bits_are_one_a_byte() -> None:
    cable = Cable("0.0 flip 1.0 1")
    answer = cable.run(0.1, TIMEOUT)
    assert answer == b""
    assert cable.claw.snapshot().packets == 0


def test_dropped_bytes_are_a_share() -> None:
    cable = Cable("0.0 drop 10 0.5", "0.0 echo 10")
    length = len(cable.run(0.2, b"\x55" * 1000))
    assert 430 < length < 570


def test_split_answers_come_byte_by_byte() -> None:
    cable = Cable("0.0 split 1.0 0.004")
    assert cable.run(0.1, TIMEOUT, 1e-4) == ANSWER
    times = [at for at, _ in cable.arrivals]
    assert np.diff(times) == pytest.approx([0.004, 0.004], abs=3e-4)


def test_merged_answers_come_together() -> None:
    cable = Cable("0.0 merge 1.0 0.05")
    cable.run(0.02, TIMEOUT)
    cable.run(0.02, TIMEOUT)
    assert cable.arrivals == []
    assert cable.run(0.02) == ANSWER * 2
    assert len(cable.arrivals) == 1


def test_delay_and_echo() -> None:
    late = Cable("0.0 delay 1.0 0.03")
    assert late.run(0.03, TIMEOUT) == b""
    assert late.run(0.01) == ANSWER
    assert Cable("0.0 echo 1.0").run(0.1, TIMEOUT) == TIMEOUT + ANSWER


def test_faults_of_the_device_reach_it() -> None:
    cable = Cable(
        "0 estop 1", "0 overheat 1 90", "0 brownout 1 5.7", "0 overcurrent 1 50", "0 stuck 1 2"
    )
    cable.run(0.05)
    plant = cable.claw.plant
    assert plant.estop_pressed and plant.temperature_c == 90.0 and plant.supply_v == 5.7
    assert [motor.load_nm for motor in plant.motors] == [50.0, 50.0]
    assert cable.claw.snapshot().conditions == (
        "E-stop", "main voltage low warning", "temperature warning"
    )  # fmt: skip
    cable.run(1.0)
    assert not plant.estop_pressed and plant.forced_c is None and plant.forced_v is None
    assert plant.motors[0].load_nm == 0.0


def test_a_later_fault_of_a_kind_replaces_an_earlier_one() -> None:
    cable = Cable("0 overheat 1 90", "0.01 overheat 0.02 95")
    cable.run(0.02)
    assert cable.claw.plant.temperature_c == 95.0
    cable.run(0.02)
    assert cable.claw.plant.temperature_c == 90.0


def test_a_late_server_is_no_pause_on_the_line(tmp_path: Path) -> None:
    server = Server(PtyPort(tmp_path / "port", BAUD), Cable().link, lambda: 1.0)
    assert server._sent_s(has_data=True, wait_s=0.005, now_s=1.1) == 1.1
    server._looked_s = 1.102
    assert server._sent_s(has_data=True, wait_s=0.005, now_s=1.130) == 1.102
    server._looked_s = 1.160
    assert server._sent_s(has_data=True, wait_s=0.005, now_s=1.161) == 1.161


def test_orders_are_lines_and_what_is_none_is_complained_of() -> None:
    reading, writing = os.pipe()
    complaints: list[str] = []
    orders = Orders(reading, complaints.append)
    os.write(writing, b"noise 2\n\nhum 3\nest")
    assert [(f.kind, f.start_s) for f in orders.read(5.0)] == [(FaultKind.NOISE, 5.0)]
    assert len(complaints) == 1 and "hum 3" in complaints[0]
    os.write(writing, b"op 1\n")
    os.close(writing)
    assert [fault.kind for fault in orders.read(6.0)] == [FaultKind.ESTOP]
    assert orders.is_open and orders.read(7.0) == [] and not orders.is_open
    os.close(reading)


@pytest.mark.parametrize(
    "text",
    ["", "noise", "hum 2", "noise two", "noise 2 3 4", "noise -1", "noise nan", "drop 1 inf"],
)
def test_what_is_no_fault_is_told(text: str) -> None:
    with pytest.raises(FaultTextError, match="noise"):
        parse_fault(text, 0.0)


def test_a_timed_fault_needs_a_time() -> None:
    fault = parse_timed_fault(" 5 noise 2.0", 100.0)
    assert (fault.start_s, fault.duration_s, fault.amount) == (105.0, 2.0, 200.0)
    with pytest.raises(FaultTextError, match="not a time"):
        parse_timed_fault("noise 2.0", 0.0)
