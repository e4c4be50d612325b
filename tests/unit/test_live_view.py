"""What the live view gathers and says."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from patrol_core.geometry import Pose2
from patrol_core.processes import PROCESSES
from patrol_core.site import Site, load_site
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    DIAGNOSTICS,
    GATE_STATUS,
    INCIDENTS,
    LOCALIZATION_STATUS,
    PATROL_EVENTS,
    PATROL_STATUS,
)
from patrol_core.types.mission import PatrolEvent, PatrolState, PatrolStatus
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import FindingKind, Incident
from patrol_core.types.sensors import BatteryState
from patrol_core.types.status import (
    Authority,
    GateState,
    GateStatus,
    Health,
    HealthLevel,
    LocalizationLevel,
    LocalizationStatus,
)
from patrol_sim.truth import RobotTruth, Truth
from ronda_cli.environment.paths import ROOT
from ronda_cli.live.map_sketch import MapSketch
from ronda_cli.live.state import LiveState, RealTimeFactor
from ronda_cli.live.view import line, moment, panel
from ronda_cli.scorer import TruthListener


def gate(stamp_s: float, state: GateState = GateState.PASSING, *reasons: str) -> GateStatus:
    return GateStatus(
        stamp_s, state, Authority.MISSION, reasons, 1.0, 0.6, 0.0, 0.4, 0.0, math.inf
    )


def incident(number: int, revision: int = 1) -> Incident:
    return Incident(5.0, number, "f", revision, FindingKind.OBJECT, 2.0, 3.0, "it stands", False)


def on_screen(view: RenderableType) -> str:
    screen = io.StringIO()
    Console(width=140, file=screen).print(view)
    return screen.getvalue()


@pytest.fixture(scope="module")
def yard() -> Site:
    return load_site(ROOT / "sites" / "yard")


@pytest.fixture
def state() -> LiveState:
    state = LiveState()
    state.take(AMCL_POSE, PoseEstimate(9.0, Pose2(1.0, -2.0, math.pi / 2)), 0.0)
    state.take(BATTERY_STATE, BatteryState(9.0, 25.0, -2.0, 0.83, False), 0.0)
    state.take(GATE_STATUS, gate(9.0, GateState.HOLD, "the scan is old"), 0.0)
    state.take(
        LOCALIZATION_STATUS,
        LocalizationStatus(9.0, LocalizationLevel.LOST, "carried away", 2.0, 0.1, 0.2), 0.0,
    )  # fmt: skip
    state.take(
        PATROL_STATUS,
        PatrolStatus(9.0, "p", PatrolState.PATROLLING, "perimeter", 1, 2, "gate", 0.25, ""), 0.0,
    )  # fmt: skip
    for process in PROCESSES[:-1]:
        state.take(DIAGNOSTICS, Health(9.0, process.name, HealthLevel.OK, "running"), 10.0)
    return state


def test_it_knows_who_is_missing(state: LiveState) -> None:
    assert state.missing() == [PROCESSES[-1].name]


def test_the_line_says_what_matters(state: LiveState) -> None:
    said = line(state)
    for words in ("9.0 s", "patrolling lap 1/2", "25%", "to gate", "at 1.0, -2.0", "0.40 m/s",
                  "gate hold: the scan is old", "localisation lost", "battery 83%"):  # fmt: skip
        assert words in said


def test_the_panel_shows_everything(state: LiveState, yard: Site) -> None:
    state.take(INCIDENTS, incident(1), 10.0)
    shown = on_screen(panel("Yard", state, {"r1/nav": 2}, ["news today"], MapSketch(yard), 12.0))
    for words in ("lap 1 of 2: patrolling, 25%", "hold: the scan is old", "carried away",
                  "nav (restarted 2x)", f"{PROCESSES[-1].name} starting", "news today",
                  "↑", "!", "D", "x 1.00 m  y -2.00 m  90°"):  # fmt: skip
        assert words in shown


def test_a_process_that_falls_silent_is_named(state: LiveState, yard: Site) -> None:
    shown = on_screen(panel("Yard", state, {}, [], MapSketch(yard), 16.0))
    assert "nav silent" in shown


def test_the_panel_stands_an_empty_state(yard: Site) -> None:
    shown = on_screen(panel("Yard", LiveState(), {}, [], MapSketch(yard), 0.0))
    assert "gate starting" in shown
    assert line(LiveState())


def test_news_are_told_once() -> None:
    state = LiveState()
    for revision in (1, 2):
        state.take(INCIDENTS, incident(1, revision), 0.0)
    for _ in range(2):
        state.take(GATE_STATUS, gate(1.0, GateState.LATCHED, "tilted"), 0.0)
    event = PatrolEvent(2.0, "p", "checkpoint_reached", "gate", "Gate", Pose2(0.0, 0.0))
    state.take(PATROL_EVENTS, event, 0.0)
    for _ in range(2):
        state.take(PATROL_EVENTS, replace(event, number=7, message="Gate again"), 0.0)
    assert list(state.news) == [
        "incident 1: object at 2.0, 3.0 m (it stands)",
        "latched stop: tilted",
        "checkpoint reached (gate: Gate)",
        "checkpoint reached (gate: Gate again)",
    ]
    assert state.incidents[1].revision == 2


def test_the_real_time_factor_looks_back_five_seconds() -> None:
    factor = RealTimeFactor()
    assert factor.value is None
    for wall_s in range(11):
        factor.mark(wall_s * 1.0 if wall_s <= 5 else 5.0 + (wall_s - 5) * 3.0, float(wall_s))
    assert factor.value == pytest.approx(3.0)
    factor.mark(0.0, 11.0)
    assert factor.value is None


def test_stamps_are_seconds_or_the_time_of_day() -> None:
    assert moment(12.34).strip() == "12.3 s"
    assert moment(1_795_404_598.0).count(":") == 2


def truth(stamp_s: float, pose: Pose2) -> str:
    robot = RobotTruth("robot", pose, 0.0, 0.0, 0.0, False, math.inf, math.inf, math.inf, 0.0)
    return Truth(stamp_s, (robot,), (), (), ()).to_json()


def test_beliefs_are_held_against_the_truth_of_their_own_moment() -> None:
    listener = TruthListener()
    listener.believe(PoseEstimate(0.5, Pose2(9.0, 9.0)))
    listener.hear(truth(1.0, Pose2(0.0, 0.0, 3.0)))
    listener.believe(PoseEstimate(1.05, Pose2(0.5, 0.3, math.pi)))
    listener.believe(PoseEstimate(1.1, Pose2(1.0, 0.1, -3.0)))
    listener.believe(PoseEstimate(1.15, Pose2(5.0, 5.0)))
    listener.hear(truth(1.1, Pose2(1.0, 0.0, -3.0)))
    error = listener.errors.result()
    assert error.position_max_m == pytest.approx(0.3)
    assert error.position_rms_m == pytest.approx(math.sqrt((0.09 + 0.01) / 2.0))
    assert error.heading_rms_rad == pytest.approx(0.0, abs=1e-9)
    assert listener.truth is not None and listener.truth.stamp_s == 1.1
