"""What `./ronda site teach` does, step by step, at a person's terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2
from patrol_core.robot import load_robot
from patrol_core.site import Site
from ronda_cli.commands.site import print_problem, summary
from ronda_cli.live.map_sketch import MapSketch
from ronda_cli.runs import find_run
from ronda_cli.setting import ROBOT_FILE
from ronda_cli.teaching.finish import Task, changed_files, new_files, shown
from ronda_cli.teaching.from_run import lesson_of_run
from ronda_cli.teaching.journal import Journal
from ronda_cli.teaching.new_site import Identity, starter
from ronda_cli.teaching.run import LiveLesson, Teacher
from ronda_cli.teaching.scans import ScanLog
from ronda_cli.teaching.writing import checked, differences, write

if TYPE_CHECKING:
    from ronda_cli.teaching.lesson import Lesson
    from ronda_cli.teaching.taught import TaughtRoute


def begin_site(
    console: Console, task: Task, datum: str, facing_deg: float, *, dry_run: bool
) -> None:
    """Write an empty square to drive in, and say how to go on. Raises RondaError."""
    try:
        latitude_deg, longitude_deg = map(float, datum.split(","))
    except ValueError:
        raise RondaError(
            f"--datum {datum}", expected="LAT,LON in degrees, e.g. 51.2254,6.7763"
        ) from None
    name = task.site_name
    identity = Identity(
        name.replace("_", " ").capitalize(), latitude_deg, longitude_deg, math.radians(facing_deg)
    )
    if _put(console, task, starter(identity), dry_run=dry_run) and not dry_run:
        console.print(
            "Next, with the robot standing where its dock is or shall be:\n"
            f"  ./ronda up --site {name} --no-map       in a second terminal\n"
            f"  ./ronda site teach {name} --new         drives, and makes map and route"
        )


def lesson_from(run: str, stop_s: float, site: Site) -> Lesson:
    """The lesson of a finished run. Raises RondaError."""
    return lesson_of_run(find_run(run), stop_s, site.docks)


def drive(console: Console, task: Task, site: Site, lesson: Lesson, namespace: str) -> None:
    """Drive and mark until the driver finishes; what he did is in the lesson and on disk.

    Raises typer.Exit where he left, RondaError without a terminal.
    """
    from ronda_cli.live.watcher import RobotWatcher
    from ronda_cli.teleop.keyboard import Keyboard
    from ronda_cli.teleop.keys import TEACHING_LETTERS
    from ronda_cli.teleop.operator import Operator, TeleopParams
    from ronda_cli.teleop.run import TeleopRun

    keyboard = Keyboard(TEACHING_LETTERS)
    journal = Journal(task.journal, site=task.site_name)
    scans = _scan_log(task) if task.is_new else None
    title = f"Teaching {site.name}: {task.route_id}"
    live = LiveLesson(Teacher(lesson, journal, scans), title, MapSketch(site), console)
    watcher = RobotWatcher(namespace)
    try:
        live.listen(watcher)
        run = TeleopRun(watcher, Operator(TeleopParams()), keyboard, live)
        with live.live:
            number = run.run()
    finally:
        watcher.close()
        journal.close()
        if scans is not None:
            scans.close()
    if not live.finished:
        console.print(
            f"Kept: {lesson.length_m:.0f} m driven. The same command goes on; with --finish it "
            "writes the route, with --anew it begins again."
        )
        raise typer.Exit(128 + number if number else 1)


def finish_lesson(console: Console, task: Task, lesson: Lesson, *, dry_run: bool) -> bool:
    """Write what was taught into the site, if it is right; whether it is."""

    def ask(taught: TaughtRoute) -> list[str]:
        return [_name(console, checkpoint.name) for checkpoint in taught.checkpoints]

    if task.is_new:
        with Progress(console=console, transient=True) as bar:
            row = bar.add_task("laying the scans onto each other", total=1.0)
            taught, files = new_files(
                task, load_robot(ROBOT_FILE), lambda share: bar.update(row, completed=share)
            )
    else:
        taught, files = changed_files(task, lesson, ask)
    if not _put(console, task, files, dry_run=dry_run):
        console.print(
            "Nothing is written; the drive is kept. Mend the site and give the command with "
            "--finish, or drive it again with --anew."
        )
        return False
    if not dry_run:
        _tell(console, task, taught)
    return True


def _tell(console: Console, task: Task, taught: TaughtRoute) -> None:
    way = "a lap" if taught.line_m[0] == taught.line_m[-1] else "there and back"
    console.print(
        f"[green]Taught[/]: route '{taught.route_id}', {way}, {len(taught.line_m)} points, "
        f"{len(taught.checkpoints)} checkpoints, {len(taught.keep_outs)} keep-outs.\n"
        f"To edit:  names, dwell and the line in {shown(task.folder / 'zones.geojson')}; speed "
        f"and checkpoints in {shown(task.folder / 'site.yaml')}"
    )
    for check in taught.checks:
        console.print(
            f"To complete:  {check}_check in {shown(task.folder / 'checks.yaml')} (a comment yet)"
        )
    name = task.site_name
    console.print(
        f"Next:  ./ronda site check {name} --picture site.png, then start the system again and "
        f"patrol: ./ronda up --site {name} --laps 1 --route {taught.route_id}"
    )


def _put(console: Console, task: Task, files: Mapping[str, bytes], *, dry_run: bool) -> bool:
    """Check the files; write them if they are right, or only show them. Whether they are."""
    outcome = checked(task.folder, files)
    if dry_run:
        console.print(escape(differences(task.folder, files)), end="")
    for problem in outcome.problems:
        print_problem(console, problem)
    if outcome.site is None:
        return False
    console.print(f"[green]{escape(summary(outcome.site))}[/]")
    if not dry_run:
        version = write(task.folder, files, (task.journal, task.scans))
        console.print(f"Written: {', '.join(shown(task.folder / name) for name in files)}")
        if version is not None:
            console.print(f"As it was, and the drive: {shown(version)}")
    return True


def _name(console: Console, name: str) -> str:
    """Another name for a checkpoint, if there is somebody to ask."""
    if not sys.stdin.isatty():
        return ""
    return console.input(f"A name for '{name}' (Enter leaves it): ").strip()


def _scan_log(task: Task) -> ScanLog:
    lidar = load_robot(ROBOT_FILE).lidar
    mount = Pose2(lidar.xyz_m[0], lidar.xyz_m[1], lidar.rpy_rad[2])
    return ScanLog(task.scans, mount, lidar.range_max_m)
