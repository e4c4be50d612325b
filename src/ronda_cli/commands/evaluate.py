"""`./ronda evaluate`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ronda_cli.commands.options import Simulator

if TYPE_CHECKING:
    from rich.console import Console

    from ronda_cli.evaluation.trial import Trial


def run(
    count: Annotated[int, typer.Option("-n", min=1, help="Number of patrols.")] = 20,
    site: Annotated[str, typer.Option(help="Site and world.")] = "depot",
    seed: Annotated[int, typer.Option(min=0, help="First seed; the others follow it.")] = 0,
    laps: Annotated[int, typer.Option(min=1, help="Laps of each patrol.")] = 1,
    people: Annotated[int, typer.Option(min=0, help="Most pedestrians on the site.")] = 10,
    controller: Annotated[
        str, typer.Option(help="mppi or pure_pursuit; default: as configured.")
    ] = "",
    camera: Annotated[bool, typer.Option(help="Render the camera too (slower).")] = False,
    sim: Annotated[Simulator, typer.Option(help="Simulator.")] = Simulator.EMBEDDED,
    jobs: Annotated[int, typer.Option(min=0, help="Patrols at the same time; 0: one a core.")] = 0,
    quick: Annotated[bool, typer.Option(help="A first answer: 4 patrols.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, no table.")] = False,
) -> None:
    """Run many patrols in closed loop and say how well they went, with confidence intervals.

    The same components as on the robot, with the simulator, in one process and without
    middleware: the same seed gives the same patrol. An interrupted evaluation resumes.
    """
    from rich.console import Console

    from ronda_cli.evaluation.campaign import results_file, run_campaign
    from ronda_cli.evaluation.picture import draw_tracks
    from ronda_cli.evaluation.statistics import rows
    from ronda_cli.evaluation.trial import TrialOptions
    from ronda_cli.gazebo import use_gazebo_classic
    from ronda_cli.setting import load_setting

    console = Console(stderr=as_json, highlight=False)
    own = _own_params(console)
    options = TrialOptions(
        site, laps, people, camera, controller, engine=sim.value, own_params=own
    )
    if sim is Simulator.GAZEBO_CLASSIC:
        use_gazebo_classic()
    load_setting(site)
    picture = results_file(options).with_suffix(".png")
    seeds = range(seed, seed + (min(count, 4) if quick else count))
    started = time.monotonic()
    with _progress(console, len(seeds)) as note:
        trials = run_campaign(options, seeds, jobs or os.cpu_count() or 1, note)
    table = rows(trials)
    draw_tracks(trials, load_setting(site).site, picture)
    if as_json:
        document = {
            "bench": "evaluate",
            "seconds": time.monotonic() - started,
            "rows": [row.to_json() for row in table],
        }
        json.dump(document, sys.stdout, indent=1)
        print()
    else:
        from ronda_cli.evaluation.table import print_table

        print_table(console, table, trials)
    console.print(f"tracks: {picture}")


def _own_params(console: Console) -> dict[str, dict[str, Any]]:
    """Those of the robot's own folder, by process; says which count. Raises ConfigError."""
    from patrol_core.own_params import VARIABLE, checked_own_params
    from patrol_core.processes import PROCESSES
    from ronda_cli.closed_loop import params_type

    folder = os.environ.get(VARIABLE, "")
    if not folder:
        return {}
    kinds = {process.name: params_type(process) for process in PROCESSES}
    own = {
        name: checked_own_params(folder, name, kind)
        for name, kind in kinds.items()
        if kind is not None
    }
    own = {name: values for name, values in own.items() if values}
    console.print(f"{VARIABLE}={folder} counts for: {', '.join(own) or 'nothing here'}")
    return own


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[Trial], None]]:
    """A bar; the yielded function takes in each finished trial and names what went wrong."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task("patrols", total=total)

        def note(trial: Trial) -> None:
            progress.advance(task)
            if not trial.verdict.clean:
                why = "; ".join(trial.verdict.notes) or trial.verdict.message
                progress.console.print(f"seed {trial.seed}: {why}")

        yield note
