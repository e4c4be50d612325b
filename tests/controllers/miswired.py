"""A RoboClaw whose motors and encoders hang on the wrong terminals, and an onlooker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from _wired import Line

from patrol_drivers.base.selftest import Side
from patrol_drivers.base.wiring import Sight
from patrol_emulators.motor import Motor
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.unit import RoboclawParams


@dataclass(frozen=True)
class Wiring:
    """By terminal M1, M2: which wheel's motor and encoder it has (0 left), and their polarity."""

    motors: tuple[int, int] = (0, 1)
    encoders: tuple[int, int] = (0, 1)
    motor_signs: tuple[int, int] = (1, 1)
    encoder_signs: tuple[int, int] = (1, 1)


class Terminal:
    """A motor as one terminal sees it: maybe with crossed wires, maybe with a strange encoder."""

    def __init__(self, motor: Motor, motor_sign: int, encoder: Motor, encoder_sign: int) -> None:
        self._motor, self._encoder = motor, encoder
        self._motor_sign, self._encoder_sign = motor_sign, encoder_sign

    def __getattr__(self, name: str) -> Any:
        return getattr(self._motor, name)

    @property
    def ticks(self) -> int:
        return self._encoder_sign * self._encoder.ticks

    def current_at(self, voltage_v: float) -> float:
        return self._motor_sign * self._motor.current_at(self._motor_sign * voltage_v)

    def voltage_for(self, current_a: float) -> float:
        return self._motor_sign * self._motor.voltage_for(self._motor_sign * current_a)

    def step_voltage(self, voltage_v: float, dt_s: float) -> None:
        self._motor.step_voltage(self._motor_sign * voltage_v, dt_s)

    def step_current(self, current_a: float, dt_s: float) -> None:
        self._motor.step_current(self._motor_sign * current_a, dt_s)


class MiswiredRoboclaw(Roboclaw):
    """`wheels` are the true ones, left and right."""

    def __init__(self, wiring: Wiring, now_s: float) -> None:
        super().__init__(RoboclawParams(), now_s)
        self.wheels = self.plant.motors
        terminals: Any = tuple(
            Terminal(self.wheels[motor], motor_sign, self.wheels[encoder], encoder_sign)
            for motor, motor_sign, encoder, encoder_sign in zip(
                wiring.motors, wiring.motor_signs, wiring.encoders, wiring.encoder_signs,
                strict=True,
            )
        )  # fmt: skip
        self.plant.motors = terminals


class Onlooker:
    """A `patrol_drivers.base.selftest.Witness` who sees the last whole movement of each wheel."""

    def __init__(self, claw: MiswiredRoboclaw) -> None:
        self._claw = claw
        self._rest_rad = [0.0, 0.0]
        self.moved_rad = [0.0, 0.0]

    def look(self) -> None:
        """To be called all the time."""
        for index, wheel in enumerate(self._claw.wheels):
            gone_rad = wheel._angle_rad - self._rest_rad[index]
            if wheel.speed_radps == 0.0 and gone_rad != 0.0:
                self.moved_rad[index] = gone_rad
                self._rest_rad[index] = wheel._angle_rad

    def saw(self, side: Side) -> Sight:
        moved, self.moved_rad = self.moved_rad, [0.0, 0.0]
        index = max((0, 1), key=lambda wheel: abs(moved[wheel]))
        if abs(moved[index]) < 0.02:
            return Sight("none")
        return Sight(Side(index).words, moved[index] > 0.0)

    def turns(self, side: Side) -> float:
        moved, self.moved_rad = self.moved_rad, [0.0, 0.0]
        return round(moved[side.value] / 6.2832, 1)


class LookedAt(Line):
    """A line on which waiting is cheap, and somebody looks at the wheels meanwhile."""

    def __init__(self, claw: MiswiredRoboclaw) -> None:
        super().__init__(claw, 115200, np.random.default_rng(3))
        self.onlooker = Onlooker(claw)

    def wait(self, seconds: float) -> None:
        self._pass(seconds)
        self.onlooker.look()
