"""docs/PARAMETERS.md: every parameter of every process, made from the dataclasses."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import math
import typing
from collections.abc import Iterator
from typing import Any

from patrol_core.params import ParamSpec, param_specs
from patrol_core.processes import GATE, PROCESSES, Process
from patrol_gate.params import GateParams
from patrol_sim.params import SimParams
from ronda_cli.environment.paths import ROOT

PAGE = ROOT / "docs" / "PARAMETERS.md"

_HEAD = """# Parameters

Made by `./ronda check --fix` from the dataclasses in `src/*/params.py`; not to be edited.
What differs from a default goes into `launch/config/<process>.yaml`, a ROS 2 parameter file, in
which groups are nested:

```yaml
/**:
  ros__parameters:
    navigator:
      mppi: {rollouts: 300}
```
A name that does not exist, a wrong type or a value out of bounds ends the process with a sentence
that says so. `base` is the simulated one.
"""

_MOTORS = """
## motors, in the robot file
How a real base is driven: the section `motors` of the file that `./ronda up --robot FILE` takes.
Beside what follows for all, it holds the parameters of its controller. Those that the robot's
numbers say already (ticks, top speed, accelerations) are taken from them unless they stand here.
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for process in PROCESSES:
        parts.append(f"\n## {process.name}\n{process.doc}.\n")
        parts += _sections(*_params_of(process))
    from patrol_drivers.base.setup import CONTROLLERS, BaseParams, params_type_of

    parts += [_MOTORS, *_sections(BaseParams, "")]
    for name in CONTROLLERS:
        params = params_type_of(name)
        parts.append(f"\n### controller: {name}\n{inspect.getdoc(params)}\n")
        parts += _sections(params, "")
    return "".join(parts)


def _params_of(process: Process) -> tuple[type[Any], str]:
    """The dataclass of a process, and what stands before its names."""
    if process.assembly:
        return importlib.import_module(process.assembly).PARAMS, ""
    return (GateParams, "") if process is GATE else (SimParams, "sim.")


def _sections(params: type[Any], prefix: str) -> Iterator[str]:
    """The parameters of one group as a table, then its groups."""
    specs = [s for s in param_specs(params, prefix) if "." not in s.name.removeprefix(prefix)]
    if prefix:
        yield f"\n### {prefix.removesuffix('.')}\n{inspect.getdoc(params)}\n"
    if specs:
        yield "\n| name | default | from | to | meaning |\n|---|---|---|---|---|\n"
        yield from map(_row, specs)
    hints = typing.get_type_hints(params)
    for field in dataclasses.fields(params):
        if dataclasses.is_dataclass(hints[field.name]):
            yield from _sections(hints[field.name], f"{prefix}{field.name}.")


def _row(spec: ParamSpec) -> str:
    bounds = spec.bounds
    doc = bounds.doc.replace("|", "\\|")
    if bounds.choices:
        low, high = ", ".join(f"`{choice}`" for choice in bounds.choices), ""
    else:
        low, high = (f"{b:g}" if math.isfinite(b) else "" for b in (bounds.low, bounds.high))
    return f"| `{spec.name}` | `{spec.default}` | {low} | {high} | {doc} |\n"
