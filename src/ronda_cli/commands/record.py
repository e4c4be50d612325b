"""`./ronda record`."""

from __future__ import annotations

import signal
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def run(
    topics: Annotated[
        list[str] | None, typer.Argument(help="Topics; default: all but those of people.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="New folder; default: runs/bag-TIME.")
    ] = None,
    namespace: Annotated[str, typer.Option(help="Namespace of the robot.")] = "",
    max_size: Annotated[
        float, typer.Option(min=0.0, metavar="MB", help="New file after so much; 0: never.")
    ] = 0.0,
    max_duration: Annotated[
        float, typer.Option(min=0.0, metavar="S", help="New file after so long; 0: never.")
    ] = 0.0,
    duration: Annotated[
        float, typer.Option(min=0.0, metavar="S", help="End after so long; 0: at Ctrl-C.")
    ] = 0.0,
) -> None:
    """Record what is said on the graph, as MCAP, in a bag that `ros2 bag` reads.

    Pictures that are not blurred, depth, heat and conversations are never recorded. What was
    written before a power cut is readable (`./ronda play`).
    """
    import time

    from patrol_host_ros.wire import definition
    from patrol_records.bags.writing import BagWriter, Limits
    from ronda_cli.bags.recorder import Recorder
    from ronda_cli.bags.rows import refuse_private
    from ronda_cli.runs import RUNS

    refuse_private(topics or [])
    folder = out or RUNS / f"bag-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    stopped: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: stopped.append(number))
    writer = BagWriter(folder, definition, Limits(round(max_size * 1e6), max_duration))
    recorder = Recorder(writer, topics or [], namespace, typer.echo)
    typer.echo(f"recording into {folder}; Ctrl-C ends it")
    end_s = time.monotonic() + duration if duration else float("inf")
    while not stopped and time.monotonic() < end_s:
        recorder.spin(0.2)
    recorder.close()
    typer.echo(f"{writer.messages} messages of {len(writer.info.topics)} topics in {folder}")
