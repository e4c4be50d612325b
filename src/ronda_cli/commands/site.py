"""`./ronda site` check, history, undo, migrate, teach, map, marker and learn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrol_core.errors import RondaError
from ronda_cli.commands.site_teach import teach
from ronda_cli.environment.paths import site_folder

if TYPE_CHECKING:
    from rich.console import Console

    from patrol_core.site import Site
    from patrol_core.site.history import History

app = typer.Typer(
    help="Check, change back or teach a site, make its map, print its docks' markers, learn what "
    "is usual.",
    no_args_is_help=True,
)
_SiteArgument = Annotated[
    str, typer.Argument(metavar="SITE", help="A site's name (a folder in sites/) or its path.")
]


@app.command()
def check(
    site: _SiteArgument,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the site into this PNG file.")
    ] = None,
) -> None:
    """Say what is wrong with a site: file, line, what was expected, and what to do."""
    from rich.console import Console
    from rich.markup import escape

    from ronda_cli.site_check import check_all

    console = Console(soft_wrap=True, highlight=False)
    folder = site_folder(site)
    outcome = check_all(folder)
    for problem in outcome.problems:
        print_problem(console, problem)
    if outcome.site is None:
        count = len(outcome.problems)
        console.print(
            f"[red]{count} mistake{'s' if count > 1 else ''}[/] in {escape(str(folder))}"
        )
        raise typer.Exit(1)
    console.print(f"[green]{escape(summary(outcome.site))}[/]")
    for line in translations_missing(outcome.site):
        console.print(f"[yellow]to translate[/]: {escape(line)}")
    if picture is not None:
        from ronda_cli.site_picture import draw_site

        draw_site(outcome.site, picture)
        console.print(f"drawn into {escape(str(picture))}")


app.command()(teach)


@app.command()
def history(site: _SiteArgument) -> None:
    """List the versions of a site, the newest last: when, by whom, why."""
    from ronda_cli.site_versions import lines

    for line in lines(_history(site)):
        typer.echo(line)


@app.command()
def undo(
    site: _SiteArgument,
    version: Annotated[int, typer.Argument(help="The version to go back to.")],
    words: Annotated[str, typer.Option("--why", help="Kept with the new version.")],
    dry: Annotated[bool, typer.Option("--dry", help="Show the changes, make none.")] = False,
) -> None:
    """Go back to an older version of a site's site.yaml and zones.geojson, by a new version.

    Checked first, as by `./ronda site check`. A robot that runs on the site heeds it within a
    second, and its console tells the log.
    """
    from rich.console import Console

    from ronda_cli.site_versions import back_to

    text, problems = back_to(_history(site), site_folder(site), version, words, dry=dry)
    for problem in problems:
        print_problem(Console(soft_wrap=True, highlight=False), problem)
    typer.echo(text)
    if problems:
        raise typer.Exit(1)


@app.command()
def migrate(
    site: _SiteArgument,
    dry: Annotated[bool, typer.Option("--dry-run", help="Show the changes, make none.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Put back the files of before the migration.")
    ] = False,
) -> None:
    """Bring a site that an older program wrote to the format of this one, and say what changes.

    The files are changed as texts, so that comments stay, checked as by `./ronda site check`, and
    kept as a version (`./ronda site history`). --undo is for going back to the older program.
    """
    from rich.console import Console

    from ronda_cli.site_migration import migrate_site, undo_migration

    folder = site_folder(site)
    act = undo_migration if undo else migrate_site
    lines, problems = act(_history(site), folder, dry=dry)
    for problem in problems:
        print_problem(Console(soft_wrap=True, highlight=False), problem)
    for line in lines:
        typer.echo(line)
    if problems:
        raise typer.Exit(1)


def _history(site: str) -> History:
    """Raises ConfigError where there is no such site."""
    from patrol_core.errors import ConfigError, Place
    from patrol_core.site.history import History

    folder = site_folder(site)
    if not folder.is_dir():
        raise ConfigError(
            "no such site folder", place=Place(folder), expected="a folder with site.yaml",
            remedy="check the name",
        )  # fmt: skip
    return History(folder)


@app.command("map")
def make(
    site: _SiteArgument,
    world: Annotated[Path, typer.Option(help="The SDF world that the site stands in.")],
    seed: Annotated[int, typer.Option(help="Draws what has moved, and where.")] = 0,
    moved: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the movable models that has moved.")
    ] = 0.1,
) -> None:
    """Make a site's map from a world, as it was before some things moved.

    Writes map.yaml and map.pgm into the site, and what has moved beside the world
    (WORLD.moved.yaml), for the scorer alone. The same arguments give the same bytes.
    """
    import numpy as np

    from patrol_core.site import load_site, write_map
    from patrol_sim.map_maker import make_map, write_moved
    from patrol_sim.sdf import load_world

    folder = site_folder(site)
    plan = load_site(folder, with_map=False)
    surveyed = load_world(world)
    for note in surveyed.notes:
        typer.echo(note, err=True)
    grid, displaced = make_map(surveyed, plan, moved, np.random.default_rng(seed))
    write_map(grid, plan.map_file)
    record = world.with_suffix(".moved.yaml")
    write_moved(displaced, record)
    rows, columns = grid.cells.shape
    typer.echo(f"{plan.map_file}: {columns} x {rows} cells; {len(displaced)} moved: {record}")


@app.command()
def marker(
    site: _SiteArgument,
    out: Annotated[Path, typer.Option(help="The folder to write into.")] = Path("."),
) -> None:
    """Write the markers of a site's docks as SVG files, to be printed at 100 %."""
    from patrol_core.site import load_site
    from ronda_cli.marker_print import marker_svg

    marked = [dock for dock in load_site(site_folder(site)).docks if dock.marker is not None]
    if not marked:
        typer.echo("no dock of this site has a marker: add 'marker' to one in site.yaml", err=True)
        raise typer.Exit(1)
    out.mkdir(parents=True, exist_ok=True)
    for dock in marked:
        file = out / f"marker-{dock.dock_id}.svg"
        file.write_text(marker_svg(dock), encoding="utf-8")
        typer.echo(f"{file}: print at 100 %, check that the black edge is as long as it says")


