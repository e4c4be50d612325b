"""ROS parameters of a hosted process: the settings that all have, and the process's own tree."""

from __future__ import annotations

import math
import operator
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

from patrol_core.component import ProcessContext
from patrol_core.errors import ConfigError
from patrol_core.learned import learned_values
from patrol_core.own_params import VARIABLE, checked_own_params
from patrol_core.params import Bounds, ParamSpec, make_params, param, param_specs
from patrol_core.robot import load_robot
from patrol_core.site.history import open_site
from patrol_core.site.own_docks import with_own_docks
from patrol_core.tick_log import TickLog, state_of, tick_file

ParamsT = TypeVar("ParamsT")

_ROS_OWN = ("use_sim_time", "start_type_description_service")


@dataclass(frozen=True, slots=True)
class HostSettings:
    """What every process is told, beside its own parameters."""

    site: str = param("", "Folder of the site")
    robot: str = param("", "The robot's YAML file")
    run_folder: str = param("", "Where this run's records go")
    own_docks: str = param(
        "", "Docks of this robot, ids separated by commas, its start first; empty: all"
    )
    seed: int = param(0, "Seed of every random generator", 0)
    epoch_s: float = param(0.0, "Unix time at stamp zero [s]; 0 where stamps are Unix time", 0.0)
    navigator: str = param(
        "ronda", "Who drives: our navigator, or Nav2 (but for docking)", choices=("ronda", "nav2")
    )
    log_ticks: bool = param(
        False, "Write what every tick saw and said to the run folder, for a replay"
    )


def read_parameters(
    node: Node, params_type: type[ParamsT], process: str = ""
) -> tuple[HostSettings, ParamsT]:
    """The settings and the parameter tree, checked, and declared with their meaning and bounds.

    What the robot's own file says (`own_params`) counts for more than what the node was given,
    and what the site has learned for `process` for more than that. `node` must declare parameters
    from its overrides. Raises ConfigError for an unknown name, a wrong type or a value out of
    bounds.
    """
    given = {
        name: parameter.value
        for name, parameter in node.get_parameters_by_prefix("").items()
        if name not in _ROS_OWN
    }
    own = {spec.name for spec in param_specs(HostSettings)}
    settings = make_params(HostSettings, {n: v for n, v in given.items() if n in own})
    folder, name = os.environ.get(VARIABLE, ""), process or node.get_name()
    robots = checked_own_params(folder, name, params_type)
    learned = learned_values(Path(settings.site), process, params_type) if settings.site else {}
    given = {n: v for n, v in given.items() if n not in own}
    params = make_params(params_type, given | robots | learned)
    for tree in (settings, params):
        for spec in param_specs(type(tree)):
            _declare(node, spec, operator.attrgetter(spec.name)(tree))
    return settings, params


def make_context(settings: HostSettings) -> ProcessContext:
    """Load site and robot. Raises ConfigError (or the site's own) that says what is missing."""
    for name in ("site", "robot", "run_folder"):
        if not getattr(settings, name):
            raise ConfigError(
                f"parameter '{name}' is not set", remedy="pass it in the launch file"
            )
    robot = load_robot(Path(settings.robot))
    site = with_own_docks(
        open_site(Path(settings.site), robot.body.width_m / 2.0), settings.own_docks
    )
    run_folder = Path(settings.run_folder)
    run_folder.mkdir(parents=True, exist_ok=True)
    by_nav2 = settings.navigator == "nav2"
    return ProcessContext(site, robot, run_folder, settings.seed, settings.epoch_s, by_nav2)


def open_log(process: str, settings: HostSettings, params: Any) -> TickLog:
    """The log of a process's ticks, for a replay: with all it was given, and what it left behind
    when it ran before."""
    folder = Path(settings.run_folder)
    given = {
        spec.name: operator.attrgetter(spec.name)(tree)
        for tree in (settings, params)
        for spec in param_specs(type(tree))
    }
    return TickLog(folder / tick_file(process), process, given, state_of(folder))


def _declare(node: Node, spec: ParamSpec, value: Any) -> None:
    """Anew and with its bounds, what rclpy has declared from the command line without them."""
    if node.has_parameter(spec.name):
        node.undeclare_parameter(spec.name)
    value = list(value) if isinstance(value, tuple) else value
    descriptor = _descriptor(spec.bounds, spec.type)
    node.declare_parameter(spec.name, value, descriptor, ignore_override=True)


def _descriptor(bounds: Bounds, kind: type[Any]) -> ParameterDescriptor:
    """Parameters are read once, at the start: `ros2 param set` must not pretend otherwise."""
    descriptor = ParameterDescriptor(
        description=bounds.doc,
        additional_constraints=f"one of {', '.join(bounds.choices)}" if bounds.choices else "",
        read_only=True,
    )
    if math.isfinite(bounds.low) or math.isfinite(bounds.high):
        if kind is float:
            low, high = float(bounds.low), float(bounds.high)
            descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
        elif kind is int:
            low_int = int(max(bounds.low, -(2**63)))
            high_int = int(min(bounds.high, 2**63 - 1))
            descriptor.integer_range = [IntegerRange(from_value=low_int, to_value=high_int)]
    return descriptor
