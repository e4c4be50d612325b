"""`./ronda incidents list`, `show` and `report`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from patrol_records.entries import StoredIncident

app = typer.Typer(help="Look at what patrols have found.", no_args_is_help=True)
_RunOption = Annotated[
    str, typer.Option("--run", help="A run in runs/, or a path; default: the newest.")
]


@app.command("list")
def list_incidents(run: _RunOption = "") -> None:
    """List the incidents of a run: number, time, kind, place, reason."""
    from rich.console import Console
    from rich.table import Table

    from patrol_records.reader import RecordReader
    from ronda_cli.runs import find_run

    folder = find_run(run)
    reader = RecordReader(folder)
    table = Table(title=f"Incidents of {folder.name}")
    for name in ("no.", "first seen", "kind", "place [m]", "size [m]", "photo", "reason"):
        table.add_column(name)
    for incident in reader.incidents():
        table.add_row(
            str(incident.incident_id),
            _clock(incident.first_seen_s),
            incident.kind.value,
            f"{incident.x_m:.1f}, {incident.y_m:.1f}",
            f"{incident.length_m:.1f} x {incident.width_m:.1f}",
            "yes" if incident.photo else "no",
            incident.reason,
        )
    Console(highlight=False).print(table)


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="The incident's number.")], run: _RunOption = ""
) -> None:
    """Show one incident with its evidence and where its photo is."""
    from patrol_core.errors import ConfigError, Place
    from patrol_records.reader import RecordReader
    from ronda_cli.runs import find_run

    folder = find_run(run)
    reader = RecordReader(folder)
    found = {incident.incident_id: incident for incident in reader.incidents()}
    if number not in found:
        known = ", ".join(map(str, found)) or "none"
        raise ConfigError(
            f"no incident {number}", place=Place(folder), expected=f"one of: {known}",
            remedy="`./ronda incidents list` shows them",
        )  # fmt: skip
    _print(found[number])
    if found[number].photo:
        print(f"photo       {reader.photos / str(found[number].photo)}")


@app.command()
def report(run: _RunOption = "") -> None:
    """Write the report of a run's latest patrol again, and say where it is."""
    from patrol_core.site import load_site
    from patrol_mission.report import write_report
    from ronda_cli.environment.paths import ROOT
    from ronda_cli.runs import find_run

    folder = find_run(run)
    site = load_site(ROOT / "sites" / folder.name.rsplit("-", 2)[0])
    print(write_report(folder, site))


def _print(incident: StoredIncident) -> None:
    print(f"incident    {incident.incident_id} ({incident.kind.value})")
    print(f"first seen  {_clock(incident.first_seen_s)}")
    print(f"place       x {incident.x_m:.2f} m, y {incident.y_m:.2f} m on the site's map")
    print(f"size        {incident.length_m:.2f} x {incident.width_m:.2f} m")
    print(f"confidence  {incident.confidence:.0%}")
    print(f"reason      {incident.reason}")
    for measure in incident.evidence:
        print(
            f"evidence    {measure.name}: {measure.value:.3g} {measure.unit} "
            f"(threshold {measure.threshold:.3g} {measure.unit})"
        )


def _clock(stamp_s: float) -> str:
    return datetime.fromtimestamp(stamp_s).astimezone().strftime("%Y-%m-%d %H:%M:%S")
