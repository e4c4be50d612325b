"""A site's files that change while the robot runs: what counts, from when, for whom."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.mission_robot import Robot
from tests.simulated import ROOT
from tests.unit.test_schedule_starter import MissionProcess

from patrol_core.site import load_site
from patrol_core.site.site_watch import SiteWatch
from patrol_core.types.mission import PatrolState
from patrol_mission.journal import Journal


class Yard:
    """Every write is seen, however soon it comes after the last one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "yard"
        shutil.copytree(ROOT / "sites" / "yard", self.folder)
        self.site = load_site(self.folder)
        self._written = 0

    def write(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        self._written += 1
        os.utime(path, (self._written, self._written))


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def test_what_may_change_is_taken_up_within_a_second(yard: Yard) -> None:
    watch = SiteWatch(yard.site)
    assert not watch.refresh(0.0) and watch.site is yard.site
    yard.write("site.yaml", "22:00", "21:00")
    yard.write("zones.geojson", "[3, -3.9]", "[3.2, -3.9]")
    assert not watch.refresh(0.5)
    assert watch.refresh(1.0) and watch.problem == ""
    assert watch.site.schedules[0].starts_s == (21 * 3600,)
    assert watch.site.checkpoint("gate").pose.x_m == 3.2
    assert not watch.refresh(2.0)


def test_files_with_a_mistake_change_nothing(yard: Yard) -> None:
    watch = SiteWatch(yard.site)
    yard.write("site.yaml", "[gate, north_side]", "[gaet]")
    assert watch.refresh(1.0) and watch.site is yard.site
    assert "site.yaml:17: route 'perimeter' names the unknown checkpoint" in watch.problem
    yard.write("site.yaml", "[gaet]", "[gate]")
    assert watch.refresh(2.0) and watch.problem == ""
    assert watch.site.routes[0].checkpoint_ids == ("gate",)


def test_the_outline_and_the_docks_are_those_of_the_start(yard: Yard) -> None:
    watch = SiteWatch(yard.site)
    yard.write("site.yaml", "y_m: -0.85, yaw_deg", "y_m: -0.86, yaw_deg")
    assert watch.refresh(1.0) and "from the next start" in watch.problem
    assert watch.site.docks == yard.site.docks


def test_a_patrol_keeps_its_plan_and_the_next_one_goes_by_the_new_site(yard: Yard) -> None:
    robot = Robot(yard.site)
    robot.start()
    robot.tick(5)
    before = robot.executive._board.run
    assert before is not None
    legs = before.legs
    yard.write("site.yaml", "[gate, north_side]", "[gate]")
    robot.tick(15)
    said = [e for e in robot.events if e.kind == "site_changed"]
    assert len(said) == 1 and "keeps its plan" in said[0].message and before.legs == legs
    robot.tick(300)
    assert robot.state is PatrolState.FINISHED
    robot.start()
    robot.tick(5)
    after = robot.executive._board.run
    assert after is not None and len(after.legs) < len(legs)


def test_a_schedule_that_is_moved_while_running_starts_at_its_new_time(
    yard: Yard, tmp_path: Path
) -> None:
    yard.write("site.yaml", "22:00", "23:59")
    mission = MissionProcess(tmp_path, site=load_site(yard.folder))
    mission.tick(30.0)
    yard.write("site.yaml", "23:59", "20:00")
    mission.tick(60.0)
    assert [goal.route_id for goal in mission.goals] == ["perimeter"]


def test_a_schedule_that_is_taken_away_while_it_waits_is_accounted_for(
    yard: Yard, tmp_path: Path
) -> None:
    yard.write("site.yaml", "22:00", "20:00")
    mission = MissionProcess(tmp_path, site=load_site(yard.folder))
    mission.charge = 0.1
    mission.tick(90.0)
    yard.write("site.yaml", '"20:00"', '"23:00"')
    mission.tick(5.0)
    missed = [event for event in mission.events if event.kind == "schedule_missed"]
    assert mission.goals == [] and "asks for it no more" in missed[0].message


def test_a_journal_of_a_later_patrol_is_of_the_site_as_it_was_then(yard: Yard) -> None:
    journal = Journal(yard.folder / "mission.json", yard.site, "run", 0.0)
    yard.write("site.yaml", "22:00", "21:00")
    anew = Journal(yard.folder / "mission.json", load_site(yard.folder), "run", 0.0)
    assert journal._digest != anew._digest
    journal.heed(replace(yard.site, schedules=()))
    assert journal._digest == anew._digest
