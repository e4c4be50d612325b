"""The ODrive's emulator in made-up time, and lines made by other means than its own."""

from __future__ import annotations

from patrol_emulators.odrive.controller import Odrive
from patrol_emulators.odrive.settings import OdriveParams

CLOSED_LOOP = b"w axis0.requested_state 8\nw axis1.requested_state 8\n"
ENABLE_WATCHDOG = b"w axis0.config.enable_watchdog 1\nw axis1.config.enable_watchdog 1\n"


def summed(text: bytes) -> bytes:
    """A line with its check sum."""
    total = 0
    for byte in text:
        total ^= byte
    return text + f"*{total}\n".encode()


def arm_watchdog(seconds: float) -> bytes:
    """Set it, feed it, enable it: in another order it has expired when it is enabled."""
    lines = (
        f"w axis{axis}.config.watchdog_timeout {seconds}\nu {axis}\n"
        f"w axis{axis}.config.enable_watchdog 1\n"
        for axis in (0, 1)
    )
    return "".join(lines).encode()


class OdriveBench:
    """An ODrive and a clock that moves when told to."""

    def __init__(self, params: OdriveParams | None = None) -> None:
        self.odrive = Odrive(params or OdriveParams(), 0.0)
        self.plant = self.odrive.plant
        self.now_s = 0.0

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self.odrive.step(self.now_s)

    def send(self, data: bytes) -> bytes:
        return self.odrive.receive(data, self.now_s)

    def order(self, *lines: str) -> None:
        """Send what is not answered."""
        assert self.send("".join(f"{line}\n" for line in lines).encode()) == b""

    def ask(self, line: str) -> str:
        """The one line that answers."""
        answer = self.send(f"{line}\n".encode()).decode()
        assert answer.endswith("\r\n") and answer.count("\n") == 1
        return answer.removesuffix("\r\n")

    def read(self, name: str) -> float:
        return float(self.ask(f"r {name}"))

    def close_loops(self, *lines: str) -> None:
        """Enter closed loop control with both axes, and send `lines` when they are in it."""
        self.send(CLOSED_LOOP)
        self.wait(0.002)
        assert (self.read("axis0.current_state"), self.read("axis1.current_state")) == (8, 8)
        self.order(*lines)

    @property
    def turns_per_s(self) -> tuple[float, float]:
        first, second = self.odrive.snapshot().speeds_radps
        return first / 6.283185307, second / 6.283185307

    @property
    def conditions(self) -> tuple[str, ...]:
        return self.odrive.snapshot().conditions
