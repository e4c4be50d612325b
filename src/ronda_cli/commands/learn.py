"""`./ronda learn`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrol_core.errors import RondaError

if TYPE_CHECKING:
    from rich.console import Console

    from patrol_perception.learning.lesson import Lesson
    from patrol_perception.learning.places import JudgedPlace
    from patrol_perception.learning.scores import Score
    from patrol_perception.learning.things import Labelled


def run(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN]...", help="Runs; default: all of the site."),
    ] = None,
    site: Annotated[str, typer.Option(help="Site.")] = "depot",
    apply: Annotated[bool, typer.Option("--apply", help="Keep a new version, in force.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Apply thresholds that are not better, too.")
    ] = False,
    versions: Annotated[bool, typer.Option("--list", help="Show what was learned.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Return to the version before.")] = False,
    miss_cost: Annotated[
        float, typer.Option(min=0.1, max=100.0, help="What a miss costs; a false alarm costs 1.")
    ] = 5.0,
    held_back: Annotated[
        float, typer.Option(min=0.1, max=0.9, help="Share of patrols kept from the fit.")
    ] = 0.3,
    seed: Annotated[int, typer.Option(min=0, help="Draws the patrols held back.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The picture; default: runs/learn/SITE.png")
    ] = None,
) -> None:
    """Refit the thresholds of what is reported to what people have said of incidents.

    Changes nothing without --apply. Verdicts are given with `./ronda incidents verdict` and
    `missed`. Thresholds are fitted on some patrols and judged on others; what is not better there
    is not applied. docs/LEARNING.md says what counts as what, and what is never learned.
    """
    from rich.console import Console

    from ronda_cli.environment.paths import site_folder

    console = Console(highlight=False, soft_wrap=True)
    folder = site_folder(site)
    if versions:
        _list(console, folder)
        return
    if back:
        _go_back(console, folder)
        return
    from patrol_perception.learning.params import LearnParams
    from ronda_cli.learning.study import Study
    from ronda_cli.runs import RUNS

    study = Study.of(folder, runs or (), LearnParams(miss_cost, held_back=held_back), seed)
    _tell(console, study.labelled, study.lesson, study.new_places)
    picture = out or RUNS / "learn" / f"{folder.name}.png"
    if study.lesson.rows:
        study.draw(picture)
        console.print(f"picture: {picture}")
    if not apply:
        console.print("nothing was changed; --apply keeps this as a new version")
        return
    version = study.apply(datetime.now().astimezone(), force)
    console.print(f"version {version} is in force from the next start on; --back undoes it")


def _list(console: Console, folder: Path) -> None:
    from rich.table import Table

    from patrol_core.learned import version_in_force
    from ronda_cli.learning.versions import known_versions, read_card

    table = Table("version", "learned", "hash", "changed", "recall", "precision", "in force")
    now = version_in_force(folder)
    table.add_row("0", "as shipped", "", "", "", "", "yes" if now == 0 else "")
    for version in known_versions(folder):
        card = read_card(folder, version)
        groups = card.get("measured_on_held_back", {}).get("groups", [])
        whole = groups[0] if groups else {"before": {}, "after": {}}
        shares = [
            f"{_share(whole['before'].get(name))} → {_share(whole['after'].get(name))}"
            for name in ("recall", "precision")
        ]
        changes = ", ".join(f"{n} {value:g}" for n, value in card.get("changed", {}).items())
        mark = "yes" if version == now else ""
        date, params = card.get("date", "-"), card.get("hash", "-")
        table.add_row(str(version), date, params, changes or "-", *shares, mark)
    console.print(table)


def _go_back(console: Console, folder: Path) -> None:
    from ronda_cli.learning.versions import put_in_force, version_before

    version = version_before(folder)
    if version is None:
        raise RondaError("nothing learned is in force", remedy="there is nothing to go back from")
    put_in_force(folder, version, datetime.now().astimezone())
    name = f"version {version}" if version else "what was shipped"
    console.print(f"{name} is in force from the next start on")


def _tell(
    console: Console, labelled: Labelled, lesson: Lesson, places: Sequence[JudgedPlace]
) -> None:
    from collections import Counter

    sources = Counter(thing.source.value for thing in labelled.things)
    for name, count in sorted(sources.items()):
        console.print(f"{count:6d} things {name}")
    for name, count in sorted(labelled.left_out.items()):
        console.print(f"{count:6d} left out: {name}")
    console.print(f"{len(places):6d} places known or to be ignored")
    if lesson.lacking:
        console.print("too little is known to refit thresholds: there are", markup=False)
        for words in lesson.lacking:
            console.print(f"  {words}", markup=False)
        return
    fitted, held = len(lesson.split.fit), len(lesson.split.held)
    console.print(f"fitted on {fitted} patrols, judged on {held} held back:")
    _print_rows(console, lesson)
    for name, value in lesson.changes.items():
        console.print(f"  {name}: {getattr(lesson.before, name):g} -> {value:g}")
    if not lesson.changes:
        console.print("no threshold would do better")
    elif not lesson.is_better:
        console.print(
            f"not better on the patrols held back: mistakes cost {lesson.cost_before:g} before, "
            f"{lesson.cost_after:g} after"
        )


def _print_rows(console: Console, lesson: Lesson) -> None:
    from rich.table import Table

    table = Table("held back", "things", "to be told", "recall", "", "precision", "")
    for row in lesson.rows:
        table.add_row(
            row.group, str(row.things), str(row.to_be_told),
            f"{_share(row.before.recall)} → {_share(row.after.recall)}",
            f"{_recall(row.before)} → {_recall(row.after)}",
            f"{_share(row.before.precision)} → {_share(row.after.precision)}",
            f"{_precision(row.before)} → {_precision(row.after)}",
        )  # fmt: skip
    console.print(table)


def _recall(score: Score) -> str:
    return f"{score.found}/{score.found + score.missed}"


def _precision(score: Score) -> str:
    return f"{score.found}/{score.found + score.false_alarms}"


def _share(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.2f}"  # noqa: PLR0124