@app.command()
def learn(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Folders of finished runs.")
    ],
    model: Annotated[Path, typer.Option(help="The folder of the site model's versions.")],
) -> None:
    """Learn from what runs have seen, what stands where at which hours: a new version of the
    site model, beside the older ones. Perception uses it as its parameter site_model.folder says.
    """
    from patrol_perception.site_model.model_file import (
        OBSERVATIONS,
        newest_model,
        read_observations,
        save_model,
    )

    before = newest_model(model)
    hours = [hour for run in runs for hour in read_observations(run / OBSERVATIONS)]
    after = before.learn(hours)
    new = len(after.learnt) - len(before.learnt)
    file = save_model(after, model)
    typer.echo(
        f"{file}: version {after.version}, {new} hours learnt ({len(hours) - new} were known), "
        f"{len(after.places)} things in {len(after.looks)} patches of ground"
    )


def summary(site: Site) -> str:
    """One line about a site that is right."""
    parts = [
        (len(site.zones), "zone"),
        (len(site.checkpoints), "checkpoint"),
        (len(site.routes), "route"),
        (len(site.docks), "dock"),
        (len(site.schedules), "schedule"),
        (len(site.checks), "check"),
    ]
    counts = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts)
    return f"{site.name}: all right ({counts})"


def translations_missing(site: Site) -> list[str]:
    """What is told in some of the file's languages only: one line for languages that lack the
    same."""
    from patrol_core.site.visitors_file import VISITORS_FILE, untranslated

    if site.visitors is None:
        return []
    languages: dict[tuple[str, ...], list[str]] = {}
    for code, entries in untranslated(site.visitors).items():
        languages.setdefault(entries, []).append(code)
    return [
        f"{VISITORS_FILE} lacks {', '.join(codes)} in {len(entries)} entries "
        f"({', '.join(entries[:3])}{', ...' if len(entries) > 3 else ''}); "
        f"they are told in {site.visitors.language} then"
        for entries, codes in languages.items()
        if entries
    ]


def print_problem(console: Console, problem: RondaError) -> None:
    """Place, mistake, what was expected and what to do."""
    from rich.markup import escape

    console.print(f"[bold]{escape(str(problem.place))}[/]: {escape(problem.problem)}")
    console.print(f"    expected: {escape(problem.expected)}")
    console.print(f"    to do:    {escape(problem.remedy)}")
