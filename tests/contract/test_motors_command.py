"""What somebody who types `./ronda motors` relies on."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.controllers.served import served
from typer.testing import CliRunner, Result

from patrol_core.errors import ConfigError, RondaError
from patrol_core.robot import load_robot
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.unit import RoboclawParams
from ronda_cli.app import build
from ronda_cli.calibration.errors_file import HEADER, read_errors
from ronda_cli.setting import ROBOT_FILE

SQUARES = """\
# a floor of concrete
cw,-0.10,-0.21,0.001,0.001
cw,-0.11,-0.23,0.001,0.001
ccw,0.15,-0.06,0.001,0.001
ccw,0.16,-0.05,0.001,0.001
"""


def run(*words: str, text: str = "") -> Result:
    return CliRunner().invoke(build(["motors"]), ["motors", *words], input=text)


@pytest.fixture
def robot(tmp_path: Path) -> Path:
    file = tmp_path / "robot.yaml"
    ticks = RoboclawParams().plant.motor.ticks_per_rev
    text = ROBOT_FILE.read_text(encoding="utf-8")
    file.write_text(text.replace("_per_rev: 4096", f"_per_rev: {ticks}"), encoding="utf-8")
    return file


def test_on_the_ground_nothing_is_tested(robot: Path) -> None:
    outcome = run("test", "--robot", str(robot))
    assert isinstance(outcome.exception, RondaError)
    assert "--on-blocks" in str(outcome.exception)


@pytest.mark.parametrize(("ampere", "status"), [("5", 0), ("0.1", 1)])
def test_the_wheels_are_tested_on_a_port(
    robot: Path, tmp_path: Path, ampere: str, status: int
) -> None:
    port = tmp_path / "rc0"
    options = ("--robot", str(robot), "--port", str(port), "--on-blocks", "--no-questions")
    with served(lambda now_s: Roboclaw(RoboclawParams(), now_s), port):
        outcome = run("test", *options, "--max-current", ampere)
    assert outcome.exit_code == status, outcome.output
    assert "left wheel forward" in outcome.output and "right motor current" in outcome.output
    assert ("to do:" in outcome.output) == bool(status)


def test_it_asks_what_the_wheels_do_and_names_what_is_wrong(robot: Path, tmp_path: Path) -> None:
    port = tmp_path / "rc0"
    with served(lambda now_s: Roboclaw(RoboclawParams(), now_s), port):
        outcome = run(
            "test", "--robot", str(robot), "--port", str(port), "--on-blocks",
            text="right\nforward\nleft\nforward\n",
        )  # fmt: skip
    assert outcome.exit_code == 1
    assert "left and right are swapped: the right wheel turned" in outcome.output
    assert "change motors_swapped in the robot file" in outcome.output


def test_umbmark_writes_the_robot_file_and_keeps_comments_and_the_old_one(
    robot: Path, tmp_path: Path
) -> None:
    file, before = tmp_path / "squares.csv", robot.read_text(encoding="utf-8")
    file.write_text(f"{','.join(HEADER)}\n{SQUARES}", encoding="utf-8")
    picture = tmp_path / "umbmark.png"
    words = ("umbmark", "--errors", str(file), "--robot", str(robot), "--picture", str(picture))
    outcome = run(*words)
    assert outcome.exit_code == 0 and robot.read_text(encoding="utf-8") == before
    outcome = run(*words, "--write")
    assert outcome.exit_code == 0, outcome.output
    assert picture.stat().st_size > 5000
    wheels = load_robot(robot).wheels
    assert f"left_radius_scale: {wheels.left_radius_scale:.6g}" in outcome.output
    assert wheels.right_radius_scale > 1.0 > wheels.left_radius_scale
    assert wheels.separation_m != 0.44
    assert robot.with_name("robot.yaml.1.old").read_text(encoding="utf-8") == before
    changed = [
        line
        for line in robot.read_text(encoding="utf-8").splitlines()
        if line not in before.splitlines()
    ]
    assert len(changed) == 3
    assert any("# between the middles of the two drive wheels" in line for line in changed)
    run(*words, "--write")
    assert robot.with_name("robot.yaml.2.old").exists()
    assert len(robot.read_text(encoding="utf-8").splitlines()) == len(before.splitlines()) + 2


def test_umbmark_asks_where_no_file_is_given(robot: Path, tmp_path: Path) -> None:
    picture = tmp_path / "umbmark.png"
    answers = 5 * ["-0.1", "-0.2"] + 5 * ["0.1", "-0.1"]
    outcome = run(
        "umbmark", "--robot", str(robot), "--picture", str(picture), text="\n".join(answers) + "\n"
    )
    assert outcome.exit_code == 0, outcome.output
    assert "cw   centre of gravity -0.100, -0.200 m" in outcome.output


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("direction,x\n", 1, "name the columns"),
        (f"{','.join(HEADER)}\ncw,0,0,0\n", 2, "4 fields"),
        (f"{','.join(HEADER)}\n\nup,0,0,0,0\n", 3, "'up'"),
        (f"{','.join(HEADER)}\ncw,0,?,0,0\n", 2, "could not convert"),
        (f"{','.join(HEADER)}\ncw,0,nan,0,0\n", 2, "no end of a square"),
        (f"{','.join(HEADER)}\ncw,12,0,0,0\n", 2, "no end of a square"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = tmp_path / "squares.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_errors(file, 4.0)
    assert words in str(caught.value) and f"{file}:{line}" in str(caught.value)


def test_a_robot_file_in_another_style_is_left_alone(tmp_path: Path, robot: Path) -> None:
    text = robot.read_text(encoding="utf-8")
    start, end = text.index("wheels:"), text.index("drive:")
    flow = (
        "wheels: {radius_m: 0.09, width_m: 0.06, separation_m: 0.44, "
        "encoder_ticks_per_rev: 4096, caster_radius_m: 0.05, caster_x_m: 0.34}\n"
    )
    robot.write_text(text[:start] + flow + text[end:], encoding="utf-8")
    file, before = tmp_path / "squares.csv", robot.read_text(encoding="utf-8")
    file.write_text(f"{','.join(HEADER)}\n{SQUARES}", encoding="utf-8")
    outcome = run(
        "umbmark", "--errors", str(file), "--robot", str(robot), "--write",
        "--picture", str(tmp_path / "umbmark.png"),
    )  # fmt: skip
    assert isinstance(outcome.exception, ConfigError)
    assert robot.read_text(encoding="utf-8") == before
    assert not list(tmp_path.glob("*.old")) and not list(tmp_path.glob(".*.new"))
