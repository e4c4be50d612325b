"""`./ronda incidents list`, `show`, `verdict` and `missed`."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from patrol_records.entries import StoredIncident

app = typer.Typer(help="Look at what patrols have found, and judge it.", no_args_is_help=True)
_RunOption = Annotated[
    str, typer.Option("--run", help="A run in runs/, or a path; default: the newest.")
]


@app.command("list")
def list_incidents(run: _RunOption = "") -> None:
    """List the incidents of a run: number, time, kind, place, verdict, and the reason beneath."""
    from rich.console import Console
    from rich.padding import Padding

    from patrol_core.types.perception import place_words
    from patrol_records.reader import RecordReader
    from ronda_cli.runs import find_run

    folder = find_run(run)
    incidents = RecordReader(folder).incidents()
    console = Console(highlight=False, markup=False)
    console.print(f"incidents of {folder.name}: {len(incidents)}")
    for incident in incidents:
        words = (
            f"{incident.incident_id:3}",
            _clock(incident.first_seen_s),
            incident.kind.value,
            place_words(incident.x_m, incident.y_m),
            "photo" if incident.photo else "no photo",
            incident.verdict.verdict.value if incident.verdict else "no verdict",
        )
        console.print("  ".join(words), style="bold")
        console.print(Padding(incident.reason, (0, 0, 0, 5), expand=False))


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="The incident's number.")], run: _RunOption = ""
) -> None:
    """Show one incident with its evidence, its verdicts and where its photo is."""
    from patrol_records.store import PHOTOS
    from ronda_cli.runs import find_run

    folder = find_run(run)
    incident = _incident(folder, number)
    _print(incident)
    if incident.photo:
        print(f"photo       {folder / PHOTOS / incident.photo}")
    if incident.before:
        print(f"before      {folder / PHOTOS / incident.before}")


class Word(str, Enum):
    """What may be said of an incident."""

    TRUE = "true"
    FALSE = "false"
    KNOWN = "known"
    IGNORE = "ignore"


_WhyOption = Annotated[str, typer.Option("--why", help="The reason, in words.")]
_WhoOption = Annotated[str, typer.Option("--who", help="Who says so; default: the login name.")]


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
    why: _WhyOption,
    who: _WhoOption = "",
    hours: Annotated[
        str, typer.Option(help='When known or ignore hold: "mon-fri 06:00-20:00".')
    ] = "",
    run: _RunOption = "",
) -> None:
    """Say what an incident really was. The newest verdict counts; older ones stay on record."""
    from patrol_core.types.learning import VerdictKind
    from ronda_cli.runs import find_run
    from ronda_cli.verdicts import give, login_name, new_verdict

    folder = find_run(run)
    incident = _incident(folder, number)
    place = (incident.x_m, incident.y_m)
    given = new_verdict(VerdictKind(word.value), who or login_name(), why, place, number, hours)
    give(folder, given)
    print(f"incident {number} of {folder.name}: {word.value}, said {given.who} ({given.why})")


@app.command()
def missed(
    x: Annotated[float, typer.Argument(help="Where it stood on the site's map: x [m].")],
    y: Annotated[float, typer.Argument(help="y [m].")],
    why: _WhyOption,
    who: _WhoOption = "",
    run: _RunOption = "",
) -> None:
    """Say that something stood at a place of which the run has no incident.

    Say it before the next patrol begins: it is taken as said of the last one. Negative numbers
    come after `--`: ./ronda incidents missed --why "a bag" -- -3.5 7.2
    """
    from patrol_core.types.learning import VerdictKind
    from ronda_cli.runs import find_run
    from ronda_cli.verdicts import give, login_name, new_verdict

    folder = find_run(run)
    give(folder, new_verdict(VerdictKind.MISSED, who or login_name(), why, (x, y)))
    print(f"missed at {x:.1f}, {y:.1f} in {folder.name}: noted")


def _incident(folder: Path, number: int) -> StoredIncident:
    """Raises ConfigError where there is none of that number."""
    from patrol_core.errors import ConfigError, Place
    from patrol_records.reader import RecordReader

    reader = RecordReader(folder)
    found = {incident.incident_id: incident for incident in reader.incidents()}
    reader.close()
    if number not in found:
        known = ", ".join(map(str, found)) or "none"
        raise ConfigError(
            f"no incident {number}", place=Place(folder), expected=f"one of: {known}",
            remedy="`./ronda incidents list` shows them",
        )  # fmt: skip
    return found[number]


def _print(incident: StoredIncident) -> None:
    from patrol_core.types.perception import place_words

    print(f"incident    {incident.incident_id} ({incident.kind.value})")
    print(f"first seen  {_clock(incident.first_seen_s)}")
    print(f"place       {place_words(incident.x_m, incident.y_m)} on the site's map")
    print(f"size        {incident.length_m:.2f} x {incident.width_m:.2f} m")
    print(f"confidence  {incident.confidence:.0%}")
    print(f"reason      {incident.reason}")
    for measure in incident.evidence:
        print(
            f"evidence    {measure.name}: {measure.value:.3g} {measure.unit} "
            f"(threshold {measure.threshold:.3g} {measure.unit})"
        )
    if incident.config_hash:
        print(f"judged by   configuration {incident.config_hash}")
    for given in incident.verdicts:
        when = f"{_clock(given.stamp_s)}, {given.who}"
        hours = f", {given.hours}" if given.hours else ""
        print(f"verdict     {given.verdict.value}{hours} ({when}): {given.why}")


def _clock(stamp_s: float) -> str:
    return datetime.fromtimestamp(stamp_s).astimezone().strftime("%Y-%m-%d %H:%M:%S")
