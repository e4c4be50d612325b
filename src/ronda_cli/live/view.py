"""The live view: a panel for a terminal, a line for a log."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from patrol_core.processes import PROCESSES
from patrol_core.types.status import (
    GateState,
    GateStatus,
    HealthLevel,
    LocalizationLevel,
    LocalizationStatus,
)
from ronda_cli.live.map_sketch import MapSketch
from ronda_cli.live.state import LiveState

_SILENT_S = 5.0
_NO_SIMULATION_S = 1e9
_NEWS = 6
_FACT_COLUMNS = 46
_GATE_COLOURS = {
    GateState.PASSING: "green", GateState.LIMITED: "yellow", GateState.HOLD: "dark_orange",
    GateState.LATCHED: "bold red",
}  # fmt: skip
_LOCALIZATION_COLOURS = {
    LocalizationLevel.GOOD: "green", LocalizationLevel.DEGRADED: "yellow",
    LocalizationLevel.LOST: "bold red",
}  # fmt: skip
_HEALTH_COLOURS = {HealthLevel.OK: "green", HealthLevel.WARN: "yellow"}


def line(state: LiveState) -> str:
    """The state on one line, without colours."""
    parts = [moment(state.stamp_s)]
    if state.patrol is not None:
        patrol = state.patrol
        parts.append(f"{patrol.state.value} lap {patrol.lap}/{patrol.laps}")
        parts.append(f"{patrol.fraction_done:4.0%}")
        if patrol.next_checkpoint:
            parts.append(f"to {patrol.next_checkpoint}")
    if state.pose is not None:
        parts.append(f"at {state.pose.pose.x_m:.1f}, {state.pose.pose.y_m:.1f}")
    if state.gate is not None:
        parts.append(f"{state.gate.passed_linear_mps:.2f} m/s")
        parts.append(f"gate {_gate_words(state.gate)}")
    if state.localization is not None and state.localization.level is not LocalizationLevel.GOOD:
        parts.append(f"localisation {state.localization.level.value}")
    if state.battery is not None:
        parts.append(f"battery {state.battery.charge_fraction:.0%}")
    if state.factor.value is not None:
        parts.append(f"x{state.factor.value:.1f}")
    return "  ".join(parts)


def panel(
    title: str,
    state: LiveState,
    restarts: Mapping[str, int],
    news: Sequence[str],
    sketch: MapSketch,
    wall_s: float,
) -> RenderableType:
    """The whole view."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bright_black")
    facts.add_column(width=_FACT_COLUMNS)
    for name, value in _facts(state):
        facts.add_row(name, value)
    pose = None if state.pose is None else state.pose.pose
    drawing = sketch.draw(pose, state.incidents.values())
    processes = Columns(_processes(state, restarts, wall_s), padding=(0, 3))
    latest = Text("\n".join(news[-_NEWS:]), no_wrap=True, overflow="ellipsis")
    body = Columns([facts, drawing], padding=(0, 3))
    return Panel(Group(body, Text(), processes, Text(), latest), title=title, title_align="left")


def moment(stamp_s: float) -> str:
    """A stamp for a person: seconds since a simulation's start, or local time of day."""
    if stamp_s < _NO_SIMULATION_S:
        return f"{stamp_s:6.1f} s"
    return datetime.fromtimestamp(stamp_s).astimezone().strftime("%H:%M:%S")


def _facts(state: LiveState) -> list[tuple[str, RenderableType]]:
    facts: list[tuple[str, RenderableType]] = [("time", _time(state))]
    if state.patrol is not None:
        patrol = state.patrol
        done = f"{patrol.state.value}, {patrol.fraction_done:.0%}"
        of = f" of {patrol.laps}" if patrol.laps else ""
        facts.append(("patrol", f"lap {patrol.lap}{of}: {done}"))
        facts.append(("next", patrol.next_checkpoint or "-"))
    if state.pose is not None:
        pose = state.pose.pose
        degrees = math.degrees(pose.yaw_rad)
        facts.append(("pose", f"x {pose.x_m:.2f} m  y {pose.y_m:.2f} m  {degrees:.0f}°"))
    if state.gate is not None:
        gate = state.gate
        facts.append(
            ("speed", f"{gate.passed_linear_mps:.2f} m/s of {gate.commanded_linear_mps:.2f} asked")
        )
        facts.append(("gate", Text(_gate_words(gate), _GATE_COLOURS[gate.state])))
    if state.localization is not None:
        status = state.localization
        words = _localization_words(status)
        facts.append(("localisation", Text(words, _LOCALIZATION_COLOURS[status.level])))
    if state.battery is not None:
        charging = ", charging" if state.battery.charging else ""
        facts.append(("battery", f"{state.battery.charge_fraction:.0%}{charging}"))
    facts.append(("incidents", str(len(state.incidents))))
    return facts


def _time(state: LiveState) -> str:
    factor = state.factor.value
    speed = "" if factor is None else f"  ({factor:.1f} x real time)"
    return f"{moment(state.stamp_s)}{speed}"


def _gate_words(gate: GateStatus) -> str:
    reasons = "; ".join(gate.reasons)
    return f"{gate.state.value}: {reasons}" if reasons else gate.state.value


def _localization_words(status: LocalizationStatus) -> str:
    accuracy = f"{status.level.value}, ± {status.position_std_m:.2f} m"
    if status.level is LocalizationLevel.GOOD or not status.reason:
        return accuracy
    return f"{accuracy}: {status.reason}"


def _processes(state: LiveState, restarts: Mapping[str, int], wall_s: float) -> list[Text]:
    """One word a process: how it does, and how often it was started again."""
    again = {name.rpartition("/")[2]: count for name, count in restarts.items()}
    words = []
    for process in PROCESSES:
        health = state.health.get(process.name)
        if health is None:
            word = Text(f"◌ {process.name} starting", "bright_black")
        elif wall_s - state.heard_s[process.name] > _SILENT_S:
            word = Text(f"● {process.name} silent", "red")
        else:
            is_fine = health.level is HealthLevel.OK
            word = Text(
                f"● {process.name}{'' if is_fine else ': ' + health.message}",
                _HEALTH_COLOURS.get(health.level, "red"),
            )
        if again.get(process.name):
            word.append(f" (restarted {again[process.name]}x)", "yellow")
        words.append(word)
    return words
