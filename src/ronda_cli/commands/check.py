"""`./ronda check`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ronda_cli.commands.test import ALL_CORES
from ronda_cli.environment.paths import ROOT

_BIN = Path(sys.executable).parent

CHECKS: tuple[tuple[str, list[str | Path], str], ...] = (
    ("format", [_BIN / "ruff", "format", "--check", "."], "./ronda check --fix"),
    ("lint", [_BIN / "ruff", "check", "--no-cache", "."], "./ronda check --fix, then by hand"),
    ("imports", [_BIN / "lint-imports"], "the import law is in pyproject.toml"),
    ("types", [_BIN / "mypy"], ""),
    ("unit tests", [sys.executable, "-m", "pytest", "-q", *ALL_CORES, "tests/unit"], ""),
)
"""Name, command, remedy."""


def run(fix: bool = False) -> None:
    """Check format, lint, the import law, types and the unit tests: what to run before a commit.

    One line a check; the details only where one fails. --fix formats, mends what ruff can, and
    writes the pages anew that are made from code.
    """
    if fix:
        from ronda_cli import gazebo_bridge_page, mission_page, parameter_page

        for words in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
            subprocess.run([_BIN / "ruff", *words, "."], cwd=ROOT, check=True)
        for made in (parameter_page, mission_page, gazebo_bridge_page):
            made.PAGE.write_text(made.page(), encoding="utf-8")
    failed = [name for name, command, remedy in CHECKS if not _passes(name, command, remedy)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")
    print("all checks pass")


def _passes(name: str, command: list[str | Path], remedy: str) -> bool:
    print(f"{name:12}", end="", flush=True)
    started_s = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    ok = done.returncode == 0
    print(f"{'ok' if ok else 'FAILED'}  {time.monotonic() - started_s:.1f} s", flush=True)
    if not ok:
        print((done.stdout + done.stderr).rstrip())
        if remedy:
            print(f"remedy: {remedy}")
    return ok
