"""Parameters: one frozen dataclass a process; every number has a default, a sentence and bounds.

    @dataclass(frozen=True, slots=True)
    class FollowerParams:
        max_speed_mps: float = param(0.6, "Top speed [m/s]", 0.0, 1.5)

Groups are nested dataclasses (`field(default_factory=FollowerParams)`) and are addressed by dots:
`follower.max_speed_mps`. Files have the form of ROS 2 parameter files.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from patrol_core.errors import ConfigError, Place
from patrol_core.yaml_file import load_yaml

ParamsT = TypeVar("ParamsT")
ParamValue = bool | int | float | str | list[Any]
_FEW = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Bounds:
    """What one parameter means and may be; `low` and `high` are inclusive."""

    doc: str
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()


def param(
    default: Any,
    doc: str,
    low: float = -math.inf,
    high: float = math.inf,
    choices: tuple[str, ...] = (),
) -> Any:
    """A dataclass field with its documentation and bounds."""
    return dataclasses.field(default=default, metadata={"bounds": Bounds(doc, low, high, choices)})


@dataclasses.dataclass(frozen=True, slots=True)
class ParamSpec:
    """One leaf of a parameter tree: dotted name, type, default and bounds."""

    name: str
    type: type
    default: ParamValue
    bounds: Bounds


def param_specs(params_type: type[Any], prefix: str = "") -> Iterator[ParamSpec]:
    """Every leaf of a parameter dataclass, depth first, in order of definition."""
    hints = typing.get_type_hints(params_type)
    for field in dataclasses.fields(params_type):
        name = f"{prefix}{field.name}"
        if dataclasses.is_dataclass(hints[field.name]):
            yield from param_specs(hints[field.name], f"{name}.")
        else:
            given: Any = field.default
            default = list(given) if isinstance(given, tuple) else given
            kind = list if typing.get_origin(hints[field.name]) is tuple else hints[field.name]
            yield ParamSpec(name, kind, default, field.metadata["bounds"])


def make_params(
    params_type: type[ParamsT], values: Mapping[str, ParamValue], place: Place | None = None
) -> ParamsT:
    """The parameter object with `values` (dotted names) over the defaults.

    Raises ConfigError for an unknown name, a wrong type or a value out of bounds.
    """
    specs = {spec.name: spec for spec in param_specs(params_type)}
    for name in values:
        if name not in specs:
            close = difflib.get_close_matches(name, specs, n=1)
            known = ", ".join(specs) if len(specs) <= _FEW else "those in docs/PARAMETERS.md"
            raise ConfigError(
                f"unknown parameter '{name}'",
                place=place,
                expected=f"one of {known}",
                remedy=f"did you mean '{close[0]}'?" if close else "remove it",
            )
    checked = {name: _checked(specs[name], value, place) for name, value in values.items()}
    return _build(params_type, checked, "")


def _build(params_type: type[ParamsT], values: Mapping[str, ParamValue], prefix: str) -> ParamsT:
    hints = typing.get_type_hints(params_type)
    arguments: dict[str, Any] = {}
    for field in dataclasses.fields(params_type):  # type: ignore[arg-type]
        name = f"{prefix}{field.name}"
        if dataclasses.is_dataclass(hints[field.name]):
            arguments[field.name] = _build(hints[field.name], values, f"{name}.")
        elif name in values:
            value = values[name]
            # ROS 2 takes no empty list in a parameter file: `['']` stands for one.
            if isinstance(value, list):
                arguments[field.name] = tuple(item for item in value if item != "")
            else:
                arguments[field.name] = value
    return params_type(**arguments)


def _checked(spec: ParamSpec, value: ParamValue, place: Place | None) -> ParamValue:
    bounds = spec.bounds
    if spec.type is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    is_bool_for_number = isinstance(value, bool) and spec.type is not bool
    if not isinstance(value, spec.type) or is_bool_for_number:
        raise ConfigError(
            f"parameter '{spec.name}' is {value!r}",
            place=place,
            expected=f"a value of type {spec.type.__name__} ({bounds.doc})",
            remedy="correct the value",
        )
    if isinstance(value, (int, float)) and not bounds.low <= value <= bounds.high:
        raise ConfigError(
            f"parameter '{spec.name}' is {value}",
            place=place,
            expected=f"{bounds.low:g} to {bounds.high:g} ({bounds.doc})",
            remedy="choose a value within the bounds",
        )
    if bounds.choices and value not in bounds.choices:
        raise ConfigError(
            f"parameter '{spec.name}' is {value!r}",
            place=place,
            expected=f"one of {', '.join(bounds.choices)} ({bounds.doc})",
            remedy="choose one of them",
        )
    return value


def read_param_file(path: Path) -> dict[str, ParamValue]:
    """Dotted names and values of a ROS 2 parameter file with the one section `/**`.

    Raises ConfigError when the file is missing, is not YAML or has another shape.
    """
    document = load_yaml(path, "the parameter file")
    section = document.get("/**") if isinstance(document, dict) else None
    values = section.get("ros__parameters") if isinstance(section, dict) else None
    if not isinstance(values, dict):
        raise ConfigError(
            "no parameters found",
            place=Place(path),
            expected="a mapping '/**: ros__parameters: ...'",
            remedy="see launch/config for examples",
        )
    return dict(flatten(values, ""))


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, ParamValue]]:
    """Nested mappings as dotted names and values."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
