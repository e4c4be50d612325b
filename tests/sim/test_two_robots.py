"""Two robots in one simulator, in closed loop: each hears itself alone, on its own dock."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.processes import NAV
from patrol_core.site.own_docks import with_own_docks
from patrol_core.topics import SCAN
from patrol_sim.errors import ScenarioError
from patrol_sim.scenario import Fault, FaultKind, load_scenario
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import STEP_S, ClosedLoop, step_together
from ronda_cli.environment.paths import ROOT
from ronda_cli.setting import Setting, load_setting

DOCKS = {"a": "south_dock", "b": "north_dock"}


@pytest.fixture(scope="module")
def court() -> Setting:
    return load_setting("court")


def simulator_of(court: Setting, *names: str) -> Simulator:
    scenario = load_scenario(ROOT / "sim" / "scenarios" / "court.yaml")
    return Simulator(court.world, [court.setup(name) for name in names], scenario, 3)


def test_what_one_says_reaches_its_own_processes_alone(court: Setting, tmp_path: Path) -> None:
    simulator = simulator_of(court, *DOCKS)
    loops, ears = [], []
    for name, dock in DOCKS.items():
        (tmp_path / name).mkdir()
        site = with_own_docks(court.site, dock)
        context = ProcessContext(site, court.robot, tmp_path / name, 5)
        loop = ClosedLoop(simulator, context, processes=(NAV,), namespace=name)
        ear = Mailbox((SCAN,))
        loop.attach(ear, "listener")
        loop.setup()
        loops.append(loop)
        ears.append(ear)
    simulator.add_fault(Fault(FaultKind.DROP, 1.0, 9.0, SCAN.name, "b"))
    for _ in range(round(2.0 / STEP_S)):
        step_together(loops)
    for loop, dock in zip(loops, DOCKS.values(), strict=True):
        pose = loop.pose
        assert pose is not None
        assert pose.pose.distance_to(court.site.dock(dock).pose) < 0.2
        loop.close()
    scans = [ear.snapshot().latest(SCAN) for ear in ears]
    assert scans[0] is not None and scans[1] is not None
    assert scans[0].stamp_s > 1.8 and scans[1].stamp_s <= 1.0
    simulator.close()


def test_a_robot_without_a_start_is_refused(court: Setting) -> None:
    with pytest.raises(ScenarioError, match="no start for the robot 'c'"):
        simulator_of(court, "a", "b", "c")
