"""`./ronda setup`."""

from __future__ import annotations

from ronda_cli.environment.paths import LOG, VENV


def run() -> None:
    """Make or repair the environment in .venv, and say where it is.

    Every command does this by itself when it is needed. This one also checks that no installed
    file is missing, and makes the environment anew where one is.
    """
    print(f"The environment in {VENV} is ready. What was done: {LOG}")
