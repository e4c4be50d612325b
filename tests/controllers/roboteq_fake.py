"""A Roboteq on the other end of a link: it speaks the real lines, and fails on command.

Written from the manual's command pages; it shares nothing with the driver. As the manual says, it
keeps its speeds when its watchdog has tripped, and runs on at the next command.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.controllers.fake import FakeClock, FakeController

PPR = 500
STOPPED_BY_ITSELF = 0x0E
"""Bits of ?FM that go out when the motor is commanded to zero."""


@dataclass(frozen=True)
class Driven:
    """One !S that the controller took, and whether its watchdog was read back before."""

    motor: int
    rpm: int
    watchdog_ms: int
    read_back: bool


class FakeRoboteq(FakeController):
    """Speeds are reached at once."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        clock.on_advance.append(self._roll)
        self.firmware, self.model = "Roboteq v1.8 RCB500 08/28/2017", "RCB500:HDC2460"
        self.stored_ms, self.stored_echo = 1000, True
        self.settings = {
            "MMOD": [1, 1],
            "EPPR": [PPR, -PPR],
            "MXRPM": [3000, 3000],
            "MXMD": [0],
            "MAC": [10000, 10000],
            "MDEC": [10000, 10000],
            "BLSTD": [2, 2],
            "CLERD": [2, 2],
        }
        self.faults, self.status = 0, 1
        self.flags = [0, 0]
        self.measured = {"A": [15, -2], "V": [118, 245, 5010], "T": [31, 29, 28]}
        self.unanswered: set[str] = set()
        self.refused: set[str] = set()
        self.mishears: list[tuple[bytes, bytes]] = []
        self.flip: tuple[int, int] | None = None
        self.misread: dict[str, str] = {}
        self.takes_watchdog = True
        self.stuck = False
        self.answer_s = 0.0
        self.bytes_read = 0
        self.driven: list[Driven] = []
        self.lines: list[str] = []
        self.trips = 0
        self.resumed = 0
        self.boot()

    def boot(self) -> None:
        """Power on: counters at zero, settings as stored, motors off, nothing half heard."""
        self.counts = [0.0, 0.0]
        self.stored = [0, 0]
        self.power = [0, 0]
        self.ramps: dict[tuple[str, int], int] = {}
        self.watchdog_ms, self.echo = self.stored_ms, self.stored_echo
        self.read_back = False
        self.half = ""
        self.tripped = False
        self._fed_s = self.clock()

    @property
    def rpm(self) -> list[int]:
        """What the motors do."""
        if self.tripped or self.faults & 0x10:
            return [0, 0]
        open_loop = self.settings["MMOD"][0] == 0
        told = self.power if open_loop else self.stored
        return [0 if f & STOPPED_BY_ITSELF else r for f, r in zip(self.flags, told, strict=True)]

    def _roll(self, dt_s: float) -> None:
        since_s = self.clock() - self._fed_s
        if self.watchdog_ms and since_s > self.watchdog_ms * 0.001 + 1e-9 and not self.tripped:
            self.trips += self.rpm != [0, 0]
            self.tripped = True
        if self.stuck:
            return
        per_s = 4.0 * PPR / 60.0 * dt_s
        self.counts = [c + v * per_s for c, v in zip(self.counts, self.rpm, strict=True)]

    def write(self, data: bytes) -> None:
        super().write(data)
        self.clock.advance(self.answer_s)

    def read(self, count: int, timeout_s: float) -> bytes:
        data = super().read(count, timeout_s)
        self.bytes_read += len(data)
        return data

    def answer(self, packet: bytes) -> bytes:
        for old, new in self.mishears[:1]:
            if old in packet:
                packet = packet.replace(old, new, 1)
                self.mishears.pop(0)
        packet = self._flipped(packet)
        before = list(self.stored) if self.tripped else [0, 0]
        out = ""
        *ended, half = packet.decode("latin-1").replace("_", "\r").split("\r")
        for part in ended:
            out += self._hear(part) + "\r" * self.echo + self._obey()
        out += self._hear(half)
        still = zip(before, self.rpm, strict=True)
        self.resumed += any(old and old == now for old, now in still)
        return out.encode("latin-1")

    def _flipped(self, packet: bytes) -> bytes:
        """`flip`: that byte from here on is heard with that bit wrong, once."""
        if self.flip is None:
            return packet
        at, bit = self.flip
        if at >= len(packet):
            self.flip = at - len(packet), bit
            return packet
        self.flip = None
        return packet[:at] + bytes((packet[at] ^ 1 << bit,)) + packet[at + 1 :]

    def _hear(self, part: str) -> str:
        """What comes back: all but the characters that have no effect."""
        heard = "".join(char for char in part if char >= " ")
        self.half += heard
        return heard if self.echo else ""

    def _obey(self) -> str:
        line, self.half = self.half, ""
        self.lines.append(line)
        name = line[1:].split(" ", maxsplit=1)[0].upper()
        if not line or line in self.unanswered or name in self.unanswered:
            return ""
        if line == "%RESET 321654987":
            self.boot()
            return ""
        try:
            arguments = [int(word) for word in line.split()[1:]]
            if name in self.refused or line[0] not in "!?~^":
                return "-\r"
            if line[0] == "!":
                return self._command(name, arguments)
            return self._set(name, arguments) if line[0] == "^" else self._told(name) + "\r"
        except (ValueError, KeyError, IndexError):
            return "-\r"

    def _command(self, name: str, arguments: list[int]) -> str:
        """One that is not known or has a wrong argument feeds nothing."""
        if name == "MG":
            self.faults &= ~0x10
        elif name == "EX":
            self.faults |= 0x10
        else:
            channel, value = arguments if len(arguments) == 2 else (1, arguments[0])
            self._move(name, (1, 2).index(channel), value)
        self._fed_s = self.clock()
        self.tripped = False
        return "+\r"

    def _move(self, name: str, motor: int, value: int) -> None:
        if name == "S":
            self.stored[motor] = value
            self.driven.append(Driven(motor + 1, value, self.watchdog_ms, self.read_back))
            if value == 0:
                self.flags[motor] &= ~STOPPED_BY_ITSELF
        elif name == "G":
            self.power[motor] = value
        elif name in {"AC", "DC"}:
            self.ramps[name, motor + 1] = value
        else:
            raise KeyError(name)

    def _set(self, name: str, arguments: list[int]) -> str:
        if name == "RWD":
            if self.takes_watchdog:
                self.watchdog_ms, self.read_back = arguments[0], False
        elif name == "ECHOF":
            self.echo = arguments[0] == 0
        else:
            raise KeyError(name)
        return "+\r"

    def _told(self, name: str) -> str:
        if name in self.misread:
            return self.misread.pop(name)
        if name == "RWD":
            self.read_back = True
        told = {
            "RWD": [self.watchdog_ms],
            "C": [math.floor(count + 2**31) % 2**32 - 2**31 for count in self.counts],
            "S": self.rpm,
            "FF": [self.faults],
            "FM": self.flags,
            "FS": [self.status],
            **self.measured,
            **self.settings,
        }
        texts = {"FID": self.firmware, "TRN": self.model}
        return f"{name}={texts[name] if name in texts else ':'.join(map(str, told[name]))}"
