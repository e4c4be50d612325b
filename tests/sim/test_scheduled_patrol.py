"""The yard is patrolled because its schedule says so, in closed loop."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.topics import PATROL_EVENTS
from patrol_mission.schedule.accounts import Ending
from patrol_mission.schedule.memory_file import read_memory
from patrol_records.reader import RecordReader
from patrol_sim.scenario import Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import STEP_S, ClosedLoop
from ronda_cli.setting import load_setting

NIGHT_S = datetime(2026, 6, 2, 20, 0, tzinfo=timezone.utc).timestamp() - 40.0
"""Ten at night on the yard's clock, less what the clock needs to be believed."""

RECORDED_S = 1.0


def test_a_patrol_starts_by_its_schedule_and_is_accounted_for(tmp_path: Path) -> None:
    setting = load_setting("yard")
    docks = tuple(dock.pose for dock in setting.site.docks)
    simulator = Simulator(
        setting.world, [setting.setup()], Scenario("night", (Start(docks[0]),)), 7,
        docks=docks, camera=False,
    )  # fmt: skip
    site = replace(setting.site, schedules=(replace(setting.site.schedules[0], laps=1),))
    context = ProcessContext(site, setting.robot, tmp_path / "run", 7, NIGHT_S)
    context.run_folder.mkdir()
    loop = ClosedLoop(simulator, context, {"mission": {"scheduler.enabled": True}})
    ear, kinds = Mailbox((PATROL_EVENTS,)), list[str]()
    loop.attach(ear, "cli")
    loop.setup()
    try:
        for _ in range(round(400.0 / STEP_S)):
            loop.step()
            kinds += [event.kind for event in ear.snapshot().events(PATROL_EVENTS)]
            if "schedule_done" in kinds:
                break
        for _ in range(round(RECORDED_S / STEP_S)):
            loop.step()
    finally:
        loop.close()
        simulator.close()
    assert kinds[:2] == ["patrol_started", "schedule_started"], kinds
    memory = read_memory(tmp_path / "schedule" / "yard.json")
    assert memory is not None and memory.under_way is None
    (account,) = memory.accounts
    assert (account.run.key, account.ending) == ("nightly 2026-06-02 22:00", Ending.DONE)
    reader = RecordReader(context.run_folder)
    assert reader.patrol_ids() == [account.run.patrol_id]
    assert [event.kind for event in reader.events(account.run.patrol_id)][-1] == "schedule_done"
    reader.close()
