"""The unit behind the lines: channels, counters, protection, watchdog, stored configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_emulators.params import PlantParams
from patrol_emulators.plant import COAST, Drive, Plant
from patrol_emulators.roboteq.channel import Channel
from patrol_emulators.roboteq.config import Config
from patrol_emulators.roboteq.encoder import TICK_RATE_HZ, Counter
from patrol_emulators.roboteq.history import History
from patrol_emulators.roboteq.status import (
    AMPS_LIMIT,
    LOOP_ERROR,
    MOTOR_STALLED,
    POWER_STAGE_OFF,
    SERIAL_MODE,
    STALL_DETECTED,
    Protection,
    ProtectionParams,
)

BOOT_S = 0.5
"""How long it is silent after power comes back; the manual does not say."""
INSTALLED = {"ALIM": 300, "KI": 200}
"""What a person set and stored for the plant's motors, beside the parameters."""


@dataclass(frozen=True, slots=True)
class RoboteqParams:
    """One unit with what hangs on it; what is stored in it is for the plant's motors.

    With four counts a pulse, 100 pulses, and the plant's 9216 counts a turn of the wheel, the
    encoder sits on a motor that turns 23.04 times as fast.
    """

    mode: int = param(1, "MMOD: 0 open loop (ex works), 1 closed-loop speed", 0, 1)
    max_rpm: int = param(6000, "MXRPM (1000 ex works)", 10, 65535)
    pulses_per_rev: int = param(100, "EPPR", -32768, 32767)
    firmware: str = param("Roboteq v1.6 RCB500 05/01/2016", 'What "?FID" says')
    model: str = param("RCB500:HDC2460", 'What "?TRN" says')
    protection: ProtectionParams = field(default_factory=ProtectionParams)
    plant: PlantParams = field(default_factory=PlantParams)


class Unit:
    """Runs at 1000 control ticks a second.

    The serial watchdog (RWD, p. 286): a valid runtime command ("!"), whichever it is, refreshes
    it; queries, configuration and commands that are refused do not. When it runs out, the source
    is no longer active (p. 74) and the command is the default (p. 73; 0, V2.0 p. 269), by the
    ramp; the next valid runtime command, whichever it is, lets the motors go on at the speed they
    had. With RWD 0 the source stays active from the first command on.
    """

    def __init__(self, params: RoboteqParams, now_s: float) -> None:
        self.params = params
        self.plant = Plant(params.plant)
        self._stored = Config.installed({
            **INSTALLED,
            "MMOD": params.mode,
            "MXRPM": params.max_rpm,
            "EPPR": params.pulses_per_rev,
        })  # fmt: skip
        self._has_power = True
        self._ready_s = now_s
        self._power_up()

    def _power_up(self) -> None:
        self.config = self._stored.copy()
        self.channels = (Channel(self.config, 0), Channel(self.config, 1))
        first, second = self.plant.motors
        self.counters = (Counter(first.ticks), Counter(second.ticks))
        self.protection = Protection(self.params.protection, self.config)
        self.history = History()
        self.is_active = False
        self.watchdog_tripped = False
        self._commanded_s = 0.0

    def reset(self, now_s: float) -> None:
        self._power_up()
        self._ready_s = now_s + BOOT_S
        self.plant.drives = [COAST, COAST]

    def store(self) -> None:
        self._stored = self.config.copy()

    def answers(self, now_s: float) -> bool:
        """Whether the processor runs."""
        return self._has_power and now_s >= self._ready_s

    def commanded(self, now_s: float) -> None:
        """A runtime command was obeyed."""
        self._commanded_s = now_s
        self.is_active = True
        self.watchdog_tripped = False

    def tick(self, now_s: float) -> None:
        """The control tick that ends at `now_s`."""
        self.plant.step(1.0 / TICK_RATE_HZ)
        if not self._check_power(now_s):
            return
        if not self.answers(now_s):
            self._power_up()
            return
        for index, motor in enumerate(self.plant.motors):
            self.counters[index].sample(motor.ticks, self.config.get("EPPR", index))
        self.protection.look(self.plant)
        timeout_s = self.config.get("RWD") / 1000.0
        if self.is_active and timeout_s and now_s - self._commanded_s >= timeout_s:
            self.is_active = False
            self.watchdog_tripped = True
        self.plant.drives = [self._drive(0), self._drive(1)]

    def _check_power(self, now_s: float) -> bool:
        """Follow the supply; a processor that lost it starts anew when it is back."""
        had_power = self._has_power
        self._has_power = self.plant.supply_v >= self.params.protection.logic_off_v
        if self._has_power and not had_power:
            self.reset(now_s)
        elif not self._has_power:
            self.plant.drives = [COAST, COAST]
        return self._has_power

    def _drive(self, index: int) -> Drive:
        channel = self.channels[index]
        if self.protection.faults:
            channel.rest()
            return COAST
        channel.tick(
            self.counters[index], self.goal_rpm(index), self.power(index), 1.0 / TICK_RATE_HZ
        )
        limit_a = self.protection.limit_a(channel.setting("ALIM"), self.plant.temperature_c)
        return COAST if channel.is_cut else Drive(channel.duty, limit_a=limit_a)

    def goal_rpm(self, index: int) -> float:
        """The command in force."""
        return self.channels[index].command_rpm if self.is_active else 0.0

    @property
    def is_commanded(self) -> bool:
        """Whether a motor is told to turn."""
        return self._has_power and any(self.goal_rpm(k) != 0.0 for k in range(len(self.channels)))

    def power(self, index: int) -> float:
        """What is on the motor after all limits, as a share of the supply: -1 to 1."""
        drive = self.plant.drives[index]
        if drive.coast or not self.plant.limited[index]:
            return 0.0 if drive.coast else drive.duty
        voltage_v = self.plant.motors[index].voltage_for(self.plant.currents_a[index])
        return min(max(voltage_v / self.plant.supply_v, -1.0), 1.0)

    def motor_flags(self, index: int) -> int:
        """The answer to "?FM"."""
        channel = self.channels[index]
        return (
            AMPS_LIMIT * self.plant.limited[index]
            | MOTOR_STALLED * channel.stalled
            | LOOP_ERROR * channel.loop_error
        )

    def status_flags(self) -> int:
        """The answer to "?FS". That serial mode shows whether serial is active is inferred."""
        return (
            SERIAL_MODE * self.is_active
            | POWER_STAGE_OFF * bool(self.protection.faults)
            | STALL_DETECTED * any(channel.stalled for channel in self.channels)
        )

    def conditions(self) -> tuple[str, ...]:
        """Faults and flags in the manual's words."""
        names = {
            AMPS_LIMIT: "amps limit active",
            MOTOR_STALLED: "motor stalled",
            LOOP_ERROR: "loop error detected",
        }
        flags = [
            f"M{index + 1} {name}"
            for index in range(len(self.channels))
            for bit, name in names.items()
            if self.motor_flags(index) & bit
        ]
        return tuple(sorted(flags + [fault.value for fault in self.protection.faults]))
