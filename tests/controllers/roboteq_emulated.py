"""The Roboteq's emulator in made-up time, and what its answers say."""

from __future__ import annotations

from patrol_emulators.roboteq.controller import Roboteq
from patrol_emulators.roboteq.unit import RoboteqParams

DONE = b"+\r"
REFUSED = b"-\r"


class RoboteqBench:
    """A Roboteq without echo, and a clock that moves when told to."""

    def __init__(self, params: RoboteqParams | None = None) -> None:
        self.roboteq = Roboteq(params or RoboteqParams(), 0.0)
        self.plant = self.roboteq.plant
        self.now_s = 0.0
        assert self.send("^ECHOF 1") == b"^ECHOF 1\r" + DONE

    def wait(self, seconds: float) -> bytes:
        self.now_s += seconds
        return self.roboteq.step(self.now_s)

    def send(self, line: str) -> bytes:
        return self.roboteq.receive(line.encode("ascii") + b"\r", self.now_s)

    def order(self, *lines: str) -> None:
        for line in lines:
            assert self.send(line) == DONE

    def ask(self, line: str) -> tuple[int, ...]:
        name, values = self.send(line).decode("ascii").rstrip("\r").split("=")
        assert name == line[1:].split(maxsplit=1)[0]
        return tuple(map(int, values.split(":")))

    @property
    def speeds_radps(self) -> tuple[float, float]:
        return self.roboteq.snapshot().speeds_radps
