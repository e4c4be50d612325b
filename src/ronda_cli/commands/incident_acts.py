"""`./ronda incidents acknowledge`, `resolve`, `shelve` and `reopen`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from patrol_core.types.incidents import ActKind

RunOption = Annotated[
    str,
    typer.Option(
        "--run", help="A run in runs/, a path, or postgresql://...; default: the newest."
    ),
]
RobotOption = Annotated[
    str, typer.Option("--robot", help="Whose incidents, in a database that robots share.")
]
NumberArgument = Annotated[int, typer.Argument(help="The incident's number.")]


WhyOption = Annotated[str, typer.Option("--why", help="The reason, in words.")]
WhoOption = Annotated[str, typer.Option("--who", help="Who says so; default: the login name.")]


_ACTS = {
    "acknowledge": "Say that somebody has seen an incident and looks after it.",
    "resolve": "Say that nothing is left to do. It opens again when its cause is seen again.",
    "reopen": "Make an incident new again, whatever was done about it.",
}
"""What needs nothing but a reason, with its help; the names are those of `ActKind`."""


def _act(name: str) -> Callable[..., None]:
    """The command of that name."""

    def act(
        number: NumberArgument,
        why: WhyOption,
        who: WhoOption = "",
        run: RunOption = "",
        robot: RobotOption = "robot",
    ) -> None:
        from patrol_core.types.incidents import ActKind

        _do(ActKind(name), number, why, who, run, robot)

    return act


def shelve(
    number: NumberArgument,
    why: WhyOption,
    how_long: Annotated[str, typer.Option("--for", help="Such as 30m, 8h, 3d or 2w.")],
    who: WhoOption = "",
    run: RunOption = "",
    robot: RobotOption = "robot",
) -> None:
    """Put an incident aside for a while. It comes back by itself, as it was."""
    from patrol_core.types.incidents import ActKind
    from ronda_cli.verdicts import duration_s

    _do(ActKind.SHELVE, number, why, who, run, robot, duration_s(how_long))


def _do(
    kind: ActKind, number: int, why: str, who: str, run: str, robot: str, for_s: float = 0.0
) -> None:
    """Raises ConfigError where there is no such incident, or it cannot be done."""
    from patrol_core.errors import ConfigError
    from patrol_core.types.incidents import ActKind
    from patrol_records.life_cycle import IncidentState
    from patrol_records.queries_inbox import group_of
    from ronda_cli.incident_words import state_words
    from ronda_cli.records import Records
    from ronda_cli.verdicts import give, login_name, new_act

    records = Records(run, robot)
    with closing(records.reader()) as reader:
        group_id = records.incident(reader, number).group_id
        line = group_of(reader, group_id, time.time())
    if kind is ActKind.SHELVE and line.state is IncidentState.RESOLVED:
        raise ConfigError(
            f"incident {number} is resolved", expected="one that is open", remedy="reopen it first"
        )
    give(records, new_act(kind, who or login_name(), why, number, for_s))
    with closing(records.reader()) as reader:
        line = group_of(reader, group_id, time.time())
    print(f"incident {number} of {records.name}: {state_words(line)}")


def add_to(app: typer.Typer) -> None:
    """Make these commands of an application."""
    for name, told in _ACTS.items():
        app.command(name, help=told)(_act(name))
    app.command()(shelve)
