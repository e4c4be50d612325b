"""What outlives a crash of the mission, a power cut, a clock that jumps, a site that changes."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mission_robot import Robot, make_site

from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode
from patrol_core.site.elements import OnFailure, Otherwise, RouteCare
from patrol_core.site.model import Site
from patrol_core.topics import LOCALIZATION_STATUS, PATROL_COMMAND
from patrol_core.types.mission import NavigateGoal, PatrolCommand, PatrolState, PatrolVerb
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_mission.executive import PatrolExecutive
from patrol_mission.journal import Journal, JournalError
from patrol_mission.params import ExecutiveParams

EPOCH_S = 1.7e9


class Life:
    """A robot whose mission process can be killed and started again, at any tick."""

    def __init__(self, folder: Path, site: Site | None = None) -> None:
        self.folder, self.site = folder, site or make_site()
        self.robot = Robot(self.site)
        self.level = LocalizationLevel.GOOD
        self.run_name, self.epoch_s = "run-1", EPOCH_S
        self.start()

    def start(self) -> None:
        journal = Journal(self.folder / "mission.json", self.site, self.run_name, self.epoch_s)
        self.robot.executive = PatrolExecutive(
            self.site, ExecutiveParams(), "test", self.epoch_s, journal
        )
        self.robot.executive.setup()
        self.robot.mailbox = type(self.robot.mailbox)(self.robot.executive.reads)

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            now_s = self.robot.now_s
            status = LocalizationStatus(now_s, self.level, "", 0.02, 0.01, 0.9)
            self.robot._put(LOCALIZATION_STATUS, status)
            self.robot.tick()

    def say(self, verb: PatrolVerb) -> None:
        self.robot._put(PATROL_COMMAND, PatrolCommand(self.robot.now_s, verb, "anna"))

    @property
    def visited(self) -> list[str]:
        return [e.subject for e in self.robot.events if e.kind == "checkpoint_reached"]

    def until(self, kind: str) -> None:
        while kind not in self.robot.kinds():
            self.tick()


@pytest.mark.parametrize("killed_at", range(2, 42, 3))
def test_a_crash_at_any_tick_changes_nothing_of_what_is_done(
    killed_at: int, tmp_path: Path
) -> None:
    """This robot jumps to its goals, so now and then it is elsewhere than it was: then it asks."""
    life = Life(tmp_path)
    life.robot.start(laps=2)
    life.tick(killed_at)
    life.start()
    life.tick(120)
    if life.robot.state is PatrolState.ASKING:
        assert "patrol_unsure" in life.robot.kinds()
        life.say(PatrolVerb.RESUME)
    life.tick(120)
    assert life.visited == ["b", "a"] * 2
    kinds = life.robot.kinds()
    assert kinds.count("patrol_started") == kinds.count("patrol_ended") == 1
    assert kinds.count("lap_completed") == 2
    assert life.robot.charging and life.robot.state is PatrolState.FINISHED


def test_goals_of_another_life_have_other_names(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.robot.start()
    life.tick(8)
    life.start()
    life.tick(100)
    ids = [goal.goal_id for goal in life.robot.goals]  # type: ignore[attr-defined]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (lambda life: setattr(life, "run_name", "run-2"), "was started since"),
        (lambda life: setattr(life, "epoch_s", EPOCH_S + 3600.0), "how long it was away"),
        (lambda life: setattr(life, "epoch_s", EPOCH_S - 3600.0), "how long it was away"),
        (lambda life: setattr(life, "level", LocalizationLevel.LOST), "where the robot is"),
        (lambda life: setattr(life.robot, "pose", Pose2(3.0, 25.0, 0.0)), "is elsewhere"),
    ],
    ids=["power cut", "clock forward", "clock back", "lost", "carried"],
)  # fmt: skip
def test_where_it_is_not_sure_it_stands_and_asks(
    change: object, doubt: str, tmp_path: Path
) -> None:
    life = Life(tmp_path)
    life.robot.ignore.add("follow_route")
    life.robot.start()
    life.tick(20)
    change(life)  # type: ignore[operator]
    life.start()
    life.robot.ignore.clear()
    goals = len(life.robot.goals)
    life.tick(150)
    assert life.robot.state is PatrolState.ASKING
    (halt,) = life.robot.goals[goals:]
    assert isinstance(halt, NavigateGoal) and halt.pose == life.robot.pose
    (unsure,) = [e for e in life.robot.events if e.kind == "patrol_unsure"]
    assert doubt in unsure.message
    life.say(PatrolVerb.RESUME)
    life.tick(200)
    assert life.visited == ["b", "a"]


def test_a_person_may_end_what_was_under_way(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.robot.start()
    life.tick(6)
    life.run_name = "run-2"
    life.start()
    life.tick(120)
    life.say(PatrolVerb.STOP)
    life.tick(60)
    assert life.robot.results[-1].result.code is ErrorCode.STOPPED_BY_OPERATOR
    assert life.robot.charging


def test_a_pause_a_question_and_a_rest_outlive_a_crash(tmp_path: Path) -> None:
    site = make_site()
    care = RouteCare(on_failure=OnFailure(otherwise=Otherwise.STOP_HERE))
    life = Life(tmp_path, replace(site, routes=(replace(site.routes[0], care=care),)))
    life.robot.fail["follow_route"] = 1
    life.robot.start()
    life.until("stopped_here")
    life.start()
    life.tick(50)
    assert life.robot.state is PatrolState.ASKING
    life.say(PatrolVerb.RESUME)
    life.say(PatrolVerb.PAUSE)
    life.tick(5)
    life.start()
    life.tick(50)
    assert life.robot.state is PatrolState.PAUSED
    life.robot.charge = 0.2
    life.say(PatrolVerb.RESUME)
    life.tick(40)
    life.robot.charge = 0.5
    life.start()
    life.tick(40)
    assert life.robot.state is PatrolState.RESTING
    life.robot.charge = 0.9
    life.tick(100)
    assert life.visited == ["b", "a"]


def test_a_route_that_is_no_more_is_given_up_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    life = Life(tmp_path)
    life.robot.start()
    life.tick(8)
    life.site = replace(life.site, routes=())
    life.start()
    life.tick(5)
    assert "is given up: the site knows 'perimeter' no more" in caplog.text
    assert life.robot.executive._board.run is None


def test_what_was_learned_of_the_battery_is_kept_between_patrols(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.robot.executive._board.energy.take_over(3e-4, 2e-5)
    life.tick(3)
    life.start()
    energy = life.robot.executive._board.energy
    assert (energy.per_m, energy.per_s) == (3e-4, 2e-5)


def test_a_disk_that_is_full_is_told_once_and_the_patrol_goes_on(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.robot.start()
    life.tick(3)
    (tmp_path / "mission.json.partial").mkdir()
    life.tick(150)
    assert life.robot.kinds().count("journal_failed") == 1
    assert life.robot.results[0].result.ok


def whole(folder: Path) -> bytes:
    life = Life(folder)
    life.robot.start(laps=2)
    life.tick(12)
    return (folder / "mission.json").read_bytes()


def test_whatever_stands_in_the_file_it_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mission.json"
    text = whole(tmp_path).decode()
    for broken in (
        "",
        "null",
        text[:-9],
        text.replace('"form":1', '"form":7'),
        text.replace('"laps":2', '"laps":"two"'),
        text.replace('"lap":1', '"lap":9'),
    ):
        path.write_text(broken, encoding="utf-8")
        caplog.clear()
        life = Life(tmp_path)
        life.tick(3)
        assert life.robot.state is PatrolState.IDLE
        assert "mission.json" in caplog.text or "is given up" in caplog.text
    assert (tmp_path / "mission.json.unreadable").exists()


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_journal_raises_anything_but_its_error(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    document = json.loads(WHOLE or _remember(whole(folder)))
    inner = document["run"] if data.draw(st.booleans()) else document
    inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(values)
    path = folder / "mission.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    journal = Journal(path, make_site(), "run-1", EPOCH_S)
    try:
        kept = journal.recall()
        run = None if kept is None or kept.run is None else journal.run_of(kept.run)
    except JournalError:
        return
    assert run is None or (len(run.leg_left) > 0 and not math.isnan(run.fraction_done(1.0)))


WHOLE = b""


def _remember(data: bytes) -> bytes:
    global WHOLE  # noqa: PLW0603 - made once
    WHOLE = data
    return data
