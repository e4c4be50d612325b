"""`./ronda patrol`: calendar, list, start, explain, status, pause, resume, skip, stop, look..."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from patrol_core.errors import RondaError

if TYPE_CHECKING:
    from patrol_core.types.mission import PatrolStatus
    from ronda_cli.live.patrol_line import PatrolLine

app = typer.Typer(help="When patrols start, and how the one under way does.", no_args_is_help=True)
_SiteOption = Annotated[
    str, typer.Option(metavar="SITE", help="A site's name (a folder in sites/) or its path.")
]
_NamespaceOption = Annotated[str, typer.Option(help="Namespace of the robot.")]
_WhoOption = Annotated[str, typer.Option(metavar="NAME", help="Default: the login name.")]


@app.command()
def calendar(
    site: _SiteOption = "depot",
    start: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day; default: today there.")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days.")] = 14,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw it into this PNG file.")
    ] = None,
) -> None:
    """What the site's schedules ask for on coming days: runs, rests, clock changes, conflicts.

    How long a run takes is guessed from its route. Where runs may start later than their time
    says (jitter), the moment itself is drawn by the robot and shown nowhere before.
    """
    from rich.console import Console

    from patrol_core.site import load_site
    from patrol_mission.schedule.calendar import make_calendar
    from patrol_mission.schedule.lap_time import lap_times_s
    from patrol_mission.schedule.plan import Plan
    from ronda_cli.environment.paths import site_folder
    from ronda_cli.patrol_calendar import WIDTH, print_calendar

    place = load_site(site_folder(site))
    plan = Plan(place.schedules, place.blackouts, place.timezone, 0)
    first = _first_day(start, place.timezone)
    made = make_calendar(plan, lap_times_s(place), first, days)
    title = f"{place.name}: patrols from {first:%a} {first.day} {first:%b %Y}, {place.timezone}"
    if not place.schedules:
        typer.echo(f"{place.name} has no schedules: write them into {place.folder / 'site.yaml'}")
        return
    console = Console(highlight=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    print_calendar(console, title, made)
    if picture is not None:
        from ronda_cli.calendar_picture import draw_calendar

        draw_calendar(title, made, picture)
        typer.echo(f"drawn into {picture}")


@app.command("list")
def list_routes(site: _SiteOption = "depot") -> None:
    """The routes of a site, and what a lap of each takes."""
    from patrol_core.site import load_site
    from patrol_mission.schedule.lap_time import lap_times_s
    from ronda_cli.environment.paths import site_folder

    place = load_site(site_folder(site))
    lap_s = lap_times_s(place)
    for route in place.routes:
        minutes = max(lap_s[route.route_id] / 60.0, 1.0)
        names = ", ".join(place.checkpoint(name).name for name in route.checkpoint_ids)
        typer.echo(f"{route.route_id}: about {minutes:.0f} min a lap; past {names}")


@app.command()
def start(
    route: Annotated[str, typer.Argument(metavar="ROUTE", help="See ./ronda patrol list.")],
    laps: Annotated[int, typer.Option(min=1, max=100, help="How often round.")] = 1,
    namespace: _NamespaceOption = "",
) -> None:
    """Start a patrol of a running robot now. Exit status 1, with the reason, when it refuses."""
    with _line(namespace) as line:
        _print(line.start(route, laps))


@app.command()
def explain(
    run: Annotated[str, typer.Argument(help="A run's folder or name; default: the newest.")] = "",
    patrol: Annotated[str, typer.Option(help="Id of the patrol; default: the last one.")] = "",
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw it into this PNG file.")
    ] = None,
) -> None:
    """Why an unpredictable patrol drove as it did: what was drawn, from which policy, and with
    what chance it met somebody who knew the policy.

    The plan of a patrol that is under way is a secret: whoever reads this knows where it will be.
    """
    from patrol_core.errors import ConfigError, Place
    from patrol_mission.plan_json import plan_from_json
    from patrol_mission.planned import FOLDER
    from patrol_mission.unpredictable.explaining import explain as explained
    from patrol_mission.unpredictable.picture import draw_plan_picture
    from ronda_cli.runs import find_run

    folder = find_run(run) / FOLDER
    plans = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    if patrol:
        plans = [path for path in plans if path.stem == patrol]
    if not plans:
        raise ConfigError(
            "no plan was drawn", place=Place(folder), expected="a patrol that is unpredictable",
            remedy="give the route 'unpredictable: true' in site.yaml; docs/MISSIONS.md",
        )  # fmt: skip
    plan = plan_from_json(plans[-1].read_text(encoding="utf-8"))
    typer.echo(explained(plan))
    if picture is not None:
        draw_plan_picture(plan, picture)
        typer.echo(f"picture: {picture}")


@app.command()
def status(namespace: _NamespaceOption = "") -> None:
    """How the patrol of a running robot does."""
    with _line(namespace) as line:
        _print(line.status())


@app.command()
def pause(who: _WhoOption = "", namespace: _NamespaceOption = "") -> None:
    """Let the patrol wait where the robot is, until `./ronda patrol resume`."""
    _command("pause", who, namespace)


@app.command()
def resume(who: _WhoOption = "", namespace: _NamespaceOption = "") -> None:
    """Let a patrol that waits go on."""
    _command("resume", who, namespace)


@app.command()
def skip(who: _WhoOption = "", namespace: _NamespaceOption = "") -> None:
    """Leave out the checkpoint that comes next."""
    _command("skip", who, namespace)


@app.command()
def stop(who: _WhoOption = "", namespace: _NamespaceOption = "") -> None:
    """End the patrol: the robot returns to its dock. (`./ronda gate stop` stops it at once.)"""
    _command("stop", who, namespace)


@app.command()
def watch(
    for_s: Annotated[
        float, typer.Option("--for", help="So long [s]; default: till Ctrl-C.")
    ] = 0.0,
    who: _WhoOption = "",
    namespace: _NamespaceOption = "",
) -> None:
    """Tell what the patrol does whenever it changes, and tell the robot that somebody is there.

    A robot with `executive.link.watch` goes home, or stands, where nobody is for long
    (docs/MISSIONS.md).
    """
    with _line(namespace) as line, suppress(KeyboardInterrupt):
        line.watch(_name(who), typer.echo, for_s or math.inf)


@app.command()
def look(
    x_m: Annotated[float, typer.Argument(metavar="X", help="On the site's map [m].")],
    y_m: Annotated[float, typer.Argument(metavar="Y", help="The same.")],
    who: _WhoOption = "",
    namespace: _NamespaceOption = "",
) -> None:
    """Call the robot to a place: it leaves its route or its dock, goes round it with pictures, and
    comes back. A minus before a number needs `--` before both.
    """
    with _line(namespace) as line:
        typer.echo(line.look(x_m, y_m, _name(who)).message)


@app.command()
def alarm(
    alarm_id: Annotated[str, typer.Argument(metavar="ID", help="One of the site's alarms.")],
    who: _WhoOption = "",
    namespace: _NamespaceOption = "",
) -> None:
    """Tell the robot that a sensor of the site has gone off: for scripts of alarm systems."""
    with _line(namespace) as line:
        typer.echo(line.alarm(alarm_id, _name(who)).message)


def _name(who: str) -> str:
    from ronda_cli.verdicts import login_name

    return who or login_name() or "somebody at the command line"


def _command(verb: str, who: str, namespace: str) -> None:
    from patrol_core.types.mission import PatrolVerb

    with _line(namespace) as line:
        _print(line.command(PatrolVerb(verb), _name(who)))


@contextmanager
def _line(namespace: str) -> Iterator[PatrolLine]:
    from ronda_cli.live.patrol_line import PatrolLine
    from ronda_cli.live.watcher import RobotWatcher

    watcher = RobotWatcher(namespace)
    try:
        yield PatrolLine(watcher)
    finally:
        watcher.close()


def _print(said: PatrolStatus) -> None:
    typer.echo(f"{said.state.value}: {said.message}")
    if said.patrol_id:
        ahead = f", next {said.next_checkpoint}" if said.next_checkpoint else ""
        of = f" of {said.laps}" if said.laps else ""
        done = f"lap {said.lap}{of}, {said.fraction_done:.0%} done"
        typer.echo(f"  {said.route_id}, {done}{ahead}")


def _first_day(text: str, timezone: str) -> date:
    """Raises RondaError for what is no date."""
    if not text:
        return datetime.now(ZoneInfo(timezone)).date()
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=ZoneInfo(timezone)).date()
    except ValueError:
        raise RondaError(f"--from {text}", expected="a date YYYY-MM-DD") from None
