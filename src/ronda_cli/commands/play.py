"""`./ronda play`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from patrol_core.errors import RondaError


def run(
    bag: Annotated[Path, typer.Argument(metavar="BAG", help="Folder, or one MCAP file.")],
    rate: Annotated[float, typer.Option(min=0.01, max=100.0, help="Times real time.")] = 1.0,
    paused: Annotated[
        bool, typer.Option("--paused", help="Wait for a line on standard input first.")
    ] = False,
    loop: Annotated[bool, typer.Option("--loop", help="Again and again, until Ctrl-C.")] = False,
    topic: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this one; may be repeated.")
    ] = None,
    remap: Annotated[
        list[str] | None, typer.Option(metavar="OLD:=NEW", help="New name; may be repeated.")
    ] = None,
    namespace: Annotated[str, typer.Option(help="Put before every name but /clock.")] = "",
    clock: Annotated[bool, typer.Option(help="Publish /clock, if the bag has none.")] = True,
) -> None:
    """Say on the graph what a bag holds, with the quality of service that it was recorded with.

    A bag that is damaged, or that a crash has cut off, is played as far as it goes; then this says
    where it ends, and the exit status is 1.
    """
    import select

    from patrol_records.bags.reading import Bag
    from ronda_cli.bags.player import Player, PlayOptions

    remaps = dict(_pair(text) for text in remap or ())
    names = frozenset(_slashed(name) for name in topic or ())
    options = PlayOptions(rate, names, remaps, namespace, clock)
    recorded = Bag(bag)
    stopped: list[int] = []
    waiting = [paused]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: stopped.append(number))

    def is_paused() -> bool:
        if waiting[0] and select.select([sys.stdin], [], [], 0.0)[0]:
            sys.stdin.readline()
            waiting[0] = False
        return waiting[0]

    player = Player(options, typer.echo)
    try:
        player.prepare(recorded)
        for name in sorted(names - recorded.channels.keys()):
            typer.echo(f"the bag has no '{name}'")
        if paused:
            typer.echo("paused: Enter starts it")
        while not stopped:
            player.play(recorded, lambda: bool(stopped), is_paused)
            if not loop:
                break
    finally:
        player.close()
    typer.echo(f"{player.played} messages played")
    for sentence in recorded.damage:
        typer.echo(sentence, err=True)
    sys.exit(1 if recorded.damage else 0)


def _slashed(name: str) -> str:
    return f"/{name.strip('/')}"


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition(":=")
    if not (sign and old.strip("/") and new.strip("/")):
        raise RondaError(f"--remap {text}", expected="OLD:=NEW, as scan:=scan_recorded")
    return _slashed(old), _slashed(new)
