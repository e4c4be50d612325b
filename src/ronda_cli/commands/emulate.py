"""`./ronda emulate`: a subcommand for each motor controller."""

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

app = typer.Typer(
    help="Serve an emulated motor controller, with its motors and battery, on a serial port.",
    no_args_is_help=True,
)
_PortOption = Annotated[
    Path, typer.Option(metavar="PATH", help="Name of the port; it must not exist yet.")
]
_BaudOption = Annotated[
    int, typer.Option(min=1200, max=1_000_000, help="Bytes take the time they need at this rate.")
]
_FaultOption = Annotated[
    list[str] | None,
    typer.Option(metavar="'START KIND SECONDS [AMOUNT]'", help="A fault that comes later."),
]
_SeedOption = Annotated[int, typer.Option(help="Draws the faults' randomness.")]
_SecondsOption = Annotated[float, typer.Option(min=0.0, help="End by itself; 0: at Ctrl-C.")]


@app.command()
def roboclaw(
    port: _PortOption,
    firmware: Annotated[
        int, typer.Option(help="Bits of the status (command 90): 16 (older) or 32 (newer).")
    ] = 32,
    address: Annotated[str, typer.Option(help="0x80 to 0x87.")] = "0x80",
    baud: _BaudOption = 115200,
    momentary_estop: Annotated[
        bool, typer.Option("--momentary-estop", help="The e-stop ends when it is let go.")
    ] = False,
    fault: _FaultOption = None,
    seed: _SeedOption = 0,
    seconds: _SecondsOption = 0.0,
) -> None:
    """Serve a RoboClaw (Basicmicro, packet serial) with two motors, encoders and a 24 V battery.

    Point a driver at the port as if a controller hung on it. A line a second shows speeds, volts,
    amperes, the serial timeout and what is wrong.

    While it runs, type a fault and for how many seconds, as in: noise 2.0

    On the wire: noise, flip, drop, split, merge, echo, delay, silence, unplug (the port goes away
    and comes back). On the device: reset, brownout, overcurrent, overheat, estop, stuck (an
    encoder). A second number changes the amount: drop 5 0.2 loses a fifth of the bytes.
    """
    from patrol_core.params import make_params
    from patrol_emulators.roboclaw.controller import Roboclaw
    from patrol_emulators.roboclaw.unit import RoboclawParams

    number = _number(address)
    if firmware not in {16, 32}:
        raise typer.BadParameter("16 or 32", param_hint="--firmware")
    params = make_params(
        RoboclawParams,
        {
            "address": number,
            "wide_status": firmware == 32,
            "protection.estop_latches": not momentary_estop,
        },
    )
    about = f"RoboClaw, address {number:#x}, {firmware}-bit status"
    _serve(Roboclaw(params, time.monotonic()), about, port, baud, fault or [], seed, seconds)


@app.command()
def roboteq(
    port: _PortOption,
    mode: Annotated[int, typer.Option(help="0: open loop, 1: closed-loop speed (MMOD).")] = 1,
    max_rpm: Annotated[int, typer.Option(help="Speed of the motor at 1000 (MXRPM).")] = 6000,
    ppr: Annotated[int, typer.Option(help="Pulses a turn of the encoder (EPPR).")] = 100,
    baud: _BaudOption = 115200,
    fault: _FaultOption = None,
    seed: _SeedOption = 0,
    seconds: _SecondsOption = 0.0,
) -> None:
    """Serve a dual-channel Roboteq with two motors, encoders and a 24 V battery.

    Point a driver at the port as if a controller hung on it. A line a second shows speeds, volts,
    amperes, the serial watchdog and what is wrong.

    While it runs, type a fault and for how many seconds, as in: noise 2.0

    On the wire: noise, flip, drop, split, merge, echo, delay, silence, unplug (the port goes away
    and comes back). On the device: reset, brownout, overcurrent, overheat, estop, stuck (an
    encoder). A second number changes the amount: drop 5 0.2 loses a fifth of the bytes.
    """
    from patrol_core.params import make_params
    from patrol_emulators.roboteq.controller import Roboteq
    from patrol_emulators.roboteq.unit import RoboteqParams

    values = {"mode": mode, "max_rpm": max_rpm, "pulses_per_rev": ppr}
    params = make_params(RoboteqParams, values)
    about = f"Roboteq {params.model}, mode {mode}, {max_rpm} RPM, {ppr} pulses a turn"
    _serve(Roboteq(params, time.monotonic()), about, port, baud, fault or [], seed, seconds)


