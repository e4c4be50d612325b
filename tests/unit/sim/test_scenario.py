from __future__ import annotations

from pathlib import Path

import pytest

from patrol_core.geometry import Pose2
from patrol_sim.errors import ScenarioError
from patrol_sim.people import SeenRobot, Walker
from patrol_sim.removal import Removal
from patrol_sim.scenario import Fault, FaultKind, Pedestrian, load_scenario

ROOT = Path(__file__).parents[3]
GOOD = """\
name: test
starts:
  - pose: {x_m: 1, y_m: 2, yaw_rad: 0.5}
pedestrians:
  - name: walker
    waypoints_m: [[0, 0], [5, 0]]
    gives_way: false
    falls_s: 9
objects:
  - name: bag
    kind: bag
    size_m: [0.4, 0.3, 0.4]
    pose: {x_m: 1, y_m: 2, yaw_rad: 0}
    planted: true
faults:
  - {kind: drop, start_s: 3, duration_s: 2, row: scan}
removed:
  - {model: gate, from_m: -3.8, to_m: 3.8}
  - {model: hydrant_3}
"""


def test_reads_everything(tmp_path: Path) -> None:
    path = tmp_path / "test.yaml"
    path.write_text(GOOD)
    scenario = load_scenario(path)
    assert scenario.starts[0].pose == Pose2(1.0, 2.0, 0.5)
    assert not scenario.pedestrians[0].gives_way
    assert scenario.pedestrians[0].falls_s == 9.0
    assert scenario.objects[0].planted
    assert scenario.faults == (Fault(FaultKind.DROP, 3.0, 2.0, "scan", amount=0.3),)
    assert scenario.removed == (Removal("gate", -3.8, 3.8), Removal("hydrant_3"))


@pytest.mark.parametrize("path", sorted((ROOT / "sim" / "scenarios").glob("*.yaml")), ids=str)
def test_the_shipped_scenarios_are_sound(path: Path) -> None:
    assert load_scenario(path).starts


@pytest.mark.parametrize(
    ("good", "bad", "line", "says"),
    [
        ("kind: bag", "kind: bomb", 11, "bomb"),
        ("[[0, 0], [5, 0]]", "[[0, 0]]", 6, "too few"),
        ("[[0, 0], [5, 0]]", "[[0, 0], [0, 0]]", 6, "repeated"),
        ("[0.4, 0.3, 0.4]", "[0.4, 0.3]", 12, "not a size"),
        ("[0.4, 0.3, 0.4]", "[0.4, 0.3, -1]", 12, "-1"),
        ("kind: drop", "kind: explode", 16, "explode"),
        (", row: scan", "", 16, "no row"),
        ("name: bag", "name: walker", 10, "twice"),
        ("yaw_rad: 0.5", "heading: 0.5", 3, "heading"),
        ("starts:", "beginnings:", 2, "beginnings"),
        ("gives_way: false", "gives_way: perhaps", 7, "perhaps"),
    ],
)
def test_names_file_and_line_of_what_is_wrong(
    tmp_path: Path, good: str, bad: str, line: int, says: str
) -> None:
    path = tmp_path / "test.yaml"
    path.write_text(GOOD.replace(good, bad, 1))
    with pytest.raises(ScenarioError) as raised:
        load_scenario(path)
    assert f"test.yaml:{line}: " in str(raised.value)
    assert says in str(raised.value)


def walker(gives_way: bool = True, pause_s: float = 0.0) -> Walker:
    points = ((0.0, 0.0), (4.0, 0.0), (4.0, 3.0))
    return Walker(Pedestrian("w", points, 1.0, pause_s, 1.0, gives_way))


STARTING_M = 0.54
"""So far behind one who were at his pace of 1 m/s at once is who starts to walk."""


def walk(
    person: Walker, start_s: float, seconds: float, robots: tuple[SeenRobot, ...] = ()
) -> None:
    for tick in range(round(seconds / 0.02)):
        person.step(start_s + tick * 0.02, 0.02, robots)


