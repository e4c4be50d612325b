"""An ODrive on the other end of a link: it speaks the real lines, and fails on command.

Written from the maker's `docs/ascii-protocol.rst` and firmware 0.5.6, with a checksum and error
numbers of its own; it shares nothing with the driver.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.controllers.fake import FakeClock, FakeController

IDLE, CLOSED_LOOP = 1, 8
INVALID_STATE, WATCHDOG_EXPIRED = 0x1, 0x800
USB_PACKET = 64
WITH_DECIMALS = {
    "encoder.pos_estimate",
    "config.watchdog_timeout",
    "controller.config.vel_ramp_rate",
    "motor.current_control.Iq_measured",
    "motor.fet_thermistor.temperature",
}
"""Properties that are floats in the maker's interface; all others that are used are whole."""


def signed(text: str) -> bytes:
    """A line's text with its checksum."""
    check = 0
    for character in text.encode("ascii"):
        check ^= character
    return f"{text}*{check}".encode("ascii")


@dataclass(frozen=True)
class Driven:
    """One speed that an axis took, under power or not, and how it was guarded then."""

    axis: int
    turns_per_s: float
    armed: bool
    timeout_s: float
    read_back: bool


class FakeAxis:
    """Its motor reaches its speed at once, and rolls to a stop at once without power."""

    def __init__(self, stored: dict[str, float]) -> None:
        self.numbers: dict[str, float] = {
            "encoder.pos_estimate": 0.0,
            "config.enable_watchdog": 0,
            "config.watchdog_timeout": 0.0,
            "controller.config.input_mode": 1,
            "controller.config.control_mode": 3,
            "controller.config.vel_ramp_rate": 1.0,
            "motor.current_control.Iq_measured": 1.5,
            "motor.fet_thermistor.temperature": 31.5,
            "current_state": IDLE,
            "requested_state": 0,
            "error": 0,
            "motor.error": 0,
            "encoder.error": 0,
            "controller.error": 0,
            **stored,
        }
        self.input_turns_per_s = 0.0
        self.left_s = 0.0
        self.read_back: set[str] = set()
        self.feed()

    def feed(self) -> None:
        self.left_s = self.numbers["config.watchdog_timeout"]

    @property
    def armed(self) -> bool:
        return self.numbers["current_state"] == CLOSED_LOOP

    @property
    def failed(self) -> bool:
        """Whether some error holds the motor disarmed."""
        return any(self.numbers[f"{of}error"] for of in ("", "motor.", "encoder.", "controller."))

    @property
    def turns_per_s(self) -> float:
        return self.input_turns_per_s if self.armed else 0.0

    def roll(self, dt_s: float) -> None:
        self.numbers["encoder.pos_estimate"] += self.turns_per_s * dt_s
        if self.numbers["config.enable_watchdog"]:
            self.left_s -= dt_s
            if self.left_s < 0.0:
                self.fail("error", WATCHDOG_EXPIRED)

    def fail(self, name: str, bits: int) -> None:
        self.numbers[name] = int(self.numbers[name]) | bits
        self.numbers["current_state"] = IDLE

    def request(self, state: int, allowed: bool) -> None:
        if state != CLOSED_LOOP:
            self.numbers["current_state"] = IDLE
        elif not allowed:
            self.fail("error", INVALID_STATE)
        elif not self.failed:
            self.feed()
            self.numbers["current_state"] = CLOSED_LOOP

    @property
    def was_read_back(self) -> bool:
        return self.read_back == {"config.enable_watchdog", "config.watchdog_timeout"}


