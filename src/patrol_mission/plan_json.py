"""Plans as JSON, both ways; what is read is checked."""

from __future__ import annotations

import dataclasses
import json
import math
import typing
from typing import Any

from patrol_core.errors import RondaError
from patrol_core.site.model import Direction
from patrol_mission.plan import Plan, Visit


class PlanError(RondaError):
    """A text that is no plan of a patrol."""


def plan_to_json(plan: Plan) -> str:
    """One line; `plan_from_json` gives the same plan, bit for bit."""
    return json.dumps(dataclasses.asdict(plan), default=lambda direction: direction.value)


def plan_from_json(text: str) -> Plan:
    """Raises PlanError where the text is no plan, or one that no robot could drive."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError(
            f"a plan is not JSON: {error}", remedy="use it as it was stored"
        ) from error
    plan: Plan = _read(Plan, document, "plan")
    _check(plan)
    return plan


def _read(kind: Any, value: Any, where: str) -> Any:
    """`value` as an object of a type: dataclass, tuple, direction, number or text."""
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        if not isinstance(value, dict) or sorted(value) != sorted(names):
            raise PlanError(f"{where} is not understood", expected=f"the keys {', '.join(names)}")
        hints = typing.get_type_hints(kind)
        read = {name: _read(hints[name], value[name], f"{where}.{name}") for name in names}
        return typing.cast("Any", kind)(**read)
    if typing.get_origin(kind) is tuple:
        return _read_tuple(typing.get_args(kind), value, where)
    if kind is Direction and value in [direction.value for direction in Direction]:
        return Direction(value)
    if kind is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        raise PlanError(f"{where} is {str(value)[:40]}", expected=f"a {kind.__name__.lower()}")
    return value


def _read_tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if isinstance(value, list) and kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(value)
    if not isinstance(value, list) or len(value) != len(kinds):
        raise PlanError(f"{where} is {str(value)[:40]}", expected=f"a list of {len(kinds)}")
    pairs = enumerate(zip(kinds, value, strict=True))
    return tuple(_read(kind, item, f"{where}[{at}]") for at, (kind, item) in pairs)


def _check(plan: Plan) -> None:
    """That its numbers are those of a patrol."""
    policy = plan.policy
    shares = (policy.level, policy.turning.early, policy.turning.late, *sum(policy.chances, ()))
    limits = {
        "seed": plan.seed >= 0,
        "laps": plan.laps >= 1,
        "lap_m, speed_mps": plan.lap_m > 0.0 and plan.speed_mps > 0.0,
        "turn_s, start_delay_s": plan.turn_s >= 0.0 and plan.start_delay_s >= 0.0,
        "bound_s": plan.bound_s > 0.0 and policy.lap_s > 0.0,
        "policy": all(0.0 <= share <= 1.0 for share in shares),
        "visits": len(plan.visits) >= 1 and all(_drivable(plan, visit) for visit in plan.visits),
    }
    wrong = [name for name, right in limits.items() if not right]
    if wrong:
        raise PlanError(
            f"the plan has values out of bounds: {'; '.join(wrong)}",
            expected="places on the lap, times of 0 s or more, chances from 0 to 1",
            remedy="use it as it was stored",
        )


def _drivable(plan: Plan, visit: Visit) -> bool:
    return 0.0 <= visit.along_m < plan.lap_m and visit.dwell_s >= 0.0
