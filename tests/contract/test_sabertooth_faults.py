"""Every fault on a Sabertooth and on its line, in made-up time."""

from __future__ import annotations

import numpy as np
import pytest
from tests.controllers.sabertooth_emulated import packet

from patrol_emulators.faults import FaultBoard, FaultKind, parse_timed_fault
from patrol_emulators.link import Link
from patrol_emulators.sabertooth.controller import Sabertooth
from patrol_emulators.sabertooth.unit import SabertoothParams

ARM = packet(14, 3)
DRIVE = packet(0, 60) + packet(4, 60)
TURNING_RADPS = 2.0


class Cable:
    """A line of 9600 baud on which a driver repeats itself every 20 ms."""

    def __init__(self, *faults: str, version: int = 2) -> None:
        self.tooth = Sabertooth(SabertoothParams(version=version), 0.0)
        board = FaultBoard(parse_timed_fault(text, 0.0) for text in faults)
        self.link = Link(self.tooth, 9600, board, np.random.default_rng(3))
        self.now_s = 0.0
        self.received = b""

    def send(self, data: bytes, seconds: float) -> None:
        """Send `data` every 20 ms, for `seconds`."""
        for _ in range(round(seconds / 0.02)):
            sent_s, self.now_s = self.now_s, self.now_s + 0.02
            self.received += self.link.exchange(data, sent_s, self.now_s)

    @property
    def turns(self) -> bool:
        return min(self.tooth.snapshot().speeds_radps) > TURNING_RADPS


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_comes_and_goes(kind: FaultKind) -> None:
    cable = Cable(f"0.5 {kind.value} 0.5")
    cable.send(DRIVE, 0.5)
    assert cable.turns
    cable.send(DRIVE, 2.0)
    assert cable.link.faults.active == () and cable.tooth.snapshot().conditions == ()
    assert cable.turns
    assert bool(cable.received) == (kind in {FaultKind.NOISE, FaultKind.ECHO})


@pytest.mark.parametrize("fault", ["silence 4", "unplug 4", "drop 4 1", "flip 4 1"])
def test_a_line_that_is_cut_or_spoiled_ends_in_the_timeout(fault: str) -> None:
    cable = Cable(f"0.5 {fault}")
    cable.send(ARM, 0.1)
    cable.send(DRIVE, 0.6)
    before = cable.tooth.snapshot().packets
    assert cable.turns
    cable.send(DRIVE, 3.5)
    seen = cable.tooth.snapshot()
    assert seen.packets == before and seen.watchdog_tripped and not cable.turns
    cable.send(DRIVE, 1.0)
    assert not cable.tooth.snapshot().watchdog_tripped and cable.turns


@pytest.mark.parametrize("fault", ["reset 0", "brownout 0.1"])
def test_who_lost_power_has_no_timeout_and_drives_on_when_the_line_goes(fault: str) -> None:
    """Nothing tells the driver that its timeout is gone: it must send it again and again."""
    cable = Cable(f"0.5 {fault}", "2.0 silence 60")
    cable.send(ARM, 0.1)
    cable.send(DRIVE, 2.0)
    cable.send(DRIVE, 3.0)
    seen = cable.tooth.snapshot()
    assert (seen.watchdog_s, seen.watchdog_tripped) == (0.0, False) and cable.turns


def test_a_first_version_that_lost_power_is_deaf_until_the_bauding_byte() -> None:
    cable = Cable("0.5 reset 0", version=1)
    cable.send(b"\xaa" + DRIVE, 0.5)
    assert cable.turns
    cable.send(DRIVE, 4.0)
    assert not cable.turns
    cable.send(b"\xaa" + DRIVE, 1.0)
    assert cable.turns


@pytest.mark.parametrize("kind", ["estop", "overheat"])
def test_what_shuts_it_off_ends_without_a_word(kind: str) -> None:
    cable = Cable(f"0.5 {kind} 4.0")
    cable.send(DRIVE, 4.4)
    assert len(cable.tooth.snapshot().conditions) == 1 and not cable.turns
    cable.send(b"", 1.0)
    assert cable.turns


def test_held_wheels_draw_current_and_stand() -> None:
    cable = Cable("0.5 overcurrent 1.0")
    cable.send(DRIVE, 1.4)
    seen = cable.tooth.snapshot()
    assert seen.speeds_radps == (0.0, 0.0) and min(seen.currents_a) > 15.0


def test_noise_alone_seldom_moves_anything() -> None:
    """A check sum of seven bits lets a packet of noise pass now and then; not in these 20 s."""
    cable = Cable("0.0 noise 20 900")
    cable.send(b"", 20.0)
    seen = cable.tooth.snapshot()
    assert seen.rejected > 0 and seen.speeds_radps == (0.0, 0.0)
