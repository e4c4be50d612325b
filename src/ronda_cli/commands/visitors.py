"""`./ronda visitors`."""

from __future__ import annotations

from typing import Annotated

import typer

_SPIN_S = 0.1


def run(
    namespace: Annotated[str, typer.Option(help="Namespace of the robot.")] = "",
    who: Annotated[str, typer.Option(metavar="NAME", help="Default: the login name.")] = "",
) -> None:
    """Watch what visitors of a running robot want, and speak with them yourself.

    Shows who comes, calls for help, reports something or wants a human. /take 1 lets you speak
    with visitor 1 in the robot's place, which is told to them; /leave gives them back to it.
    """
    import select
    import sys

    from patrol_core.topics import DIALOGUE, OPERATOR_LINES
    from patrol_core.types.dialogue import DialogueEvent
    from ronda_cli.live.visitors_desk import HELP, VisitorsDesk
    from ronda_cli.live.watcher import RobotWatcher
    from ronda_cli.verdicts import login_name

    watcher = RobotWatcher(namespace)
    try:
        desk = VisitorsDesk(who or login_name() or "somebody at the command line")
        say = watcher.publisher(OPERATOR_LINES)

        def show(event: DialogueEvent) -> None:
            line = desk.hear(event)
            if line:
                typer.echo(line)

        watcher.on(DIALOGUE, show)
        typer.echo(HELP)
        while True:
            watcher.spin(_SPIN_S)
            if not select.select([sys.stdin], [], [], 0.0)[0]:
                continue
            line = sys.stdin.readline()
            if not line or line.strip() == "/quit":
                break
            if line.strip():
                answer = desk.typed(line)
                if isinstance(answer, str):
                    typer.echo(answer)
                else:
                    say(answer)
        watcher.spin(_SPIN_S)
    finally:
        watcher.close()