class FakeODrive(FakeController):
    """`heard` and `driven` are what it took. Answers to one write never fill a USB packet."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        clock.on_advance.append(self._roll)
        self.firmware, self.hardware = (0, 5, 6), (3, 6, 56)
        self.stored: dict[str, float] = {}
        self.takes_watchdog = True
        self.is_calibrated = True
        self.takes_states = True
        self.battery_v = 24.5
        self.overridden: dict[str, str] = {}
        self.deaf_to: set[str] = set()
        self.system_error = 0
        self.driven: list[Driven] = []
        self.heard: list[str] = []
        self.trips = 0
        self.boot()

    def boot(self) -> None:
        """Power on: positions at zero, settings as stored, motors without power."""
        self.axes = [FakeAxis(self.stored), FakeAxis(self.stored)]
        self.system_error = 0

    def fail(self, name: str, bits: int) -> None:
        """Raise an error, as `axis0.motor.error` or, of the whole controller, `error`."""
        if name == "error":
            self.system_error |= bits
            for axis in self.axes:
                axis.fail("motor.error", 1 << 24)
            return
        self.axes[int(name[4])].fail(name[6:], bits)

    def _roll(self, dt_s: float) -> None:
        before = [axis.numbers["error"] for axis in self.axes]
        for axis in self.axes:
            axis.roll(dt_s)
        self.trips += [axis.numbers["error"] for axis in self.axes] != before

    def answer(self, packet: bytes) -> bytes:
        reply = b"".join(self._line(line) for line in packet.split(b"\n")[:-1])
        assert len(reply) < USB_PACKET, "a USB connection would never send this"
        return reply

    def _line(self, line: bytes) -> bytes:
        body, star, _ = line.partition(b"*")
        text = body.decode("latin-1")
        if star and signed(text) != line:
            return b""
        self.heard.append(text)
        words = text.split()
        if not words or words[0] in self.deaf_to:
            return b""
        reply = self._obey(words)
        if reply is None:
            return b""
        return (signed(reply) if star else reply.encode("ascii")) + b"\r\n"

    def _obey(self, words: list[str]) -> str | None:
        match words:
            case ["v", axis, speed]:
                self._drive(int(axis), float(speed))
            case ["u", axis]:
                self.axes[int(axis)].feed()
            case ["f", axis]:
                told = self.axes[int(axis)]
                return f"{told.numbers['encoder.pos_estimate']:.6f} {told.turns_per_s:.6f}"
            case ["r", name]:
                return self._read(name)[:9]
            case ["w", name, value]:
                return self._write(name, value)
            case ["sc"]:
                self._clear()
            case _:
                return "unknown command"
        return None

    def _drive(self, number: int, turns_per_s: float) -> None:
        axis = self.axes[number]
        timeout_s = axis.numbers["config.watchdog_timeout"]
        guard_s = timeout_s if axis.numbers["config.enable_watchdog"] else 0.0
        self.driven.append(Driven(number, turns_per_s, axis.armed, guard_s, axis.was_read_back))
        axis.numbers["controller.config.control_mode"] = 2
        axis.input_turns_per_s = turns_per_s
        axis.feed()

    def _read(self, name: str) -> str:
        if name in self.overridden:
            return self.overridden[name]
        whole = {
            "error": self.system_error,
            **dict(
                zip(
                    ("fw_version_major", "fw_version_minor", "fw_version_revision"),
                    self.firmware,
                    strict=True,
                )
            ),
            **dict(
                zip(
                    ("hw_version_major", "hw_version_minor", "hw_version_variant"),
                    self.hardware,
                    strict=True,
                )
            ),
        }
        if name in whole:
            return str(whole[name])
        if name == "vbus_voltage":
            return f"{self.battery_v:.6f}"
        axis = self.axes[int(name[4])]
        if name[6:] not in axis.numbers:
            return "invalid property"
        if "watchdog" in name:
            axis.read_back.add(name[6:])
        value = axis.numbers[name[6:]]
        return f"{value:.6f}" if name[6:] in WITH_DECIMALS else str(value)

    def _write(self, name: str, value: str) -> str | None:
        axis = self.axes[int(name[4])]
        if name[6:] not in axis.numbers:
            return "invalid property"
        if name[6:] == "requested_state":
            if self.takes_states:
                axis.request(int(value), self.is_calibrated)
            return None
        if "watchdog" in name:
            if not self.takes_watchdog:
                return None
            axis.read_back.clear()
        axis.numbers[name[6:]] = float(value) if name[6:] in WITH_DECIMALS else int(value)
        return None

    def _clear(self) -> None:
        self.system_error = 0
        for axis in self.axes:
            axis.numbers.update(
                {f"{of}error": 0 for of in ("", "motor.", "encoder.", "controller.")}
            )
