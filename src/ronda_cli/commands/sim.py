"""`./ronda sim`."""

from __future__ import annotations

import math
import sys
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrol_core.errors import RondaError
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
    Simulator,
    WhoDrives,
)

if TYPE_CHECKING:
    from rich.console import Console

    from ronda_cli.scorer import Verdict
    from ronda_cli.setting import Setting
    from ronda_cli.simulation import SimOptions


class Controller(str, Enum):
    """Local controllers."""

    MPPI = "mppi"
    PURE_PURSUIT = "pure_pursuit"


def run(
    site: Annotated[
        str, typer.Option(help="Site: a name in sites/, or a folder (then with --world).")
    ] = "depot",
    world: Annotated[
        Path | None, typer.Option(metavar="FILE", help="SDF world; default: that of the site.")
    ] = None,
    robot: RobotFile = None,
    urdf: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its URDF or xacro; default: the rover's.")
    ] = None,
    laps: Annotated[int, typer.Option(min=0, help="Laps; 0: wait, no patrol.")] = 1,
    route: Annotated[str, typer.Option(help="Route; default: the site's first.")] = "",
    headless: Headless = False,
    speed: Annotated[
        str, typer.Option(metavar="N|max", help="Times real time; max: as fast as it goes.")
    ] = "1",
    seed: Annotated[int, typer.Option(min=0, help="Seed of noise and chance.")] = 0,
    scenario: Annotated[
        str, typer.Option(metavar="FILE|random", help="People and things; default: the site's.")
    ] = "",
    camera: Annotated[bool, typer.Option(help="Take pictures (needs EGL).")] = True,
    controller: Annotated[
        Controller | None, typer.Option(help="Local controller; default: as configured.")
    ] = None,
    sim: Annotated[Simulator, typer.Option(help="Simulator.")] = Simulator.EMBEDDED,
    learn_views: LearnViews = False,
    kiosk_port: KioskPort = 8470,
    console_port: ConsolePort = 8480,
    foxglove: Foxglove = False,
    no_map: NoMap = False,
    navigator: WhoDrives = Navigator.RONDA,
    rviz: RViz = False,
    robots: Annotated[
        str, typer.Option(metavar="NAME,...", help="Several robots, each a namespace, as a,b.")
    ] = "",
    log_ticks: Annotated[
        bool, typer.Option("--log-ticks", help="Log what every tick saw and said, for a replay.")
    ] = False,
) -> None:
    """Patrol a site in simulation, every part in its own process, and judge the patrol.

    Ends with exit status 0 if the patrol ended in the dock, nothing was touched, everything that
    was planted was found and nothing else was reported. Ctrl-C ends everything.
    """
    from ronda_cli.gazebo import need_gazebo, use_gazebo_classic
    from ronda_cli.runs import new_run_folder
    from ronda_cli.session import StoppedError, claimed_domain
    from ronda_cli.setting import load_setting
    from ronda_cli.simulation import SimOptions, SimulatedPatrol, scenario_file

    factor = parse_speed(speed)
    if sim is Simulator.GAZEBO:
        need_gazebo(factor)
    setting = load_setting(site, world, robot, urdf)
    if sim is Simulator.GAZEBO_CLASSIC:
        use_gazebo_classic()
    options = SimOptions(
        laps, headless, factor, seed, scenario_file(scenario, site), camera,
        controller.value if controller else "", sim.value, learn_views, kiosk_port, route,
        not no_map, console_port, foxglove, navigator.value, rviz, log_ticks,
    )  # fmt: skip
    try:
        with claimed_domain():
            folder = new_run_folder(setting.site.folder.name, datetime.now().astimezone())
            if robots:
                verdicts = _patrol_together(robots, setting, options, folder)
            else:
                verdicts = {folder: SimulatedPatrol(setting, options, folder).run()}
    except StoppedError as stopped:
        print(f"ronda: {stopped}; everything is down", file=sys.stderr)
        sys.exit(stopped.status)
    _tell(verdicts, setting)
    sys.exit(0 if all(verdict.clean for verdict in verdicts.values()) else 1)


def _patrol_together(
    robots: str, setting: Setting, options: SimOptions, folder: Path
) -> dict[Path, Verdict]:
    """Verdicts by the robots' folders. Raises RondaError when one hears another."""
    from ronda_cli.fleet import SimulatedFleet, members_of

    members = members_of(robots, setting.site, options, folder)
    fleet = SimulatedFleet(setting, options, folder, members)
    verdicts = fleet.run()
    if fleet.strays:
        raise RondaError(f"robots are not apart: {'; '.join(fleet.strays)}")
    return {member.folder: verdict for member, verdict in zip(members, verdicts, strict=True)}


def _tell(verdicts: dict[Path, Verdict], setting: Setting) -> None:
    """Each verdict, and where its report is."""
    from rich.console import Console

    from ronda_cli.records import Records
    from ronda_cli.reporting import write_patrol_report

    console = Console(highlight=False, soft_wrap=True)
    for folder, verdict in verdicts.items():
        print_verdict(console, verdict)
        report = write_patrol_report(Records(str(folder), ""), setting.site, setting.robot)
        console.print(f"report: {report}")


def parse_speed(text: str) -> float:
    """Times real time; 0 for "max". Raises RondaError."""
    if text == "max":
        return 0.0
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0.0 < speed <= 1000.0:
        raise RondaError(f"--speed {text}", expected="a number above 0, at most 1000, or max")
    return speed


def print_verdict(console: Console, verdict: Verdict) -> None:
    """What went well and what did not."""
    from rich.table import Table

    error = verdict.pose_error
    table = Table(title="Patrol passed" if verdict.clean else "Patrol failed", show_header=False)
    reached = f"{verdict.checkpoints_reached} of {verdict.checkpoints}"
    lap = "no whole lap"
    if not math.isnan(verdict.lap_time_s):
        lap = f"{verdict.lap_time_s:.0f} s ({verdict.lap_ratio:.2f} of ideal)"
    people, others = verdict.person_contacts, verdict.contacts_by_others
    rows = (
        ("ended", verdict.message or "in the dock", verdict.finished),
        ("checkpoints", reached, verdict.completed),
        ("touched", f"{verdict.contacts} ({people} people; {others} by others)",
         verdict.contacts == 0),
        ("planted things found", f"{verdict.found} of {verdict.objects}",
         verdict.found == verdict.objects),
        ("false alarms", str(verdict.false_alarms), verdict.false_alarms == 0),
        ("obstructions reported", str(verdict.obstructions), None),
        ("lap time", lap, None),
        ("nearest person on the move, ever",
         f"{verdict.clearance_moving_m:.2f} m, {verdict.clearance_person_m:.2f} m", None),
        ("nearest thing", f"{verdict.clearance_thing_m:.2f} m", None),
        ("localisation error",
         f"{error.position_rms_m:.2f} m rms, {error.position_max_m:.2f} m worst", None),
    )  # fmt: skip
    marks = {None: "", True: "[green]ok[/]", False: "[red]failed[/]"}
    for what, value, holds in rows:
        table.add_row(what, value, marks[holds])
    console.print(table)
    for note in verdict.notes:
        console.print(note, markup=False)
