"""What changes slowly and is asked for in turn, one question a cycle."""

from __future__ import annotations

from patrol_drivers.motors import Sides
from patrol_drivers.roboclaw.params import RoboClawParams
from patrol_drivers.roboclaw.protocol import Request, reading
from patrol_drivers.roboclaw.state import amperes, celsius, volts
from patrol_drivers.roboclaw.values import Command

SIZES = {
    Command.READ_CURRENTS: 4,
    Command.READ_MAIN_BATTERY: 2,
    Command.READ_LOGIC_BATTERY: 2,
    Command.READ_TEMPERATURE: 2,
    Command.READ_TEMPERATURE_2: 2,
}


class SlowReadings:
    """Currents, voltages and temperatures, as last told; None before that."""

    def __init__(self, params: RoboClawParams, has_second_sensor: bool) -> None:
        self._params = params
        self._turn = [
            command
            for command in SIZES
            if has_second_sensor or command is not Command.READ_TEMPERATURE_2
        ]
        self._data: dict[Command, bytes] = {}

    def next_request(self) -> Request:
        """The question whose turn it is."""
        command = self._turn.pop(0)
        self._turn.append(command)
        return reading(self._params.address, command, SIZES[command])

    def take(self, request: Request, data: bytes | None) -> None:
        """Keep an answer; None: there was none, and what was known is too old now."""
        if data is None:
            self._data.pop(request.command, None)
        else:
            self._data[request.command] = data

    def currents_a(self) -> Sides | None:
        """Of the wheels' motors, positive or negative as the controller gives them."""
        data = self._data.get(Command.READ_CURRENTS)
        if data is None:
            return None
        first, second = amperes(data)
        return Sides(second, first) if self._params.motors_swapped else Sides(first, second)

    def battery_v(self) -> float | None:
        return self._volts(Command.READ_MAIN_BATTERY)

    def logic_v(self) -> float | None:
        return self._volts(Command.READ_LOGIC_BATTERY)

    def temperatures_c(self) -> tuple[float, ...]:
        """Of the board's sensors, as far as known."""
        sensors = (Command.READ_TEMPERATURE, Command.READ_TEMPERATURE_2)
        return tuple(celsius(self._data[sensor]) for sensor in sensors if sensor in self._data)

    def _volts(self, command: Command) -> float | None:
        data = self._data.get(command)
        return None if data is None else volts(data)
