"""The robot file: one home of the numbers, and clear words when one is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from patrol_core.errors import ConfigError
from patrol_core.robot import load_robot
from ronda_cli.environment.paths import ROOT

ROVER = ROOT / "urdf" / "config" / "rover.yaml"


def test_the_footprint_is_the_body_seen_from_the_axle() -> None:
    robot = load_robot(ROVER)
    corners = robot.footprint_m(margin_m=0.1)
    xs, ys = zip(*corners, strict=True)
    assert max(xs) - min(xs) == pytest.approx(robot.body.length_m + 0.2)
    assert max(ys) == -min(ys) == pytest.approx(robot.body.width_m / 2 + 0.1)
    assert (max(xs) + min(xs)) / 2 == pytest.approx(robot.body.center_x_m)


def test_its_top_is_what_is_highest() -> None:
    robot = load_robot(ROVER)
    assert robot.top_m == robot.gnss.xyz_m[2] == 0.6
    low = replace(robot, gnss=replace(robot.gnss, xyz_m=(0.0, 0.0, 0.1)))
    assert low.top_m == robot.camera.xyz_m[2]
    tall = replace(low, body=replace(low.body, height_m=0.9))
    assert tall.top_m == 0.9 + robot.body.ground_clearance_m


def test_a_file_may_say_how_each_wheel_differs(tmp_path: Path) -> None:
    file = tmp_path / "robot.yaml"
    text = ROVER.read_text(encoding="utf-8")
    file.write_text(text.replace("wheels:\n", "wheels:\n  left_radius_scale: 1.01\n"))
    plain, wheels = load_robot(ROVER).wheels, load_robot(file).wheels
    assert plain.left_radius_m == plain.right_radius_m == plain.radius_m
    assert wheels.left_radius_m == pytest.approx(1.01 * plain.radius_m)
    assert wheels.right_radius_m == plain.radius_m


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mass_kg: ", "mass_lb: ", "missing: mass_kg; unknown: mass_lb"),
        ("mass_kg: ", "mass_kg: heavy # ", "'mass_kg' is 'heavy'"),
        ("wheels:", "wheels:\n  left_radius_m: 0.09", "unknown: left_radius_m"),
        ("beams: 720", "beams: 720.5", "'lidar.beams' is 720.5"),
        ("xyz_m: [", "xyz_m: [1.0, ", "is [1.0"),
        ("name: rover", "name: [rover", "not valid YAML"),
        ("name: rover", "name: r\udce9ver", "not UTF-8"),
    ],
)
def test_a_wrong_robot_file_is_told_in_words(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    file = tmp_path / "robot.yaml"
    text = ROVER.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ConfigError) as caught:
        load_robot(file)
    assert words in str(caught.value)
    assert str(file) in str(caught.value)
