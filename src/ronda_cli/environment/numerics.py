"""Importing a module of numba kernels compiles them into the cache in the environment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ronda_cli.environment.paths import PYTHON, ROOT, STAMPS, SetupError, digest, read
from ronda_cli.environment.report import Report


def modules() -> dict[str, Path]:
    """Every module whose name ends in `kernels` under src and sim, by its dotted name."""
    return {
        ".".join(path.relative_to(base).with_suffix("").parts): path
        for base in (ROOT / "src", ROOT / "sim")
        for path in sorted(base.rglob("*kernels.py"))
    }


def key() -> str:
    """As in numba's own cache: the time and size of each file."""
    stats = ((path, path.stat()) for path in modules().values())
    words = [f"{path} {stat.st_mtime_ns} {stat.st_size}" for path, stat in stats]
    return digest([], read(STAMPS / "packages"), *words)


def compile_all(report: Report) -> None:
    """Import each; one that fails is reported, and fails again where it is used.

    All anew: a kernel holds the code of those that it calls, and numba's cache does not see that
    another module has changed.
    """
    shutil.rmtree(os.environ.get("NUMBA_CACHE_DIR", ""), ignore_errors=True)
    for name in modules():
        report.progress(name)
        try:
            report.command([PYTHON, "-c", f"import {name}"])
        except SetupError as error:
            report.say(f"{name} does not import:\n{error}")
