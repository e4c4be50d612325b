"""The `motors` section of a robot file: which controller, on which port, wired how."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from patrol_core.errors import ConfigError, Place
from patrol_core.params import flatten, make_params, param, param_specs
from patrol_core.plugin import is_plugin, load_plugin
from patrol_core.robot import MOTORS, RobotModel
from patrol_core.yaml_file import load_yaml
from patrol_drivers.base.charge import BatteryParams
from patrol_drivers.base.kinematics import drive_limits
from patrol_drivers.link import Link, SerialLink
from patrol_drivers.motors import Clock, MotorDriver

CONTROLLERS: dict[str, tuple[str, str]] = {
    "roboclaw": ("RoboClawParams", "RoboClawDriver"),
    "roboteq": ("RoboteqParams", "RoboteqDriver"),
    "odrive": ("ODriveParams", "ODriveDriver"),
    "vesc": ("VescParams", "VescDriver"),
    "sabertooth": ("SabertoothParams", "SabertoothDriver"),
}
"""Names of the parameters in `patrol_drivers/NAME/params.py` and the driver in `driver.py`."""
_OWN = ("Params", "start", "cycle", "close", "capabilities")
_NEEDED = ("port", "baud", "watchdog_s")
"""What the parameters of every driver have."""


@dataclass(frozen=True, slots=True)
class BaseParams:
    """What the base itself may be told; the rest of the section belongs to the driver."""

    controller: str = param(
        "", f"{', '.join(CONTROLLERS)}, or a driver of your own as `package.module:Class`"
    )
    expiry_s: float = param(
        0.12, "Age after arrival at which a command ends; the gate speaks at 50 Hz", 0.02, 0.5
    )
    max_stamp_age_s: float = param(0.25, "Age of a command's stamp that is refused", 0.02, 0.5)
    estop_source: str = param("robot", "Name under which the controller's e-stop input speaks")
    battery: BatteryParams = field(default_factory=BatteryParams)


@dataclass(frozen=True, slots=True)
class MotorSetup:
    """A checked section: how the base behaves, and how to make its driver."""

    base: BaseParams
    port: str
    watchdog_s: float
    make_driver: Callable[[Clock], MotorDriver]


def has_motors(path: Path) -> bool:
    """Whether a robot file says which motor controller drives the robot."""
    document = load_yaml(path, "the robot file")
    return isinstance(document, dict) and MOTORS in document


def load_motors(path: Path, robot: RobotModel, port: str = "") -> MotorSetup:
    """Read the section `motors` of the robot file at `path`; `port` replaces the one it names.

    What the robot's numbers say already (encoder, speeds, accelerations) is taken from them where
    the section does not say otherwise. Raises ConfigError that names file and field.
    """
    place = Place(path)
    section = load_yaml(path, "the robot file").get(MOTORS)
    if not isinstance(section, dict):
        raise ConfigError(
            "no motor controller is named",
            place=place,
            expected="a section 'motors' with controller, port and what else is to be said",
            remedy="see urdf/config/rover.yaml",
        )
    given = dict(flatten(section))
    own = {spec.name for spec in param_specs(BaseParams)}
    base = make_params(BaseParams, {n: v for n, v in given.items() if n in own}, place)
    params_type, driver_type = _driver_of(base.controller, place)
    values = _from_robot(robot, {spec.name for spec in param_specs(params_type)})
    values |= {n: v for n, v in given.items() if n not in own}
    if port:
        values["port"] = port
    params = make_params(params_type, values, place)
    try:
        params.check()
    except ConfigError as error:
        raise ConfigError(
            error.problem, place=place, expected=error.expected, remedy=error.remedy
        ) from error

    def make_driver(clock: Clock) -> MotorDriver:
        link: Link = SerialLink(params.port, params.baud)
        driver: MotorDriver = driver_type(params, link, clock)
        return driver

    return MotorSetup(base, params.port, params.watchdog_s, make_driver)


def _from_robot(robot: RobotModel, known: set[str]) -> dict[str, Any]:
    """What the robot's numbers say of parameters that drivers have in common."""
    limits = drive_limits(robot)
    numbers = {
        "ticks_per_rev": float(robot.wheels.encoder_ticks_per_rev),
        "max_speed_radps": _rounded_up(limits.max_speed_radps),
        "max_acceleration_radps2": _rounded_up(limits.max_acceleration_radps2),
        "stop_deceleration_radps2": limits.stop_deceleration_radps2,
    }
    return {name: value for name, value in numbers.items() if name in known}


def _rounded_up(value: float) -> float:
    """To hundredths, so that what is just allowed is not limited by rounding."""
    return math.ceil(value * 100.0) / 100.0


def params_type_of(controller: str) -> type[Any]:
    """The parameters of a controller's driver."""
    params_type: type[Any] = _of(controller, "params", CONTROLLERS[controller][0])
    return params_type


def _driver_of(controller: str, place: Place) -> tuple[type[Any], type[Any]]:
    """Parameters and driver. One of others has its parameters as `Params`. Raises ConfigError."""
    if is_plugin(controller):
        driver = load_plugin(controller, "motors.controller", _OWN, place)
        own = driver.Params
        known = {one.name for one in fields(own)} if is_dataclass(own) else set()
        lacking = [name for name in _NEEDED if name not in known]
        if lacking or not hasattr(own, "check"):
            raise ConfigError(
                f"the parameters of '{controller}' lack {', '.join(lacking) or 'check()'}",
                place=place, expected=f"a dataclass with {', '.join(_NEEDED)} and check()",
                remedy="docs/YOUR_MOTOR_CONTROLLER.md has an example",
            )  # fmt: skip
        return own, driver
    if controller not in CONTROLLERS:
        raise ConfigError(
            f"motors.controller is '{controller}'", place=place,
            expected=f"one of {', '.join(CONTROLLERS)}, or package.module:Class",
            remedy="name the controller",
        )  # fmt: skip
    return params_type_of(controller), _of(controller, "driver", CONTROLLERS[controller][1])


def _of(controller: str, module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"patrol_drivers.{controller}.{module}"), name)