def test_who_falls_lies_where_he_fell() -> None:
    person = Walker(Pedestrian("w", ((0.0, 0.0), (4.0, 0.0)), 1.0, 0.0, 1.0, True, 3.0))
    walk(person, 0.0, 2.9)
    assert not person.lies
    walk(person, 2.9, 5.0)
    assert person.lies and person.speed_mps == 0.0
    assert person.pose.x_m == pytest.approx(2.0 - STARTING_M, abs=0.05)


def test_who_follows_a_robot_stands_between_times_and_leaves_at_last() -> None:
    spans = ((2.0, 6.0), (8.0, 12.0))
    points = ((0.0, 0.0), (0.0, -9.0))
    person = Walker(Pedestrian("w", points, 1.0, 0.0, 0.0, True, None, spans))
    robot = (SeenRobot(Pose2(8.5, 0.0)),)
    walk(person, 0.0, 4.0, robot)
    assert person.pose.x_m == pytest.approx(2.0 - STARTING_M, abs=0.05)
    walk(person, 4.0, 4.0, robot)
    assert person.pose.x_m == pytest.approx(4.0 - STARTING_M, abs=0.05)
    walk(person, 8.0, 4.0, robot)
    assert person.pose.x_m == pytest.approx(5.0, abs=0.01), "no nearer than 3.5 m"
    walk(person, 12.0, 20.0, robot)
    assert (person.pose.x_m, person.pose.y_m) == pytest.approx((0.0, -9.0), abs=0.05)


def test_walks_to_and_fro_from_its_start_time() -> None:
    person = walker()
    walk(person, 0.0, 0.5)
    assert not person.started
    walk(person, 1.0, 6.0 + STARTING_M)
    assert person.pose.x_m == pytest.approx(4.0)
    assert person.pose.y_m == pytest.approx(2.0, abs=0.1)
    walk(person, 7.0 + STARTING_M, 8.0 + STARTING_M)
    assert person.pose.distance_to(Pose2(0.0, 0.0)) < 0.2


def test_reaches_its_pace_in_about_a_second() -> None:
    person = walker(pause_s=1.0)
    walk(person, 1.0, 0.1)
    assert person.speed_mps == pytest.approx(0.17, abs=0.01)
    walk(person, 1.1, 0.44)
    assert person.speed_mps == pytest.approx(0.63, abs=0.01)
    walk(person, 1.54, 2.0)
    assert person.speed_mps == pytest.approx(1.0, abs=0.02)
    walk(person, 3.54, 2.4)
    assert person.speed_mps == 0.0, "it stands at the corner"
    walk(person, 5.94, 0.9)
    assert 0.1 < person.speed_mps < 0.9, "and starts anew"


def test_pauses_at_waypoints() -> None:
    person = walker(pause_s=10.0)
    walk(person, 1.0, 8.0)
    assert person.pose == Pose2(4.0, 0.0, person.pose.yaw_rad)
    assert person.speed_mps == 0.0


def test_gives_way_only_to_what_is_ahead() -> None:
    ahead, behind = SeenRobot(Pose2(2.0, 0.3)), SeenRobot(Pose2(-1.0, 0.0))
    polite, other, rude = walker(), walker(), walker(gives_way=False)
    walk(polite, 1.0, 2.0, (ahead,))
    walk(other, 1.0, 2.0, (behind,))
    walk(rude, 1.0, 2.0, (ahead,))
    assert polite.pose.x_m < 0.3
    assert other.pose.x_m == rude.pose.x_m == pytest.approx(2.0 - STARTING_M, abs=0.05)


def test_one_who_ignores_robots_turns_round_before_one_that_stands() -> None:
    person = walker(gives_way=False)
    walk(person, 1.0, 3.0, (SeenRobot(Pose2(2.5, 0.0), stood_s=3.0),))
    assert person.pose.x_m < 1.41
    assert abs(person.pose.yaw_rad) > 3.0


def test_a_touch_makes_it_turn_round() -> None:
    person = walker(gives_way=False)
    walk(person, 1.0, 2.0)
    for tick in range(100):
        person.touched()
        walk(person, 3.0 + tick * 0.02, 0.02)
    assert person.pose.x_m == pytest.approx(1.0, abs=0.1)
