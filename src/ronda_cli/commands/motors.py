"""`./ronda motors test`, `./ronda motors square` and `./ronda motors umbmark`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrol_core.errors import RondaError

if TYPE_CHECKING:
    from patrol_drivers.base.selftest import Side
    from patrol_drivers.base.umbmark import Calibration, Direction, SquareError
    from patrol_drivers.base.wiring import Sight

app = typer.Typer(help="Test and calibrate the motors of a robot.", no_args_is_help=True)
_RobotOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The robot's numbers; default: the rover.")
]
_SideOption = Annotated[
    float, typer.Option(min=0.5, max=20.0, metavar="METRES", help="Side of the square.")
]


@app.command("test")
def check_wheels(
    robot: _RobotOption = None,
    port: Annotated[str, typer.Option(help="Serial port, if not the robot file's.")] = "",
    on_blocks: Annotated[
        bool, typer.Option("--on-blocks", help="The wheels are off the ground.")
    ] = False,
    questions: Annotated[
        bool, typer.Option(help="Ask what the wheels really do; needs somebody who looks.")
    ] = True,
    max_current: Annotated[
        float, typer.Option(min=0.1, metavar="AMPERES", help="Most that a free wheel may draw.")
    ] = 5.0,
) -> None:
    """Turn each wheel a little and say what is wired, counted or set wrongly.

    Without ROS, directly on the motor controller, before the first drive: the wheels must be off
    the ground, and a hand at the switch. Exit status 1 when something is wrong.
    """
    from rich.console import Console

    from patrol_core.robot import load_robot
    from patrol_drivers.base.selftest import SelfTest, SelfTestParams
    from patrol_drivers.base.setup import load_motors
    from patrol_drivers.base.wiring import Verdict
    from ronda_cli.setting import ROBOT_FILE

    if not on_blocks:
        raise RondaError(
            "the wheels would turn", expected="a robot whose wheels are off the ground",
            remedy="put it on blocks, keep a hand at the switch, and add --on-blocks",
        )  # fmt: skip
    file = robot or ROBOT_FILE
    setup = load_motors(file, load_robot(file), port)
    params = SelfTestParams(setup.watchdog_s, max_current_a=max_current)
    witness = _Questions() if questions else None
    driver = setup.make_driver(time.monotonic)
    console = Console(highlight=False, soft_wrap=True)
    colours = {Verdict.RIGHT: "green", Verdict.WRONG: "red", Verdict.OPEN: "yellow"}
    wrong = 0
    for check in SelfTest(driver, time.monotonic, time.sleep, params, witness).run():
        colour = colours[check.verdict]
        console.print(f"[{colour}]{check.verdict.value:6}[/] {check.what:22} ", end="")
        console.print(check.found, markup=False)
        if check.remedy:
            console.print(f"       to do: {check.remedy}", markup=False)
        wrong += check.verdict is Verdict.WRONG
    if wrong:
        console.print(f"{wrong} thing{'s' if wrong > 1 else ''} wrong")
        raise typer.Exit(1)
    console.print("all that could be found out is right")


class _Questions:
    """A `patrol_drivers.base.selftest.Witness` at the keyboard."""

    def saw(self, side: Side) -> Sight:
        from patrol_drivers.base.wiring import Sight

        del side  # the answer must not be suggested
        wheel = _choice("which wheel turned first just now", ("left", "right", "none"))
        if wheel == "none":
            return Sight(wheel)
        return Sight(wheel, _choice("which way", ("forward", "backward")) == "forward")

    def turns(self, side: Side) -> float:
        return float(
            typer.prompt(f"about how many turns did the {side.words} wheel make", type=float)
        )


def _choice(question: str, answers: tuple[str, ...]) -> str:
    while True:
        answer = str(typer.prompt(f"{question} ({', '.join(answers)})")).strip().lower()
        found = [word for word in answers if answer and word.startswith(answer)]
        if len(found) == 1:
            return found[0]


@app.command()
def square(
    direction: Annotated[str, typer.Option(metavar="cw|ccw", help="Which way round.")],
    side: _SideOption = 4.0,
    namespace: Annotated[str, typer.Option(help="Namespace of the robot.")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask whether the floor is free.")
    ] = False,
) -> None:
    """Drive one square on odometry alone, through the gate, and print the odometry's end.

    The robot must run (./ronda up) and stand on its mark. Ctrl-C stops it, and so does the gate
    when it holds. The last line goes into the file of ./ronda motors umbmark, with what you
    measure in place of the question marks.
    """
    from patrol_drivers.base.square import SquareDrive
    from ronda_cli.calibration.square_run import SquareRun
    from ronda_cli.live.watcher import RobotWatcher

    way = _direction(direction)
    if not yes:
        typer.confirm(
            f"a square of {side:g} m, the first leg ahead, to the "
            f"{'left' if way.sign > 0.0 else 'right'}: is the floor free", abort=True,
        )  # fmt: skip
    watcher = RobotWatcher(namespace)
    try:
        end = SquareRun(watcher, SquareDrive(side, way), typer.echo).run()
    finally:
        watcher.close()
    typer.echo("measure from the mark: x along the first leg, y to its left")
    typer.echo(f"{way.value},?,?,{end.x_m:.4f},{end.y_m:.4f}")


def _direction(text: str) -> Direction:
    from patrol_drivers.base.umbmark import Direction

    try:
        return Direction(text)
    except ValueError as error:
        raise RondaError(f"--direction {text}", expected="cw or ccw") from error


@app.command()
def umbmark(
    errors: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Measured squares; default: asks for them.")
    ] = None,
    side: _SideOption = 4.0,
    robot: _RobotOption = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the values into the robot file; the old is kept.")
    ] = False,
    picture: Annotated[
        Path, typer.Option(metavar="PNG", help="Where the clusters are drawn.")
    ] = Path("umbmark.png"),
) -> None:
    """Radii and wheel base from squares driven both ways round (UMBmark, Borenstein and Feng).

    The file has the columns direction,measured_x_m,measured_y_m,odometry_x_m,odometry_y_m: five
    squares cw and five ccw, by ./ronda motors square, all with the robot file as it is now.
    """
    from patrol_core.robot import load_robot
    from patrol_drivers.base.umbmark import calibrate
    from ronda_cli.calibration.errors_file import read_errors
    from ronda_cli.calibration.picture import draw_errors
    from ronda_cli.calibration.robot_file import calibrated_values, write_wheels
    from ronda_cli.setting import ROBOT_FILE

    file = robot or ROBOT_FILE
    wheels = load_robot(file).wheels
    squares = _asked(side) if errors is None else read_errors(errors, side)
    found = calibrate(squares, side, wheels)
    _print(found)
    draw_errors("measured minus odometry", squares, picture)
    typer.echo(f"picture: {picture}")
    if not found.residual_m < found.worst_m:
        typer.echo("nothing is certain enough to be corrected: drive more squares", err=True)
        raise typer.Exit(1)
    typer.echo("in the section 'wheels' of the robot file:")
    for name, value in calibrated_values(found.wheels).items():
        typer.echo(f"  {name}: {value}")
    if write:
        kept = write_wheels(file, found.wheels)
        typer.echo(f"written into {file}; the old file is {kept}; start the robot anew")


def _print(found: Calibration) -> None:
    from patrol_drivers.base.umbmark import USUAL_RUNS

    for direction, cluster in found.clusters.items():
        few = f" (the method wants {USUAL_RUNS})" if cluster.count < USUAL_RUNS else ""
        typer.echo(
            f"{direction.value:4} centre of gravity {cluster.x_m:+.3f}, {cluster.y_m:+.3f} m "
            f"+- {cluster.uncertainty_m:.3f} m, from {cluster.count}{few}"
        )
    typer.echo(
        f"E_max,syst now {found.worst_m:.3f} m, expected afterwards {found.residual_m:.3f} m"
    )
    typer.echo(
        f"right wheel by left {found.wheel_ratio:.5f} (E_d), "
        f"wheel base by that of the file {found.separation_ratio:.5f} (E_b)"
    )
    left_mm, right_mm = (
        radius_m * 1000.0 for radius_m in (found.wheels.left_radius_m, found.wheels.right_radius_m)
    )
    typer.echo(
        f"left radius {left_mm:.2f} mm, right {right_mm:.2f} mm; their mean is as it was: measure "
        "it with a tape beside a straight leg"
    )


def _asked(side_m: float) -> list[SquareError]:
    """Ends of squares from the keyboard."""
    from patrol_drivers.base.umbmark import USUAL_RUNS, Direction, SquareError

    typer.echo("measured minus odometry, x along the first leg, y to its left [m]")
    squares = []
    for direction in Direction:
        for run in range(USUAL_RUNS):
            what = f"{direction.value} {run + 1} of {USUAL_RUNS}"
            x_m, y_m = (_metres(f"{what}: {axis}", side_m) for axis in "xy")
            squares.append(SquareError(direction, x_m, y_m))
    return squares


def _metres(question: str, most_m: float) -> float:
    while True:
        value = float(typer.prompt(question, type=float))
        if abs(value) <= most_m:
            return value
        typer.echo(f"no more than the side, {most_m:g} m")
