"""`./ronda up`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from xml.sax.saxutils import quoteattr

import typer

from patrol_core.errors import ConfigError, Place, RondaError
from ronda_cli.commands.options import (
    ConsolePort,
    Foxglove,
    Headless,
    KioskPort,
    LearnViews,
    Navigator,
    NoMap,
    RobotFile,
    RViz,
    WhoDrives,
)

if TYPE_CHECKING:
    from patrol_core.topics import Topic
    from ronda_cli.live.terminal import Terminal
    from ronda_cli.service import SignsOfLife
    from ronda_cli.session import Session


def run(
    site: Annotated[str, typer.Option(help="Site: a name in sites/, or a folder.")] = "depot",
    robot: RobotFile = None,
    base: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Launch file of another base driver."),
    ] = None,
    sensors: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Launch file of sensors' drivers; may be repeated."),
    ] = None,
    port: Annotated[
        str, typer.Option(metavar="PORT", help="Port of the motor controller; default: as there.")
    ] = "",
    laps: Annotated[
        int, typer.Option(min=0, help="Patrol so many laps at once; 0: wait to be asked.")
    ] = 0,
    route: Annotated[str, typer.Option(help="Its route; default: the site's first.")] = "",
    no_schedules: Annotated[
        bool, typer.Option("--no-schedules", help="Start no patrol by the site's schedules.")
    ] = False,
    patience: Annotated[float, typer.Option(min=1.0, help="Seconds to wait for the base.")] = 60.0,
    headless: Headless = False,
    learn_views: LearnViews = False,
    kiosk_port: KioskPort = 8470,
    console_port: ConsolePort = 8480,
    foxglove: Foxglove = False,
    no_map: NoMap = False,
    network: Annotated[
        str, typer.Option(metavar="IFACE,...", help="Let DDS out here (docs/NETWORK.md).")
    ] = "",
    discovery_server: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Discovery by a server, not by multicast.")
    ] = "",
    navigator: WhoDrives = Navigator.RONDA,
    rviz: RViz = False,
) -> None:
    """Run the system on a robot.

    Starts every process. The base drives the motor controller that the robot file names in its
    section `motors`; without one, and without --base, it runs already. Sensors belong to drivers
    of their own, which --sensors starts (launch/examples has some). Without the rows that the gate
    needs nothing moves, and after a while this command says which are missing and ends with exit
    status 1. Patrols start by the site's schedules (`./ronda patrol calendar`) unless
    --no-schedules is given, with --laps, or when they are asked for (`./ronda patrol start`, the
    action `patrol`). Ctrl-C ends everything.

    As a service (launch/systemd) it tells systemd when the base is there, and that it lives as
    long as every process does.
    """
    from patrol_core.robot import load_robot
    from patrol_core.site.history import open_site
    from patrol_drivers.base.setup import has_motors, load_motors
    from ronda_cli.environment.paths import ROOT, site_folder
    from ronda_cli.launcher.start import start
    from ronda_cli.live.terminal import Terminal
    from ronda_cli.live.watcher import RobotWatcher
    from ronda_cli.network import open_up
    from ronda_cli.runs import RUNS, new_run_folder
    from ronda_cli.sd_notify import Notifier
    from ronda_cli.service import SignsOfLife
    from ronda_cli.session import Session, StoppedError, claimed_domain
    from ronda_cli.setting import ROBOT_FILE
    from ronda_cli.simulation import route_of

    place = open_site(site_folder(site))
    wanted = route_of(place, route)
    robot_file = (robot or ROBOT_FILE).resolve()
    load_robot(robot_file)
    arguments = {
        "site": str(place.folder), "robot": str(robot_file),
        "learn_views": str(learn_views).lower(), "use_map": str(not no_map).lower(),
        "schedules": str(not no_schedules).lower(),
        "serve_page": str(kiosk_port > 0).lower(), "kiosk_port": str(kiosk_port),
        "serve_console": str(console_port > 0).lower(), "console_port": str(console_port),
        "foxglove": str(foxglove).lower(), "navigator": navigator.value,
        "rviz": str(rviz).lower(),
    }  # fmt: skip
    if base is None and robot is not None and has_motors(robot_file):
        load_motors(robot_file, load_robot(robot_file), port)
        base = ROOT / "launch" / "base.launch.xml"
        arguments["port"] = port
    if base is not None:
        arguments["base"] = str(launch_file(base))
    drivers = [launch_file(path) for path in sensors or ()]
    needed = needed_rows(ROOT / "launch" / "config" / "gate.yaml")
    notifier = Notifier()
    told = open_up(network, discovery_server, os.environ, RUNS / "network")
    try:
        with claimed_domain():
            folder = new_run_folder(place.folder.name, datetime.now().astimezone())
            arguments |= {"run_folder": str(folder), "state_folder": str(RUNS / "robot")}
            (RUNS / "robot").mkdir(exist_ok=True)
            if drivers:
                arguments["sensors"] = str(write_includes(folder / "sensors.launch.xml", drivers))
            terminal = Terminal(place.name, place, plain=headless)
            launch = start("robot.launch.xml", arguments, folder / "logs")
            with Session(launch, RobotWatcher(), terminal) as session, terminal:
                wait_for_base(session, needed, patience)
                say_where_to_look(terminal, told, console_port, foxglove)
                notifier.ready()
                if laps:
                    session.watcher.start_patrol(wanted.route_id, laps)
                keep_running(session, SignsOfLife(notifier))
    except StoppedError as stopped:
        print(f"ronda: {stopped}; everything is down. records: {folder}", file=sys.stderr)
        sys.exit(stopped.status)


def say_where_to_look(terminal: Terminal, network: str, console_port: int, foxglove: bool) -> None:
    """What people and tools on other machines can reach; `network`: words of it, if any."""
    from ronda_cli.console_words import FOXGLOVE_WORDS, console_words
    from ronda_cli.runs import RUNS

    words = (network, console_words(console_port, RUNS / "robot"), FOXGLOVE_WORDS * foxglove)
    for told in filter(None, words):
        terminal.say(told)


def keep_running(session: Session, signs: SignsOfLife) -> NoReturn:
    """Until a signal ends it."""
    while True:
        session.step()
        signs.step(session.watcher.state, time.monotonic())


def launch_file(path: Path) -> Path:
    """The file, where it is. Raises ConfigError."""
    if not path.is_file():
        raise ConfigError("there is no such launch file", place=Place(path))
    return path.resolve()


def write_includes(path: Path, files: Sequence[Path]) -> Path:
    """A launch file that includes others; for an argument takes one file, not several."""
    lines = [f"  <include file={quoteattr(str(file))}/>\n" for file in files]
    path.write_text(f"<launch>\n{''.join(lines)}</launch>\n", encoding="utf-8")
    return path


def needed_rows(gate_file: Path) -> tuple[Topic[Any], ...]:
    """The rows of the base without which the gate lets nothing move, by its parameters.

    Raises ConfigError when the file is wrong.
    """
    from patrol_core.own_params import VARIABLE, own_params
    from patrol_core.params import make_params, read_param_file
    from patrol_core.processes import GATE
    from patrol_core.topics import ESTOP, ODOM, SCAN, topic_named
    from patrol_gate.params import GateParams

    own = own_params(os.environ.get(VARIABLE, ""), GATE.name)
    gate = make_params(GateParams, dict(read_param_file(gate_file)) | own, Place(gate_file))
    gate.check()
    inputs = (topic_named(name) for name in gate.required_inputs)
    estop = (ESTOP,) if gate.required_estop_sources else ()
    return (SCAN, ODOM, *(row for row in inputs if "base" in row.writers), *estop)


def wait_for_base(session: Session, needed: Sequence[Topic[Any]], patience_s: float) -> None:
    """Until base and sensors have said all that the gate needs before it lets anything move.

    Raises RondaError that names the rows that are missing, and what the base has to say of it.
    """
    from patrol_core.topics import DIAGNOSTICS
    from patrol_core.types.status import Health, HealthLevel

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
        remedy="start what publishes them (--base FILE, --sensors FILE), check ports and cables; "
        "what the robot does not have is taken out of required_inputs of the gate (docs/ROBOT.md)",
    )
