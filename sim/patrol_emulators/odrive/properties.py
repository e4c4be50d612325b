"""Properties that r and w reach (odrive-interface.yaml), as far as a base on wheels uses them.

States and modes are bytes, as the compiler makes them of enumerations; that is how the firmware's
changes to its ASCII protocol ("fix uint8_t writes over ascii protocol") can be understood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from patrol_emulators.odrive.axis import RATE_HZ, Axis
from patrol_emulators.odrive.board import Board
from patrol_emulators.odrive.numbers import BOOL, FLOAT, I32, U8, U16, U32, U64, Kind

HARDWARE = (3, 6, 56)
FIRMWARE = (0, 5, 6)
_MAX_LETTERS = 9
"""The firmware prints a property into ten bytes: of a longer number the end is lost."""


@dataclass(frozen=True, slots=True)
class Property:
    """`write` is None where it can only be read."""

    kind: Kind
    read: Callable[[Board], float]
    write: Callable[[Board, float], None] | None = None


def read_property(board: Board, name: str) -> str:
    """The answer to r."""
    found = PROPERTIES.get(name.removesuffix("."))
    if found is None:
        return "invalid property"
    return found.kind.to_text(found.read(board), board.params.prints_64_bits)[:_MAX_LETTERS]


def write_property(board: Board, name: str, text: str) -> str:
    """Do what w says; empty, or what is wrong with it."""
    found = PROPERTIES.get(name.removesuffix("."))
    if found is None:
        return "invalid property"
    value = found.kind.from_text(text)
    if found.write is None or value is None:
        return "not implemented"
    found.write(board, value)
    return ""


def _fixed(kind: Kind, value: int) -> Property:
    return Property(kind, lambda _: value)


def _field(kind: Kind, owner: Callable[[Board], object], name: str) -> Property:
    """An attribute that can be read and written."""

    def read(board: Board) -> float:
        value: float = getattr(owner(board), name)
        return value

    return Property(kind, read, lambda board, value: setattr(owner(board), name, value))


def _board() -> dict[str, Property]:
    limits = (
        "dc_bus_undervoltage_trip_level",
        "dc_bus_overvoltage_trip_level",
        "dc_max_positive_current",
        "dc_max_negative_current",
    )
    return {
        "error": _field(U8, lambda board: board, "error"),
        "vbus_voltage": Property(FLOAT, lambda board: board.plant.supply_v),
        "ibus": Property(FLOAT, lambda board: board.ibus_a),
        "serial_number": Property(U64, lambda board: board.params.serial_number),
        "hw_version_major": _fixed(U8, HARDWARE[0]),
        "hw_version_minor": _fixed(U8, HARDWARE[1]),
        "hw_version_variant": _fixed(U8, HARDWARE[2]),
        "fw_version_major": _fixed(U8, FIRMWARE[0]),
        "fw_version_minor": _fixed(U8, FIRMWARE[1]),
        "fw_version_revision": _fixed(U8, FIRMWARE[2]),
        "fw_version_unreleased": _fixed(U8, 0),
        "system_stats.uptime": Property(U32, lambda board: board.steps * 1000 // RATE_HZ),
        **{f"config.{name}": _field(FLOAT, lambda board: board.settings, name) for name in limits},
    }


def _axis(number: int) -> dict[str, Property]:
    def axis(board: Board) -> Axis:
        return board.axes[number]

    def shown(kind: Kind, read: Callable[[Axis], float]) -> Property:
        return Property(kind, lambda board: read(axis(board)))

    return {
        "error": _field(U32, axis, "error"),
        "current_state": shown(U8, lambda axis: axis.state),
        "requested_state": _field(U8, axis, "requested_state"),
        "motor.error": _field(U64, axis, "motor_error"),
        "motor.is_armed": shown(BOOL, lambda axis: axis.is_armed),
        "motor.is_calibrated": shown(BOOL, lambda axis: axis.settings.is_calibrated),
        "motor.I_bus": shown(FLOAT, lambda axis: axis.bus_a),
        "motor.effective_current_lim": shown(FLOAT, lambda axis: axis.effective_current_lim),
        "motor.fet_thermistor.temperature": shown(FLOAT, lambda axis: axis.temperature_c),
        "motor.current_control.Iq_setpoint": shown(FLOAT, lambda axis: axis.iq_setpoint),
        "motor.current_control.Iq_measured": shown(FLOAT, lambda axis: axis.iq_measured),
        "encoder.error": _field(U16, lambda board: axis(board).encoder, "error"),
        "encoder.is_ready": shown(BOOL, lambda axis: axis.settings.is_calibrated),
        "encoder.shadow_count": shown(I32, lambda axis: axis.encoder.shadow_count),
        "encoder.pos_estimate": shown(FLOAT, lambda axis: axis.encoder.pos_estimate),
        "encoder.vel_estimate": shown(FLOAT, lambda axis: axis.encoder.vel_estimate),
        "encoder.config.cpr": shown(I32, lambda axis: axis.settings.cpr),
        "controller.pos_setpoint": shown(FLOAT, lambda axis: axis.loop.pos_setpoint),
        "controller.vel_setpoint": shown(FLOAT, lambda axis: axis.loop.vel_setpoint),
        "controller.torque_setpoint": shown(FLOAT, lambda axis: axis.loop.torque_setpoint),
        "controller.trajectory_done": shown(BOOL, lambda axis: axis.loop.trajectory_done),
        **_loop_fields(axis),
        **_settings_fields(axis),
    }


def _loop_fields(axis: Callable[[Board], Axis]) -> dict[str, Property]:
    kinds = {
        "error": U8,
        "input_pos": FLOAT,
        "input_vel": FLOAT,
        "input_torque": FLOAT,
        "vel_integrator_torque": FLOAT,
        "config.control_mode": U8,
    }
    return {
        f"controller.{name}": _field(
            kind, lambda board: axis(board).loop, name.removeprefix("config.")
        )
        for name, kind in kinds.items()
    }


def _settings_fields(axis: Callable[[Board], Axis]) -> dict[str, Property]:
    kinds = {
        "config.enable_watchdog": BOOL,
        "config.watchdog_timeout": FLOAT,
        "config.startup_closed_loop_control": BOOL,
        "motor.config.current_lim": FLOAT,
        "motor.config.torque_lim": FLOAT,
        "motor.config.torque_constant": FLOAT,
        "controller.config.input_mode": U8,
        "controller.config.pos_gain": FLOAT,
        "controller.config.vel_gain": FLOAT,
        "controller.config.vel_integrator_gain": FLOAT,
        "controller.config.vel_integrator_limit": FLOAT,
        "controller.config.vel_limit": FLOAT,
        "controller.config.vel_limit_tolerance": FLOAT,
        "controller.config.vel_ramp_rate": FLOAT,
        "controller.config.inertia": FLOAT,
        "controller.config.enable_vel_limit": BOOL,
        "controller.config.enable_overspeed_error": BOOL,
    }
    return {
        name: _field(kind, lambda board: axis(board).settings, name.rpartition(".")[2])
        for name, kind in kinds.items()
    }


PROPERTIES = _board() | {
    f"axis{number}.{name}": found for number in (0, 1) for name, found in _axis(number).items()
}
