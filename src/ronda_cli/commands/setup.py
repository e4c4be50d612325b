"""`./ronda setup`."""

from __future__ import annotations

from ronda_cli.environment.paths import LOG, VENV


def run() -> None:
    """Make or repair the environment in .venv, and say where it is.

    Every command does this by itself when it is needed. This one also checks that no installed
    file is missing, and installs again what is damaged.
    """
    print(f"The environment in {VENV} is ready. What was done: {LOG}")