@app.command()
def vesc(
    port: _PortOption,
    firmware: Annotated[str, typer.Option(help="Version: 6.02, 6.05, 6.06 or 7.00.")] = "6.05",
    can_id: Annotated[
        int, typer.Option(min=0, max=253, help="Controller id of the second, behind the first.")
    ] = 2,
    timeout_ms: Annotated[
        int, typer.Option(min=0, max=100_000, help="Stored timeout of both [ms]; 0: none.")
    ] = 1000,
    brake_a: Annotated[
        float, typer.Option(min=0.0, max=300.0, help="Stored braking after it [A]; 0: coast.")
    ] = 0.0,
    baud: _BaudOption = 115200,
    kill_switch: Annotated[
        bool, typer.Option("--kill-switch", help="The e-stop is wired to both, and set up.")
    ] = False,
    fault: _FaultOption = None,
    seed: _SeedOption = 0,
    seconds: _SecondsOption = 0.0,
) -> None:
    """Serve two VESCs, the second behind the CAN bus of the first, with two geared motors.

    Point a driver at the port as if the first hung on it. A line a second shows speeds, volts,
    amperes, the timeout and what is wrong. The first has controller id 1. A motor has 7 pole
    pairs and a gear of 10: 1 rad/s of the wheel is 668 ERPM.

    While it runs, type a fault and for how many seconds, as in: noise 2.0

    On the wire: noise, flip, drop, split, merge, echo, delay, silence, unplug (the port goes away
    and comes back). On the device: reset, brownout, overcurrent, overheat, stuck (the sensor of a
    motor), estop (does nothing without --kill-switch: a VESC has no other e-stop). A second number
    changes the amount: drop 5 0.2 loses a fifth of the bytes.
    """
    from patrol_core.params import make_params
    from patrol_emulators.vesc.appconf import FIRMWARES
    from patrol_emulators.vesc.controller import Vescs
    from patrol_emulators.vesc.params import VescParams

    if firmware not in FIRMWARES:
        raise typer.BadParameter(f"one of {', '.join(FIRMWARES)}", param_hint="--firmware")
    if can_id == VescParams().own_id:
        raise typer.BadParameter(f"{can_id} is the first's own", param_hint="--can-id")
    params = make_params(
        VescParams,
        {
            "firmware": firmware,
            "can_id": can_id,
            "timeout_ms": timeout_ms,
            "timeout_brake_a": brake_a,
            "kill_switch": kill_switch,
        },
    )
    about = f"two VESCs, firmware {firmware}, the second with id {can_id} on CAN"
    _serve(Vescs(params, time.monotonic()), about, port, baud, fault or [], seed, seconds)


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError as error:
        raise typer.BadParameter(f"not a number: {text}", param_hint="--address") from error


def _serve(
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
        watchdog = f"{seen.watchdog_s:.1f} s"
    wrong = [*(f"fault {fault.kind.value}" for fault in faults.active), *seen.conditions]
    if port.is_open and not port.is_at_rate:
        wrong.append("the driver is at another baud rate")
    print(
        f"{seen.stamp_s - start_s:6.0f} s  wheels {speeds} rad/s  {amps} A  "
        f"{seen.supply_v:.1f} V  {seen.temperature_c:.0f} C  watchdog {watchdog}  "
        f"packets {seen.packets}, rejected {seen.rejected}  {', '.join(wrong) or 'all right'}",
        flush=True,
    )
