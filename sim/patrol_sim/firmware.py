"""A robot's base in any simulator: from commands to wheels, and what faults make of it."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from patrol_core.component import Outputs
from patrol_core.robot import RobotModel
from patrol_core.topics import Topic
from patrol_core.types.motion import VelocityCommand
from patrol_sim.base_controller import BaseController
from patrol_sim.params import SimParams
from patrol_sim.scenario import Fault, FaultKind
from patrol_sim.wheels import WheelSlip

T = TypeVar("T")


class Firmware:
    """Takes commands, turns wheels, and says rows; faults that are active have their way."""

    def __init__(self, model: RobotModel, params: SimParams, rng: np.random.Generator) -> None:
        self.controller = BaseController(model.drive, params.base)
        self._wheels = model.wheels
        self._slip = WheelSlip(params.wheels, rng)
        self.slip = (0.0, 0.0)
        self._faults: tuple[Fault, ...] = ()
        self._last: dict[str, Any] = {}
        self._outputs = Outputs()

    def set_faults(self, faults: tuple[Fault, ...]) -> None:
        """The faults that are active now."""
        self._faults = faults

    def fault(self, kind: FaultKind) -> Fault | None:
        """One of that kind that is active."""
        return next((fault for fault in self._faults if fault.kind is kind), None)

    def apply(self, command: VelocityCommand, now_s: float) -> None:
        """A command has arrived at the base."""
        if self.fault(FaultKind.CUT) is None:
            self.controller.command.receive(command, now_s)

    def turn(self, now_s: float, dt_s: float, *, is_powered: bool) -> tuple[float, float]:
        """The rates [rad/s] of the left and the right wheel for the next `dt_s`; `slip` is what
        they turn further than they roll meanwhile.
        """
        fault = self.fault(FaultKind.SLIP)
        loss = fault.amount if fault else 0.0
        self._slip.forced = (loss / (1.0 - loss),) * 2
        self.slip = self._slip.step(dt_s, self.controller.moving)
        linear, angular = self.controller.step(now_s, dt_s)
        if not is_powered:
            linear = angular = 0.0
        wheels, (left, right) = self._wheels, self.slip
        turn = angular * wheels.separation_m / 2.0
        return (
            (linear - turn) / wheels.left_radius_m / (1.0 + left),
            (linear + turn) / wheels.right_radius_m / (1.0 + right),
        )

    def say(self, row: Topic[T], value: T) -> None:
        """Say a value, unless a fault drops the row; of a frozen one the value before."""
        kinds = {fault.kind for fault in self._faults if fault.row == row.name}
        if FaultKind.DROP in kinds:
            return
        if FaultKind.FREEZE in kinds:
            value = self._last.get(row.name, value)
        self._last[row.name] = value
        self._outputs.put(row, value)

    def outputs(self) -> Outputs:
        """What was said since the last call, in order."""
        said, self._outputs = self._outputs, Outputs()
        return said
