"""The command line: one file a command in `ronda_cli/commands`, named in `COMMANDS`.

A command's file defines either `run` (a plain command) or `app` (a `typer.Typer` with commands of
its own). Its docstrings are its help. It imports nothing but the standard library, typer and core
at its top, so that help stays fast; what a command needs to work, it imports inside the function.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import typer

from patrol_core.errors import RondaError
from ronda_cli.ending import end
from ronda_cli.network import check_middleware

COMMANDS = (
    "sim",
    "up",
    "doctor",
    "gate",
    "patrol",
    "record",
    "play",
    "replay",
    "evaluate",
    "incidents",
    "report",
    "visitors",
    "statements",
    "learn",
    "site",
    "motors",
    "talk",
    "teleop",
    "console",
    "network",
    "emulate",
    "bench",
    "test",
    "check",
    "setup",
    "python",
    "upgrade",
    "rollback",
)
"""Every command, in the order of the help."""


def _about() -> None:
    """Ronda: a control stack for autonomous patrol and inspection robots, on ROS 2."""


def build(names: Sequence[str] = COMMANDS) -> typer.Typer:
    """The application with the named commands."""
    app = typer.Typer(
        name="ronda",
        rich_markup_mode="markdown",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_about)
    for name in names:
        module = import_module(f"ronda_cli.commands.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name, context_settings=getattr(module, "CONTEXT", None))(module.run)
    return app


def main() -> NoReturn:
    """Run the command in `sys.argv`; only its own file is imported."""
    wanted = [name for name in COMMANDS if name in sys.argv[1:2]]
    try:
        check_middleware(os.environ)
        build(wanted or COMMANDS)(prog_name="ronda")
    except RondaError as error:
        print(f"ronda: {error}", file=sys.stderr)
        end(1)
    except KeyboardInterrupt:
        end(130)
    except SystemExit as ending:
        if isinstance(ending.code, str):
            print(ending.code, file=sys.stderr)
        end(ending.code if isinstance(ending.code, int) else int(ending.code is not None))
    end(0)
