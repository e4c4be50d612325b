"""`./ronda replay`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from patrol_core.errors import Place, RondaError


def run(
    bag: Annotated[Path, typer.Argument(metavar="BAG", help="What `./ronda record` wrote.")],
    ticks: Annotated[
        Path, typer.Option("--run", metavar="FOLDER", help="Folder of the run, with its ticks.")
    ],
    process: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be repeated.")
    ] = None,
) -> None:
    """Run a recorded patrol through the cores again, and compare every word bit by bit.

    The run must have logged its ticks (`./ronda sim --log-ticks`, or `log_ticks:=true`) while
    `./ronda record` ran. Tells the first difference of each process; exit status 1 where there is
    one, or where the bag lacks messages that a process saw.
    """
    from rich.console import Console
    from rich.table import Table

    from patrol_core.tick_log import read_ticks, tick_file
    from patrol_records.bags.reading import Bag
    from ronda_cli.replaying.cores import REPLAYED
    from ronda_cli.replaying.replay import messages_of, replay

    known = [one.name for one in REPLAYED]
    for name in process or ():
        if name not in known:
            raise RondaError(f"no process '{name}'", expected=f"one of {', '.join(known)}")
    logs = [
        (name, ticks / tick_file(name))
        for name in process or known
        if (ticks / tick_file(name)).is_file()
    ]
    if not logs:
        raise RondaError(
            "this run has no log of ticks", place=Place(ticks),
            remedy="start it with --log-ticks (`log_ticks:=true`)",
        )  # fmt: skip
    recorded = Bag(bag)
    messages = messages_of(recorded)
    console = Console(highlight=False, soft_wrap=True)
    for sentence in recorded.damage:
        console.print(sentence, markup=False)
    table = Table(title="Replay")
    for column in ("process", "ticks", "inputs", "words compared", "differ", "not in the bag"):
        table.add_column(column, justify="left" if column == "process" else "right")
    outcomes = []
    with TemporaryDirectory() as folder, console.status("replaying"):
        for name, log in logs:
            outcomes.append(replay(read_ticks(log), messages, Path(folder) / name))
    for one in outcomes:
        counts = (one.ticks, one.inputs, sum(one.compared.values()), sum(one.differing.values()))
        table.add_row(one.process, *map(str, (*counts, one.missing)))
    console.print(table)
    for one in outcomes:
        if one.first is not None:
            console.print(f"first difference: {one.first}", markup=False)
    equal = all(one.is_equal for one in outcomes)
    console.print("bit-equal" if equal else "not bit-equal")
    sys.exit(0 if equal else 1)
