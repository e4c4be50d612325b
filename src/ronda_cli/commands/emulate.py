"""`./ronda emulate`: a subcommand for each motor controller."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from ronda_cli.emulation import (
    BaudOption,
    FaultOption,
    PortOption,
    SecondsOption,
    SeedOption,
    number_of,
    serve,
)

COMMON = (
    "Point a driver at the port as if a controller hung on it. A line a second shows speeds, "
    "volts, amperes, the serial timeout and what is wrong.\n\n"
    "While it runs, type a fault and for how many seconds, as in: noise 2.0\n\n"
    "On the wire: noise, flip, drop, split, merge, echo, delay, silence, unplug (the port goes "
    "away and comes back). On the device: reset, brownout, overcurrent, overheat, estop, stuck "
    "(an encoder). A second number changes the amount: drop 5 0.2 loses a fifth of the bytes."
)
"""What is said of each of them."""

app = typer.Typer(
    help="Serve an emulated motor controller, with its motors and battery, on a serial port.",
    no_args_is_help=True,
)


@app.command(epilog=COMMON)
def roboclaw(
    port: PortOption,
    firmware: Annotated[
        int, typer.Option(help="Bits of the status (command 90): 16 (older) or 32 (newer).")
    ] = 32,
    address: Annotated[str, typer.Option(help="0x80 to 0x87.")] = "0x80",
    ticks: Annotated[
        int, typer.Option(min=1, help="Encoder counts a turn of the wheel; default: the rover's.")
    ] = 4096,
    baud: BaudOption = 115200,
    momentary_estop: Annotated[
        bool, typer.Option("--momentary-estop", help="The e-stop ends when it is let go.")
    ] = False,
    fault: FaultOption = None,
    seed: SeedOption = 0,
    seconds: SecondsOption = 0.0,
) -> None:
    """Serve a RoboClaw (Basicmicro, packet serial): two motors, encoders, a 24 V battery."""
    from patrol_core.params import make_params
    from patrol_emulators.roboclaw.controller import Roboclaw
    from patrol_emulators.roboclaw.unit import RoboclawParams

    number = number_of(address)
    if firmware not in {16, 32}:
        raise typer.BadParameter("16 or 32", param_hint="--firmware")
    params = make_params(
        RoboclawParams,
        {
            "address": number,
            "wide_status": firmware == 32,
            "protection.estop_latches": not momentary_estop,
            "plant.motor.ticks_per_rev": ticks,
        },
    )
    about = f"RoboClaw, address {number:#x}, {firmware}-bit status"
    serve(Roboclaw(params, time.monotonic()), about, port, baud, fault or [], seed, seconds)


@app.command(epilog=COMMON)
def roboteq(
    port: PortOption,
    mode: Annotated[int, typer.Option(help="0: open loop, 1: closed-loop speed (MMOD).")] = 1,
    max_rpm: Annotated[int, typer.Option(help="Speed of the motor at 1000 (MXRPM).")] = 6000,
    ppr: Annotated[int, typer.Option(help="Pulses a turn of the encoder (EPPR).")] = 100,
    baud: BaudOption = 115200,
    fault: FaultOption = None,
    seed: SeedOption = 0,
    seconds: SecondsOption = 0.0,
) -> None:
    """Serve a dual-channel Roboteq with two motors, encoders and a 24 V battery."""
    from patrol_core.params import make_params
    from patrol_emulators.roboteq.controller import Roboteq
    from patrol_emulators.roboteq.unit import RoboteqParams

    values = {"mode": mode, "max_rpm": max_rpm, "pulses_per_rev": ppr}
    params = make_params(RoboteqParams, values)
    about = f"Roboteq {params.model}, mode {mode}, {max_rpm} RPM, {ppr} pulses a turn"
    serve(Roboteq(params, time.monotonic()), about, port, baud, fault or [], seed, seconds)


@app.command(epilog=COMMON)
def vesc(
    port: PortOption,
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
    baud: BaudOption = 115200,
    kill_switch: Annotated[
        bool, typer.Option("--kill-switch", help="The e-stop is wired to both, and set up.")
    ] = False,
    fault: FaultOption = None,
    seed: SeedOption = 0,
    seconds: SecondsOption = 0.0,
) -> None:
    """Serve two VESCs, the second behind the CAN bus of the first, with two geared motors.

    The first has controller id 1. A motor has 7 pole pairs and a gear of 10: 1 rad/s of the wheel
    is 668 ERPM.

    The fault estop does nothing without --kill-switch: a VESC has no other e-stop. Stuck is the
    sensor of a motor.
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
    serve(Vescs(params, time.monotonic()), about, port, baud, fault or [], seed, seconds)


@app.command(epilog=COMMON)
def sabertooth(
    port: PortOption,
    version: Annotated[
        int, typer.Option(help="1 (finds the rate, has no serial timeout) or 2 (stores the rate).")
    ] = 2,
    address: Annotated[str, typer.Option(help="128 to 135.")] = "128",
    baud: Annotated[int, typer.Option(help="2400, 9600, 19200 or 38400.")] = 9600,
    lithium: Annotated[
        bool, typer.Option("--lithium", help="Switch 3 is down: it stops at 3.0 V a cell.")
    ] = False,
    fault: FaultOption = None,
    seed: SeedOption = 0,
    seconds: SecondsOption = 0.0,
) -> None:
    """Serve a Sabertooth 2x25 (packetized serial) with two motors and a 24 V battery.

    It never answers, and no encoder reaches it: only the line a second shows what it does.

    The faults split, merge, delay and stuck change nothing: nothing is answered.
    """
    from patrol_core.params import make_params
    from patrol_emulators.sabertooth.controller import Sabertooth
    from patrol_emulators.sabertooth.unit import RATES, SabertoothParams

    number = number_of(address)
    if baud not in RATES.values():
        raise typer.BadParameter("2400, 9600, 19200 or 38400", param_hint="--baud")
    params = make_params(
        SabertoothParams,
        {"address": number, "version": version, "baud": baud, "protection.lithium": lithium},
    )
    about = f"Sabertooth 2x25 version {version}, address {number}"
    serve(Sabertooth(params, time.monotonic()), about, port, baud, fault or [], seed, seconds)


@app.command(epilog=COMMON)
def odrive(
    port: PortOption,
    baud: BaudOption = 115200,
    from_factory: Annotated[
        bool, typer.Option("--from-factory", help="Nothing is calibrated, tuned or saved.")
    ] = False,
    narrow_print: Annotated[
        bool, typer.Option("--narrow-print", help="64-bit numbers read 'lu', as in some builds.")
    ] = False,
    fault: FaultOption = None,
    seed: SeedOption = 0,
    seconds: SecondsOption = 0.0,
) -> None:
    """Serve an ODrive v3.6 (firmware 0.5.6, ASCII protocol) with two wheels and a 24 V battery.

    It is set up as a base would have it: calibrated, in velocity control with a ramp, its watchdog
    off.

    The fault estop changes nothing: an ODrive v3 has no such input. Overheat means less current
    from 100 degrees C on, and an error from 125 on: overheat 5 130.
    """
    from patrol_core.params import make_params
    from patrol_emulators.odrive.controller import Odrive
    from patrol_emulators.odrive.settings import OdriveParams

    params = make_params(
        OdriveParams, {"is_set_up": not from_factory, "prints_64_bits": not narrow_print}
    )
    about = "ODrive v3.6, firmware 0.5.6, ASCII protocol"
    if from_factory:
        about += ", as from the factory"
    serve(Odrive(params, time.monotonic()), about, port, baud, fault or [], seed, seconds)
