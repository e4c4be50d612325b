"""One line of text: what the operator does, what the gate makes of it, how old the link is."""

from __future__ import annotations

from ronda_cli.teleop.operator import Operator

HELP = "hold w/s/a/d or arrows to drive; space: emergency stop, r: reset, q: leave"


def status_line(operator: Operator, now_s: float, width: int) -> str:
    """At most `width` characters; what matters most comes first."""
    return "  |  ".join((_doing(operator, now_s), _link(operator, now_s), _gate(operator)))[:width]


def _doing(operator: Operator, now_s: float) -> str:
    if operator.is_stopped:
        return "EMERGENCY STOP"
    key = operator.held(now_s)
    if key is not None:
        return key.value
    return "standing" if operator.has_lease else "watching"


def _link(operator: Operator, now_s: float) -> str:
    age_s = operator.age_s(now_s)
    if not operator.is_lost(now_s):
        return f"link {1000.0 * age_s:3.0f} ms"
    return "no robot" if age_s == float("inf") else f"LINK LOST for {age_s:.1f} s"


def _gate(operator: Operator) -> str:
    gate = operator.gate
    if gate is None:
        return "gate: silent"
    passed = f"{gate.passed_linear_mps:+.2f} m/s {gate.passed_angular_radps:+.2f} rad/s"
    return f"gate: {gate.state.value} {passed}  {'; '.join(gate.reasons)}".rstrip()
