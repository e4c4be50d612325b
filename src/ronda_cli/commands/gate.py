"""`./ronda gate status`, `./ronda gate stop` and `./ronda gate reset`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from patrol_core.types.status import GateStatus
    from ronda_cli.live.gate_line import GateLine

app = typer.Typer(help="Ask, stop and release the gate.", no_args_is_help=True)
_NamespaceOption = Annotated[str, typer.Option(help="Namespace of the robot.")]


@app.command()
def status(namespace: _NamespaceOption = "") -> None:
    """What the gate lets through now, and why not more."""
    with _line(namespace) as line:
        _print(line.status())


@app.command()
def stop(namespace: _NamespaceOption = "") -> None:
    """Stop the robot by software and keep it stopped until `./ronda gate reset`.

    It needs the computer and the network. The robot's own button needs neither.
    """
    with _line(namespace) as line:
        _print(line.stop())


@app.command()
def reset(
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why it may drive again.")],
    who: Annotated[str, typer.Option(metavar="NAME", help="Default: the login name.")] = "",
    namespace: _NamespaceOption = "",
) -> None:
    """End the latched stops, once their causes are gone. It moves nothing by itself.

    Exit status 1, with the reason, when the gate refuses.
    """
    from ronda_cli.verdicts import login_name

    with _line(namespace) as line:
        _print(line.reset(who or login_name() or "somebody at the command line", why))


@contextmanager
def _line(namespace: str) -> Iterator[GateLine]:
    from ronda_cli.live.gate_line import GateLine
    from ronda_cli.live.watcher import RobotWatcher

    watcher = RobotWatcher(namespace)
    try:
        yield GateLine(watcher)
    finally:
        watcher.close()


def _print(said: GateStatus) -> None:
    typer.echo(
        f"{said.state.value}, {said.authority.value}: at most {said.speed_limit_mps:.2f} m/s"
    )
    for reason in said.reasons:
        typer.echo(f"  {reason}")
