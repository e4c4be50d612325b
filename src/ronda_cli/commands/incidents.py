"""`./ronda incidents`: look at what patrols have found, say what it was, and what was done."""

from __future__ import annotations

import time
from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ronda_cli.commands import incident_acts, incident_packages
from ronda_cli.commands.incident_acts import (
    NumberArgument,
    RobotOption,
    RunOption,
    WhoOption,
    WhyOption,
)

app = typer.Typer(help="Look at what patrols have found, and judge it.", no_args_is_help=True)


class Shown(str, Enum):
    """Which incidents are listed."""

    OPEN = "open"
    ALL = "all"
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    RESOLVED = "resolved"


@app.command()
def verify(
    run: RunOption = "",
    robot: RobotOption = "robot",
    log: Annotated[
        Path | None, typer.Option(help="Folder of the log; default: the run's, or the robot's.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A checkpoint that was kept elsewhere.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The log's verifier key, kept with it; default: the log's.")
    ] = None,
) -> None:
    """Find out whether anybody has changed, removed, moved or cut off what was logged.

    Without a checkpoint that was kept elsewhere, only what does not fit together is found. Exit
    status 1 when anything is not as it was.
    """
    from ronda_cli.log_check import check_log

    if not check_log(run, robot, log, checkpoint, key):
        raise typer.Exit(1)


@app.command("list")
def list_incidents(
    state: Annotated[
        Shown, typer.Option(help="open: new and acknowledged; or one state, or all.")
    ] = Shown.OPEN,
    count: Annotated[int, typer.Option(min=1, max=1000, help="At most so many groups.")] = 50,
    run: RunOption = "",
    robot: RobotOption = "robot",
) -> None:
    """List incidents, those of one cause as one: number, state, time, kind, place; the reason
    beneath. What was seen last comes first."""
    from rich.console import Console
    from rich.padding import Padding

    from patrol_records.life_cycle import IncidentState
    from patrol_records.queries_inbox import OPEN, counts, inbox
    from ronda_cli.incident_words import STYLES, line_words
    from ronda_cli.records import Records

    states = {Shown.OPEN: OPEN, Shown.ALL: tuple(IncidentState)}
    records, now_s = Records(run, robot), time.time()
    with closing(records.reader()) as reader:
        wanted = states.get(state) or (IncidentState(state.value),)
        lines = inbox(reader, now_s, wanted, count=count)
        there = counts(reader, now_s)
    console = Console(highlight=False, markup=False)
    words = ", ".join(f"{number} {kind.value}" for kind, number in there.items())
    console.print(f"incidents of {records.name}: {words}")
    for line in lines:
        console.print("  ".join(line_words(line)), style=STYLES.get(line.state))
        console.print(Padding(line.reason, (0, 0, 0, 6), expand=False))
    left = sum(there[wanted_state] for wanted_state in wanted) - len(lines)
    if left:
        console.print(f"{left} more: --count {len(lines) + left} shows them")


@app.command()
def show(number: NumberArgument, run: RunOption = "", robot: RobotOption = "robot") -> None:
    """Show one incident: its evidence, how it stands, its whole history, where its photo is."""
    from ronda_cli.incident_words import history_of, incident_words
    from ronda_cli.records import Records

    records = Records(run, robot)
    with closing(records.reader()) as reader:
        incident = records.incident(reader, number)
        words = incident_words(reader, incident, time.time())
        history = history_of(reader, incident)
    for name, text in words:
        print(f"{name:12}{text}")
    for past in history:
        print(past)


class Word(str, Enum):
    """What may be said of an incident."""

    TRUE = "true"
    FALSE = "false"
    KNOWN = "known"
    IGNORE = "ignore"


@app.command()
def verdict(
    number: Annotated[int, typer.Argument(help="The incident's number.")],
    word: Annotated[
        Word,
        typer.Argument(
            help="true: it should not be there; false: nothing, or a person; known: it belongs "
            "there; ignore: nothing at this place is to be told."
        ),
    ],
    why: WhyOption,
    who: WhoOption = "",
    hours: Annotated[
        str, typer.Option(help='When known or ignore hold: "mon-fri 06:00-20:00".')
    ] = "",
    run: RunOption = "",
    robot: RobotOption = "robot",
) -> None:
    """Say what an incident really was. The newest verdict counts; older ones stay on record."""
    from patrol_core.types.learning import VerdictKind
    from ronda_cli.records import Records
    from ronda_cli.verdicts import give, login_name, new_verdict

    records = Records(run, robot)
    with closing(records.reader()) as reader:
        incident = records.incident(reader, number)
    place = (incident.x_m, incident.y_m)
    given = new_verdict(VerdictKind(word.value), who or login_name(), why, place, number, hours)
    give(records, given)
    print(f"incident {number} of {records.name}: {word.value}, said {given.who} ({given.why})")


@app.command()
def missed(
    x: Annotated[float, typer.Argument(help="Where it stood on the site's map: x [m].")],
    y: Annotated[float, typer.Argument(help="y [m].")],
    why: WhyOption,
    who: WhoOption = "",
    run: RunOption = "",
    robot: RobotOption = "robot",
) -> None:
    """Say that something stood at a place of which the run has no incident.

    Say it before the next patrol begins: it is taken as said of the last one. Negative numbers
    come after `--`: ./ronda incidents missed --why "a bag" -- -3.5 7.2
    """
    from patrol_core.types.learning import VerdictKind
    from ronda_cli.records import Records
    from ronda_cli.verdicts import give, login_name, new_verdict

    records = Records(run, robot)
    give(records, new_verdict(VerdictKind.MISSED, who or login_name(), why, (x, y)))
    print(f"missed at {x:.1f}, {y:.1f} in {records.name}: noted")


incident_acts.add_to(app)
incident_packages.add_to(app)
