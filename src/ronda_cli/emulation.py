"""An emulated motor controller on a serial port, until Ctrl-C: what all of them have in common."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from patrol_emulators.emulator import Emulator, Snapshot
    from patrol_emulators.faults import FaultBoard
    from patrol_emulators.port import PtyPort

PortOption = Annotated[
    Path, typer.Option(metavar="PATH", help="Name of the port; it must not exist yet.")
]
BaudOption = Annotated[
    int, typer.Option(min=1200, max=1_000_000, help="Bytes take the time they need at this rate.")
]
FaultOption = Annotated[
    list[str] | None,
    typer.Option(metavar="'START KIND SECONDS [AMOUNT]'", help="A fault that comes later."),
]
SeedOption = Annotated[int, typer.Option(help="Draws the faults' randomness.")]
SecondsOption = Annotated[float, typer.Option(min=0.0, help="End by itself; 0: at Ctrl-C.")]


def number_of(text: str) -> int:
    """An address as people write them, in any base."""
    try:
        return int(text, 0)
    except ValueError as error:
        raise typer.BadParameter(f"not a number: {text}", param_hint="--address") from error


def serve(
    emulator: Emulator,
    about: str,
    port: Path,
    baud: int,
    timed_faults: list[str],
    seed: int,
    seconds: float,
) -> None:
    """Serve until Ctrl-C, or for `seconds`; the port's name is gone afterwards."""
    import numpy as np

    from patrol_emulators.faults import FaultBoard, parse_timed_fault
    from patrol_emulators.link import Link
    from patrol_emulators.port import Orders, PtyPort, Server

    start_s = time.monotonic()
    faults = FaultBoard(parse_timed_fault(text, start_s) for text in timed_faults)
    link = Link(emulator, baud, faults, np.random.default_rng(seed))
    signal.signal(signal.SIGTERM, _end)
    with PtyPort(port, baud) as served:
        print(f"{about}, {baud} baud 8N1, on {port}", flush=True)
        print("type a fault and its seconds, as in: noise 2.0; Ctrl-C ends", flush=True)
        server = Server(
            served, link, time.monotonic, lambda seen: _print(seen, faults, served, start_s)
        )
        orders = Orders(sys.stdin.fileno(), lambda text: print(text, file=sys.stderr))
        server.run(lambda: 0.0 < seconds <= time.monotonic() - start_s, orders)


def _end(*_: object) -> NoReturn:
    sys.exit(0)


def _print(seen: Snapshot, faults: FaultBoard, port: PtyPort, start_s: float) -> None:
    speeds = " ".join(f"{speed:6.2f}" for speed in seen.speeds_radps)
    amps = " ".join(f"{current:6.2f}" for current in seen.currents_a)
    if not seen.watchdog_s:
        watchdog = "off"
    elif seen.watchdog_tripped:
        watchdog = "TRIPPED"
    else:
        watchdog = f"{seen.watchdog_s:g} s"
    wrong = [*(f"fault {fault.kind.value}" for fault in faults.active), *seen.conditions]
    if port.is_open and not port.is_at_rate:
        wrong.append("the driver is at another baud rate")
    print(
        f"{seen.stamp_s - start_s:6.0f} s  wheels {speeds} rad/s  {amps} A  "
        f"{seen.supply_v:.1f} V  {seen.temperature_c:.0f} C  watchdog {watchdog}  "
        f"packets {seen.packets}, rejected {seen.rejected}  {', '.join(wrong) or 'all right'}",
        flush=True,
    )
