"""Prints an evaluation."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ronda_cli.evaluation.statistics import Row
from ronda_cli.evaluation.trial import Trial


def print_table(console: Console, rows: Sequence[Row], trials: Sequence[Trial]) -> None:
    """The figures with their intervals and goals."""
    table = Table(title=f"{len(trials)} patrols in closed loop")
    for name, justify in (("what", "left"), ("value", "right"), ("95 % interval", "right"),
                          ("goal", "right"), ("", "left")):  # fmt: skip
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for row in rows:
        sign = "≥" if row.better == "higher" else "≤"
        goal = "" if row.goal is None else f"{sign} {row.goal:g}"
        mark = {None: "", True: "[green]holds[/]", False: "[red]missed[/]"}[row.holds]
        unit = f" {row.unit}" if row.unit else ""
        interval = "" if math.isnan(row.low) else f"{row.low:.3g} to {row.high:.3g}"
        table.add_row(row.what, f"{row.value:.3g}{unit}", interval, goal, mark)
    console.print(table)
