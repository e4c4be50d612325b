"""`./ronda teleop`."""

from __future__ import annotations

from typing import Annotated

import typer


def run(
    namespace: Annotated[str, typer.Option(help="Namespace of the robot.")] = "",
    speed: Annotated[float, typer.Option(help="Speed ahead and back [m/s].")] = 0.3,
    turn: Annotated[float, typer.Option(help="Rate of a turn on the spot [rad/s].")] = 0.5,
) -> None:
    """Drive a running robot by hand, through the gate, from this terminal.

    Hold w, s, a, d or an arrow key: the robot moves from the key's first repetition on, and is
    told to stand 0.2 s after the last. Space is an emergency stop, which latches in the gate; r
    lets it go and asks the gate for a reset. q leaves. A patrol waits meanwhile.

    The line shows what the gate does and why, and how long ago the robot was heard. When it falls
    silent, or this terminal does, the robot stands and is given back.
    """
    from patrol_core.params import make_params
    from ronda_cli.live.watcher import RobotWatcher
    from ronda_cli.teleop.keyboard import Keyboard
    from ronda_cli.teleop.operator import Operator, TeleopParams
    from ronda_cli.teleop.run import TeleopRun
    from ronda_cli.teleop.view import HELP

    params = make_params(TeleopParams, {"speed_mps": speed, "yaw_rate_radps": turn})
    keyboard = Keyboard()
    watcher = RobotWatcher(namespace)
    typer.echo(HELP)
    try:
        number = TeleopRun(watcher, Operator(params), keyboard).run()
    finally:
        watcher.close()
    if number:
        raise typer.Exit(128 + number)
