"""`./ronda up`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrol_core.errors import ConfigError, Place, RondaError

if TYPE_CHECKING:
    from ronda_cli.session import Session


def run(
    site: Annotated[str, typer.Option(help="Site.")] = "depot",
    robot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The robot's numbers; default: the rover.")
    ] = None,
    base: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Launch file of another base driver."),
    ] = None,
    port: Annotated[
        str, typer.Option(metavar="PORT", help="Port of the motor controller; default: as there.")
    ] = "",
    laps: Annotated[
        int, typer.Option(min=0, help="Patrol so many laps at once; 0: wait to be asked.")
    ] = 0,
    patience: Annotated[float, typer.Option(min=1.0, help="Seconds to wait for the base.")] = 60.0,
    headless: Annotated[bool, typer.Option("--headless", help="Plain lines, no view.")] = False,
) -> None:
    """Run the system on a robot.

    Starts every process. The base drives the motor controller that the robot file names in its
    section `motors`; without one, and without --base, it runs already. Sensors belong to drivers
    of their own. Without their rows the gate lets nothing move, and after a while this command
    says which are missing and ends with exit status 1. Patrols are asked for on the action
    `patrol`, or with --laps. Ctrl-C ends everything.
    """
    from patrol_core.robot import load_robot
    from patrol_core.site import load_site
    from patrol_drivers.base.setup import has_motors, load_motors
    from ronda_cli.environment.paths import ROOT
    from ronda_cli.launcher.start import start
    from ronda_cli.live.terminal import Terminal
    from ronda_cli.live.watcher import RobotWatcher
    from ronda_cli.runs import RUNS, new_run_folder
    from ronda_cli.session import Session, StoppedError, claimed_domain
    from ronda_cli.setting import ROBOT_FILE

    place = load_site(ROOT / "sites" / site)
    robot_file = (robot or ROBOT_FILE).resolve()
    load_robot(robot_file)
    arguments = {"site": str(place.folder), "robot": str(robot_file)}
    if base is None and robot is not None and has_motors(robot_file):
        load_motors(robot_file, load_robot(robot_file), port)
        base = ROOT / "launch" / "base.launch.xml"
        arguments["port"] = port
    if base is not None:
        if not base.is_file():
            raise ConfigError("there is no such launch file", place=Place(base))
        arguments["base"] = str(base.resolve())
    try:
        with claimed_domain():
            folder = new_run_folder(site, datetime.now().astimezone())
            arguments |= {"run_folder": str(folder), "latch_folder": str(RUNS / "robot")}
            (RUNS / "robot").mkdir(exist_ok=True)
            launch = start("robot.launch.xml", arguments, folder / "logs")
            terminal = Terminal(place.name, place, plain=headless)
            with Session(launch, RobotWatcher(), terminal) as session, terminal:
                wait_for_base(session, patience)
                if laps:
                    session.watcher.start_patrol(place.routes[0].route_id, laps)
                while True:
                    session.step()
    except StoppedError as stopped:
        print(f"ronda: {stopped}; everything is down. records: {folder}", file=sys.stderr)
        sys.exit(stopped.status)


def wait_for_base(session: Session, patience_s: float) -> None:
    """Until base and sensors have said all that the gate needs before it lets anything move.

    Raises RondaError that names the rows that are missing, and what the base has to say of it.
    """
    from patrol_core.topics import BUMPER, DIAGNOSTICS, ESTOP, IMU, ODOM, SCAN
    from patrol_core.types.status import Health, HealthLevel

    needed = (SCAN, ODOM, IMU, BUMPER, ESTOP)
    watcher = session.watcher
    watcher.note_arrivals(needed)
    problems: dict[str, str] = {}

    def note(health: Health) -> None:
        problems.pop(health.name, None)
        if health.level is HealthLevel.ERROR:
            problems[health.name] = health.message

    watcher.on(DIAGNOSTICS, note)
    session.terminal.say(f"waiting for the base: {', '.join(row.name for row in needed)}")
    if session.wait(lambda: all(row.name in watcher.seen for row in needed), patience_s):
        session.terminal.say("the base is there")
        return
    missing = [f"'{row.name}' ({row.doc})" for row in needed if row.name not in watcher.seen]
    words = [f"{name} says: {message}" for name, message in problems.items()]
    raise RondaError(
        "; ".join([f"in {patience_s:.0f} s nothing has come on {', '.join(missing)}", *words]),
        remedy="start the drivers of the sensors, and that of the base where the robot file names "
        "no motor controller (--base FILE); check ports and cables",
    )
