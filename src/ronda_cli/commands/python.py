"""`./ronda python`."""

from __future__ import annotations

import os
import sys

import typer

CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
"""The options are those of Python, but for its help."""


def run(context: typer.Context) -> None:
    """Run Python as Ronda's processes do: with rclpy, the messages, and DDS on this machine.

    What follows goes to Python: a file and its arguments, -c CODE, -m MODULE; nothing: a prompt.
    """
    if context.args in (["-h"], ["--help"]):
        print(context.get_help())
        return
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *context.args])  # noqa: S606
