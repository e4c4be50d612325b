"""The unit behind the packets: channels, counters, protection, watchdog and stored settings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from patrol_core.params import param
from patrol_emulators.params import PlantParams
from patrol_emulators.plant import BRAKE, COAST, Drive, Plant
from patrol_emulators.roboclaw.channel import Channel, VelocityPid
from patrol_emulators.roboclaw.encoder import TICK_RATE_HZ, Counter
from patrol_emulators.roboclaw.status import Output, Protection, ProtectionParams

BOOT_S = 0.5
"""How long it is silent after power comes back; the manual does not say."""
TIMEOUT_UNIT_S = 0.1


@dataclass(frozen=True, slots=True)
class RoboclawParams:
    """One unit with what hangs on it."""

    address: int = param(0x80, "Packet serial address", 0x80, 0x87)
    wide_status: bool = param(True, "Command 90 has 32 bits, as newer firmware; else 16")
    version: str = param("RoboClaw 2x30A v4.2.4", "What command 21 says; 45 letters at most")
    protection: ProtectionParams = field(default_factory=ProtectionParams)
    plant: PlantParams = field(default_factory=PlantParams)


@dataclass(frozen=True, slots=True)
class Settings:
    """What command 94 stores and a reset brings back. `timeout` is in 0.1 s; 0: none."""

    timeout: int = 0
    pids: tuple[VelocityPid, VelocityPid] = (VelocityPid(), VelocityPid())


def _tuned(plant: PlantParams) -> VelocityPid:
    """The maker's constants fit the plant as it is by default; with other encoders, the counts a
    second at full duty are those that tuning would find."""
    usual, ticks = PlantParams().motor.ticks_per_rev, plant.motor.ticks_per_rev
    return replace(VelocityPid(), qpps=round(VelocityPid().qpps * ticks / usual))


class Unit:
    """Runs at 300 control ticks a second.

    The serial timeout counts from the last byte received, as the manual words it (command 14),
    whatever that byte was; it stops both motors, and the next drive command starts them again.
    """

    def __init__(self, params: RoboclawParams, now_s: float) -> None:
        self.params = params
        self.plant = Plant(params.plant)
        self.protection = Protection(params.protection)
        self._stored = Settings(pids=(_tuned(params.plant),) * 2)
        self._has_power = True
        self._ready_s = now_s
        self._power_up(now_s)

    def _power_up(self, now_s: float) -> None:
        self.channels = (Channel(), Channel())
        first, second = self.plant.motors
        self.counters = (Counter(first.ticks), Counter(second.ticks))
        for channel, pid in zip(self.channels, self._stored.pids, strict=True):
            channel.pid = pid
        self.timeout = self._stored.timeout
        self.watchdog_tripped = False
        self.protection.reset()
        self._heard_s = now_s

    def reset(self, now_s: float) -> None:
        self._power_up(now_s)
        self._ready_s = now_s + BOOT_S
        self.plant.drives = [COAST, COAST]

    def store(self) -> None:
        first, second = self.channels
        self._stored = Settings(self.timeout, (first.pid, second.pid))

    def answers(self, now_s: float) -> bool:
        """Whether the processor runs."""
        return self._has_power and now_s >= self._ready_s

    @property
    def is_commanded(self) -> bool:
        """Whether a motor is told to turn."""
        return self._has_power and any(channel.is_commanded for channel in self.channels)

    def heard(self, now_s: float) -> None:
        """A byte came in."""
        self._heard_s = now_s

    def tick(self, now_s: float) -> None:
        """The control tick that ends at `now_s`."""
        self.plant.step(1.0 / TICK_RATE_HZ)
        if not self._check_power(now_s):
            return
        if not self.answers(now_s):
            self._power_up(now_s)
            return
        for counter, motor in zip(self.counters, self.plant.motors, strict=True):
            counter.sample(motor.ticks)
        self.protection.look(self.plant)
        timeout_s = self.timeout * TIMEOUT_UNIT_S
        if self.timeout and now_s - self._heard_s >= timeout_s and not self.watchdog_tripped:
            self.watchdog_tripped = True
            self._stop()
        output = self.protection.output
        if output is not Output.DRIVE:
            self._stop()
        self.plant.drives = [self._drive(0, output), self._drive(1, output)]

    def _check_power(self, now_s: float) -> bool:
        """Follow the supply; a processor that lost it starts anew when it is back."""
        had_power = self._has_power
        self._has_power = self.plant.supply_v >= self.params.protection.logic_off_v
        if self._has_power and not had_power:
            self.reset(now_s)
        elif not self._has_power:
            self.plant.drives = [COAST, COAST]
        return self._has_power

    def _stop(self) -> None:
        for channel in self.channels:
            channel.stop()

    def _drive(self, index: int, output: Output) -> Drive:
        counter, channel = self.counters[index], self.channels[index]
        channel.tick(counter.raw_speed, counter.last_move, 1.0 / TICK_RATE_HZ)
        if output is not Output.DRIVE:
            return COAST if output is Output.COAST else BRAKE
        return Drive(channel.duty, limit_a=self.protection.limit_a(self.plant.temperature_c))
